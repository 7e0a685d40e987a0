"""Who is calling, and may they? The browser's cookie, a bearer token, or an API key; one policy for each route."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import g, request
from flask_jwt_extended import create_access_token, decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from flask_login import UserMixin, current_user
from jwt.exceptions import PyJWTError

from webapp.accounts import queries, service
from webapp.accounts.models import LoginSession, Role, User
from webapp.errors import Forbidden, InvalidKey, Unauthorized
from webapp.gates.catalogue import Key
from webapp.gates.runtime import runtime
from webapp.kit import tokens
from webapp.throttle import counting_failures

KEY_HEADER = "X-API-KEY"


@dataclass(frozen=True)
class Policy:
    """Who may use a route: anyone, an account of at least `role`, or an API key with `scope`."""

    role: Role | None = None
    scope: str | None = None


PUBLIC = Policy()
MEMBER, VIEWER, OPERATOR, ADMIN = (Policy(role=role) for role in Role)
INGEST = Policy(scope="ingest")


def authorize(policy: Policy) -> None:
    """Let the request in or raise Unauthorized, InvalidKey or Forbidden. Touches no body."""
    if policy.scope is not None:
        g.key = api_key(request.headers.get(KEY_HEADER, ""), policy.scope)
    elif policy.role is not None:
        g.session = bearer_session(request.headers.get("Authorization", ""))
        if g.session.user.role < policy.role:
            raise Forbidden()


def api_key(secret: str, scope: str) -> Key:
    """The live key `secret` with `scope`. Raises InvalidKey or Forbidden."""
    if not secret:
        raise InvalidKey()
    key = runtime().catalogue.key(tokens.digest(secret))
    if key.scope != scope:
        raise Forbidden()
    return key


def bearer_session(header: str) -> LoginSession:
    """The live session behind `Authorization: Bearer …`. Raises Unauthorized."""
    kind, _, token = header.partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Unauthorized()
    try:
        claims = decode_token(token.strip())
        session_id = uuid.UUID(claims["sid"])
    except (JWTExtendedException, PyJWTError, KeyError, ValueError, TypeError, AttributeError):
        raise Unauthorized() from None
    session = queries.session(session_id)
    if session is None or not session.is_live or str(session.user_id) != claims["sub"]:
        raise Unauthorized()
    return session


def sign_in(identifier: str, password: str, surface: str, lifetime: timedelta) -> LoginSession:
    """Open a session for the caller. Raises InvalidCredentials, InactiveAccount or TooManyRequests."""
    address = request.remote_addr or ""
    with counting_failures(identifier, address):
        return service.sign_in(
            identifier,
            password,
            surface=surface,
            lifetime=lifetime,
            ip_address=address,
            user_agent=request.user_agent.string,
        )


def access_token(session: LoginSession, lifetime: timedelta) -> str:
    """A JWT (HS256) bound to the session: revoke the session and the token is worth nothing."""
    claims = {"sid": str(session.id), "role": session.user.role.word}
    return str(create_access_token(str(session.user_id), additional_claims=claims, expires_delta=lifetime))


class SignedIn(UserMixin):
    """Flask-Login's view of a browser session."""

    def __init__(self, session: LoginSession) -> None:
        self.session = session
        self.user = session.user

    def get_id(self) -> str:
        return str(self.session.id)


def load_signed_in(session_id: str) -> SignedIn | None:
    """Flask-Login's user loader: the cookie holds a session's id; a dead session is nobody."""
    try:
        session = queries.session(uuid.UUID(session_id))
    except ValueError:
        return None
    return SignedIn(session) if session is not None and session.is_live else None


def signed_in() -> SignedIn | None:
    """Whoever is signed in with the browser."""
    return current_user if current_user.is_authenticated else None


def current_account() -> User:
    """The account behind this request, whichever door it used. Raises Unauthorized when there is none."""
    return current_session().user


def current_session() -> LoginSession:
    """The session behind this request. Raises Unauthorized when there is none."""
    session: Any = g.get("session")
    if session is None and (browser := signed_in()) is not None:
        session = browser.session
    if session is None:
        raise Unauthorized()
    return session
