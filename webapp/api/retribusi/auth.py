"""Signing in for a token (contract 1, Authentication)."""

from datetime import timedelta

from flask import Response

from webapp import config
from webapp.api.retribusi import envelope, presenters, retribusi, schemas
from webapp.identity import PUBLIC, access_token, sign_in


@retribusi.operation(
    "POST",
    "/auth/v1/login",
    policy=PUBLIC,
    body=schemas.LoginIn,
    returns=schemas.LoginOut,
    errors=[401, 403, 429],
)
def login(body: schemas.LoginIn) -> Response:
    """Login: a token for an account."""
    lifetime = timedelta(seconds=config.current().JWT_TTL_SECONDS)
    session = sign_in(body.username, body.password, "retribusi", lifetime)
    token = access_token(session, lifetime)
    return envelope.ok(
        {
            "token": token,
            "expires_in": config.current().JWT_TTL_SECONDS,
            "user": presenters.user(session.user),
        }
    )
