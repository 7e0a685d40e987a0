"""Contract 4: service accounts, and administration of users."""

from webapp.api.scheduler import envelope
from webapp.api.surface import Surface

scheduler = Surface(
    "scheduler", __name__, prefixes=("/login", "/refresh/token", "/logout", "/user"), dialect=envelope
)

from webapp.api.scheduler import auth, profile, users  # noqa: E402 - routes attach themselves to the surface

__all__ = ["auth", "profile", "scheduler", "users"]
