"""Contract 4: service accounts, and administration of users."""

from webapp.api.scheduler import envelope
from webapp.api.surface import Surface

scheduler = Surface(
    "scheduler", __name__, prefixes=("/login", "/refresh/token", "/logout", "/user"), dialect=envelope
)

from webapp.api.scheduler import auth  # noqa: E402 - the routes attach themselves to the surface above

__all__ = ["auth", "scheduler"]
