"""Contract 2: billing staff's front ends."""

from limits import RateLimitItemPerMinute

from webapp.api.ftth import envelope
from webapp.api.surface import Surface

ftth = Surface(
    "ftth",
    __name__,
    prefixes=(
        "/api/users",
        "/api/dashboard",
        "/api/pelanggan",
        "/api/langganan",
        "/api/paket",
        "/api/brands",
        "/api/data_teknis",
        "/api/invoices",
        "/api/payments",
        "/api/mikrotik_servers",
        "/api/reports",
        "/api/notifications",
        "/ws/notifications",
        "/api/activity-logs",
        "/api/webhooks",
        "/api/gateway-callbacks",
        "/api/billing-runs",
        "/api/dunning",
    ),
    dialect=envelope,
    per_user=RateLimitItemPerMinute(100, namespace="ftth"),  # contract 2, Rate Limiting
)

from webapp.api.ftth import (  # noqa: E402 - the routes attach themselves to the surface above
    activity_logs,
    auth,
    catalogue,
    customers,
    dunning,
    figures,
    gateway,
    invoice_files,
    invoices,
    lines,
    notifications,
    payments,
    routers,
    runs,
    subscriptions,
    transfers,
    webhooks,
)

__all__ = [
    "activity_logs",
    "auth",
    "catalogue",
    "customers",
    "dunning",
    "figures",
    "ftth",
    "gateway",
    "invoice_files",
    "invoices",
    "lines",
    "notifications",
    "payments",
    "routers",
    "runs",
    "subscriptions",
    "transfers",
    "webhooks",
]
