"""Contract 3: report operators, and partners with API keys and signatures."""

from webapp.api.datalane import envelope
from webapp.api.surface import Surface

datalane = Surface(
    "datalane",
    __name__,
    prefixes=(
        "/api/auth",
        "/api/queue",
        "/api/tasks",
        "/api/schedules",
        "/api/settings",
        "/api/api-keys",
        "/api/sessions",
        "/api/sse",
        "/api/stations",
        "/config.js",
    ),
    dialect=envelope,
    signed=True,
)

from webapp.api.datalane import (  # noqa: E402 - the routes attach themselves to the surface above
    auth,
    keys,
    runtime,
    schedules,
    sessions,
    settings,
    stations,
    streams,
    tasks,
)

__all__ = [
    "auth",
    "datalane",
    "keys",
    "runtime",
    "schedules",
    "sessions",
    "settings",
    "stations",
    "streams",
    "tasks",
]
