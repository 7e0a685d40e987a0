"""Signing in, refreshing, signing out (contract 4, Authentication)."""

from flask import Response

from webapp import signin
from webapp.api.scheduler import envelope, presenters, scheduler, schemas
from webapp.identity import MEMBER, PUBLIC


@scheduler.operation(
    "POST",
    "/login",
    policy=PUBLIC,
    always=True,
    body=schemas.Login,
    headers=signin.HEADERS,
    returns=schemas.TokenPair,
    errors=[401, 403, 429],
)
def login(body: schemas.Login) -> Response:
    """Login with a user name or an e-mail: an access token for 15 minutes, a refresh token for 7 days."""
    tokens = signin.sign_in(body.identifier, body.password, "scheduler")
    return envelope.secret("Login success!", presenters.token_pair(tokens))


@scheduler.operation(
    "POST",
    "/refresh/token",
    policy=PUBLIC,
    always=True,
    body=schemas.RefreshToken,
    returns=schemas.TokenPair,
    errors=[401],
)
def refresh(body: schemas.RefreshToken) -> Response:
    """A new pair of tokens; the refresh token is spent, and a second use of it ends the session."""
    tokens = signin.refresh(body.refresh_token, "scheduler")
    return envelope.secret("Refresh success!", presenters.token_pair(tokens))


@scheduler.operation("POST", "/logout", policy=MEMBER, always=True, body=schemas.RefreshToken, errors=[404])
def logout(body: schemas.RefreshToken) -> Response:
    """Logout: the session ends, its tokens are worth nothing."""
    signin.sign_out(body.refresh_token)
    return envelope.ok("Logout successful!")
