"""The browser's door: pages and their HTMX fragments."""

from webapp.web.pages import Pages

web = Pages("web", __name__)

# The pages attach themselves to the blueprint above.
from webapp.web import (  # noqa: E402
    dashboard,
    events,
    gates,
    keys,
    locations,
    preferences,
    recounts,
    session,
    shifts,
    tariffs,
)

__all__ = [
    "dashboard",
    "events",
    "gates",
    "keys",
    "locations",
    "preferences",
    "recounts",
    "session",
    "shifts",
    "tariffs",
    "web",
]
