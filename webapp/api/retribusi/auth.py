"""Signing in for a token (contract 1, Authentication)."""

from flask import Response

from webapp.api.retribusi import envelope, presenters, retribusi, schemas
from webapp.identity import PUBLIC
from webapp.signin import HEADERS, sign_in


@retribusi.operation(
    "POST",
    "/auth/v1/login",
    policy=PUBLIC,
    always=True,
    body=schemas.LoginIn,
    returns=schemas.LoginOut,
    errors=[401, 403, 429],
    headers=HEADERS,
)
def login(body: schemas.LoginIn) -> Response:
    """Login: a token for an account."""
    tokens = sign_in(body.username, body.password, "retribusi")
    return envelope.ok(
        {
            "token": tokens.access,
            "expires_in": tokens.expires_in,
            "user": presenters.user(tokens.user),
        }
    )
