"""The browser's door: pages and their HTMX fragments."""

from webapp.web.pages import Pages

web = Pages("web", __name__)

# The pages attach themselves to the blueprint above.
from webapp.web import (  # noqa: E402
    dashboard,
    preferences,
    session,
)

__all__ = ["dashboard", "preferences", "session", "web"]
