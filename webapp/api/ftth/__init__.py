"""Contract 2: billing staff's front ends."""

from webapp.api.ftth import envelope
from webapp.api.surface import Surface

ftth = Surface(
    "ftth",
    __name__,
    prefixes=(
        "/api/users",
        "/api/dashboard",
        "/api/pelanggan",
        "/api/data_teknis",
        "/api/invoices",
        "/api/payments",
        "/api/mikrotik_servers",
        "/api/reports",
        "/api/notifications",
        "/api/activity-logs",
        "/api/gateway-callbacks",
    ),
    dialect=envelope,
)

from webapp.api.ftth import (  # noqa: E402 - the routes attach themselves to the surface above
    auth,
    figures,
    gateway,
    invoices,
    payments,
)

__all__ = ["auth", "figures", "ftth", "gateway", "invoices", "payments"]
