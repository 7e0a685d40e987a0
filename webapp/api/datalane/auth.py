"""Signing in and out (contract 3, A)."""

from flask import Response

from webapp.accounts import sessions
from webapp.api.datalane import datalane, envelope, schemas
from webapp.identity import MEMBER, PUBLIC, current_visit
from webapp.signin import HEADERS, sign_in


@datalane.operation(
    "POST",
    "/api/auth/login",
    policy=PUBLIC,
    always=True,
    body=schemas.LoginIn,
    returns=schemas.LoginOut,
    headers=HEADERS,
    errors=[401, 403, 409, 429],
)
def login(body: schemas.LoginIn) -> Response:
    """Login: a token for twelve hours."""
    tokens = sign_in(body.username, body.password, "datalane")
    return envelope.secret(
        {
            "token": tokens.access,
            "expires_at": envelope.moment(tokens.session.expires_at),
            "session_id": str(tokens.session.id),
        }
    )


@datalane.operation("POST", "/api/auth/logout", policy=MEMBER, always=True)
def logout() -> Response:
    """Logout: the token's session ends now."""
    sessions.revoke_session(current_visit().session_id)
    return envelope.ok(None)
