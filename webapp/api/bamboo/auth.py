"""Accounts of the mapping app (contract 5, Autentikasi)."""

from flask import Response
from limits import RateLimitItemPerHour

from webapp import signin
from webapp.accounts import service, sessions
from webapp.api.bamboo import bamboo, envelope, presenters, schemas
from webapp.identity import MEMBER, PUBLIC, current_account

PATH = "/api/v1/auth"


@bamboo.operation(
    "POST",
    f"{PATH}/register",
    policy=PUBLIC,
    body=schemas.Registration,
    per_address=RateLimitItemPerHour(20),
    returns=schemas.User,
    status=201,
    errors=[403, 409],
)
def register(body: schemas.Registration) -> Response:
    """Register oneself as a member, where the setting `allow_registration` is on."""
    user = service.register(body.email, body.password, body.name)
    return envelope.ok("Registration successful", presenters.user(user), 201)


@bamboo.operation(
    "POST",
    f"{PATH}/login",
    policy=PUBLIC,
    always=True,
    body=schemas.Login,
    headers=signin.HEADERS,
    returns=schemas.TokenOut,
    errors=[401, 403, 429],
)
def login(body: schemas.Login) -> Response:
    """Login: an access token for an hour, a refresh token for 7 days."""
    tokens = signin.sign_in(body.email, body.password, "bamboo")
    return envelope.secret("Login successful", presenters.tokens(tokens))


@bamboo.operation(
    "POST",
    f"{PATH}/refresh",
    policy=PUBLIC,
    always=True,
    body=schemas.RefreshToken,
    returns=schemas.TokenOut,
    errors=[401],
)
def refresh(body: schemas.RefreshToken) -> Response:
    """A new pair of tokens; the refresh token is spent, and a second use of it ends the session."""
    tokens = signin.refresh(body.refresh_token, "bamboo")
    return envelope.secret("Token refreshed", presenters.tokens(tokens))


@bamboo.operation("GET", f"{PATH}/me", policy=MEMBER, returns=schemas.User)
def me() -> Response:
    """One's own account."""
    return envelope.ok("Operation successful", presenters.user(current_account()))


@bamboo.operation("POST", f"{PATH}/logout", policy=MEMBER, always=True)
def logout() -> Response:
    """Logout everywhere: all of the account's refresh tokens are revoked, and their sessions end."""
    sessions.revoke_refresh_tokens(current_account())
    return envelope.ok("Logout successful")
