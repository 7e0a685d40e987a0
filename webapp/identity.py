"""Who is calling, and may they? The browser's cookie, a bearer token, or an API key; one policy for each route."""

import uuid
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import current_app, g, request
from flask_jwt_extended import decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from flask_login import UserMixin, current_user
from jwt.exceptions import ExpiredSignatureError, PyJWTError

from webapp import audit
from webapp.accounts import keys, queries
from webapp.accounts.models import Role, User
from webapp.accounts.queries import LiveKey, Visit
from webapp.errors import Forbidden, InvalidKey, TokenExpired, Unauthorized
from webapp.extensions import db
from webapp.gates.catalogue import Key
from webapp.gates.runtime import runtime
from webapp.kit import clock, tokens

KEY_HEADER = "X-API-KEY"
ANY_SCOPE = "*"
KNOWN_TOKENS = 10_000


@dataclass(frozen=True)
class Policy:
    """Who may use a route: anyone, an account of at least `role`, an API key with `scope`, or (both) either."""

    role: Role | None = None
    scope: str | None = None

    @property
    def is_public(self) -> bool:
        return self.role is None and self.scope is None


PUBLIC = Policy()
MEMBER, VIEWER, OPERATOR, ADMIN = (Policy(role=role) for role in Role)
INGEST = Policy(scope="ingest")
SHARED = Policy(Role.ADMIN, "reports")  # contract 3's access levels (contracts, 3 datalane)
PROTECTED = Policy(Role.VIEWER, ANY_SCOPE)


def authorize(policy: Policy) -> None:
    """Let the request in or raise Unauthorized, InvalidKey or Forbidden. Touches no body.

    Afterwards `g.visit` or `g.key` says who it is, `g.credential` with what they proved it.
    """
    if policy.is_public:
        return
    if policy.scope is not None and (policy.role is None or KEY_HEADER in request.headers):
        g.credential = request.headers.get(KEY_HEADER, "")
        g.key = _device_key(g.credential) if policy is INGEST else _partner_key(g.credential, policy.scope)
    elif KEY_HEADER in request.headers and "Authorization" not in request.headers:
        _partner_key(request.headers[KEY_HEADER], ANY_SCOPE)
        raise Forbidden()  # a good key, but only people may come in here
    else:
        g.credential = bearer_token()
        g.visit = token_visit(g.credential)
        if policy.role is None or g.visit.role < policy.role:
            raise Forbidden()


def _device_key(secret: str) -> Key:
    """The live key `secret` that may post events: from memory, so that a wrong one costs no query."""
    if not secret:
        raise InvalidKey()
    key = runtime().catalogue.key(tokens.digest(secret))
    if key.scope != INGEST.scope:
        raise Forbidden()
    return key


def _partner_key(secret: str, scope: str) -> LiveKey:
    """The live key `secret` with `scope`, by its hash in one query."""
    key = queries.live_key(tokens.digest(secret)) if secret else None
    if key is None:
        raise InvalidKey()
    audit.become(key_id=key.id, name=key.name)
    if key.is_untouched:
        keys.touch_key(key.id)
    if scope not in (ANY_SCOPE, key.scope):
        raise Forbidden()
    return key


def bearer_token() -> str:
    """What stands behind `Authorization: Bearer`. Raises Unauthorized."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Unauthorized()
    return token.strip()


def token_visit(token: str) -> Visit:
    """The live session that an access token belongs to. Raises TokenExpired or Unauthorized."""
    claims = decoded(token, "access")
    visit = queries.visit(claims["sid"])
    if visit is None or str(visit.user_id) != claims["sub"]:
        raise Unauthorized()
    audit.become(user_id=visit.user_id, name=visit.username)
    return visit


def decoded(token: str, kind: str) -> dict[str, Any]:
    """The claims of a token of ours that is an `access` or a `refresh` token. Raises TokenExpired or Unauthorized."""
    try:
        claims = _verified(token, current_app.config["JWT_SECRET_KEY"])
    except ExpiredSignatureError:
        raise TokenExpired() from None
    except (JWTExtendedException, PyJWTError, KeyError, ValueError, TypeError, AttributeError):
        raise Unauthorized() from None
    if claims["exp"] <= clock.unix():
        raise TokenExpired()
    if claims["type"] != kind:
        raise Unauthorized()
    return claims


@lru_cache(KNOWN_TOKENS)
def _verified(token: str, _key: str) -> dict[str, Any]:
    """The claims of a token signed with the application's key. The same text says the same for ever, but `exp`."""
    claims: dict[str, Any] = decode_token(token)
    return claims | {"sid": uuid.UUID(claims["sid"]), "type": claims["type"], "exp": claims["exp"]}


def caller() -> str:
    """Who has been let in, as a counter knows them: an account, or an API key."""
    key: Key | LiveKey | None = g.get("key")
    return f"key {key.id}" if key is not None else f"user {current_visit().user_id}"


class SignedIn(UserMixin):
    """Flask-Login's view of a browser session."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit

    def get_id(self) -> str:
        return str(self.visit.session_id)


def load_signed_in(session_id: str) -> SignedIn | None:
    """Flask-Login's user loader: the cookie holds a session's id; a dead session is nobody."""
    try:
        visit = queries.visit(uuid.UUID(session_id))
    except ValueError:
        return None
    if visit is None:
        return None
    audit.become(user_id=visit.user_id, name=visit.username)
    return SignedIn(visit)


def signed_in() -> Visit | None:
    """Whoever is signed in with the browser."""
    return current_user.visit if current_user.is_authenticated else None


def current_visit() -> Visit:
    """The session behind this request, whichever door it used. Raises Unauthorized when there is none."""
    visit: Visit | None = g.get("visit") or signed_in()
    if visit is None:
        raise Unauthorized()
    return visit


def current_account() -> User:
    """The account behind this request. Raises Unauthorized when there is none."""
    return db.session.get_one(User, current_visit().user_id)
