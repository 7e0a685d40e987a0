"""Signing in, refreshing, signing out (contract 2, Authentication Endpoints)."""

from flask import Response
from limits import RateLimitItemPerMinute

from webapp import signin
from webapp.api.ftth import envelope, ftth, presenters, schemas
from webapp.identity import MEMBER, PUBLIC


@ftth.operation(
    "POST",
    "/api/users/token",
    policy=PUBLIC,
    always=True,
    body=schemas.Password,
    forms=True,
    headers=signin.HEADERS,
    per_address=RateLimitItemPerMinute(5, 5),  # contract 2, Rate Limiting
    returns=schemas.TokenOut,
    errors=[401, 403],
)
def token(body: schemas.Password) -> Response:
    """Login with an e-mail or a user name: an access token for an hour, a refresh token for 7 days."""
    return envelope.secret(presenters.tokens(signin.sign_in(body.username, body.password, "ftth")))


@ftth.operation(
    "POST",
    "/api/users/refresh",
    policy=PUBLIC,
    always=True,
    body=schemas.RefreshToken,
    returns=schemas.TokenOut,
    errors=[401],
)
def refresh(body: schemas.RefreshToken) -> Response:
    """A new pair of tokens; the refresh token is spent, and a second use of it ends the session."""
    return envelope.secret(presenters.tokens(signin.refresh(body.refresh_token, "ftth")))


@ftth.operation(
    "POST",
    "/api/users/logout",
    policy=MEMBER,
    always=True,
    body=schemas.RefreshToken,
    returns=schemas.Message,
    errors=[404],
)
def logout(body: schemas.RefreshToken) -> Response:
    """Logout: the session ends, its tokens are worth nothing."""
    signin.sign_out(body.refresh_token)
    return envelope.ok({"message": "Successfully logged out"})
