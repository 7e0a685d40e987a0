"""Contract 1: gate devices post events, the gate operators' front end reads and manages."""

from webapp.api.retribusi import envelope
from webapp.api.surface import Surface

retribusi = Surface(
    "retribusi", __name__, prefixes=("/health", "/docs", "/auth/v1", "/retribusi/v1"), dialect=envelope
)

from webapp.api.retribusi import (  # noqa: E402 - the routes attach themselves to the surface above
    auth,
    dashboard,
    gates,
    health,
    ingest,
    locations,
    realtime,
    summary,
    tariffs,
)

__all__ = [
    "auth",
    "dashboard",
    "gates",
    "health",
    "ingest",
    "locations",
    "realtime",
    "retribusi",
    "summary",
    "tariffs",
]
