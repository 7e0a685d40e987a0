"""The browser's door: pages and their HTMX fragments."""

from webapp.web.pages import Pages

web = Pages("web", __name__)

from webapp.web import dashboard, session  # noqa: E402 - the pages attach themselves to the blueprint above

__all__ = ["dashboard", "session", "web"]
