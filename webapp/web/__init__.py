"""The browser's door: pages and their HTMX fragments."""

from webapp.web.pages import Pages

web = Pages("web", __name__)

# The pages attach themselves to the blueprint above.
from webapp.web import (  # noqa: E402
    activity,
    apikeys,
    dashboard,
    events,
    field,
    gates,
    imports,
    keys,
    labels,
    locations,
    map,  # noqa: A004 - the page's name
    markerfiles,
    markers,
    photos,
    preferences,
    profile,
    public,
    recounts,
    second_factor,
    session,
    sessions,
    settings,
    shifts,
    tariffs,
    users,
)

__all__ = [
    "activity",
    "apikeys",
    "dashboard",
    "events",
    "field",
    "gates",
    "imports",
    "keys",
    "labels",
    "locations",
    "map",
    "markerfiles",
    "markers",
    "photos",
    "preferences",
    "profile",
    "public",
    "recounts",
    "second_factor",
    "session",
    "sessions",
    "settings",
    "shifts",
    "tariffs",
    "users",
    "web",
]
