"""Reading accounts."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Engine, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from webapp.accounts.models import ApiKey, LoginSession, RecoveryCode, RefreshToken, Role, User
from webapp.database import AnySelect, aside, intent, peek
from webapp.extensions import db
from webapp.kit import clock
from webapp.kit.like import containing
from webapp.kit.paging import Page

MAX_GATE_KEYS = 100


@dataclass(frozen=True)
class Credentials:
    user_id: int
    username: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A live session and its account, as every request needs them."""

    session_id: uuid.UUID
    surface: str
    user_id: int
    username: str
    name: str
    role: Role
    has_second_factor: bool


@dataclass(frozen=True, slots=True)
class LiveKey:
    """An API key that works, as a request needs it."""

    id: int
    name: str
    scope: str
    gate_id: int | None
    is_untouched: bool  # not seen for a minute


def find_credentials(identifier: str) -> Credentials | None:
    """Who signs in as `identifier` (user name or e-mail). Reads and lets go of the database before hashing starts."""
    wanted = identifier.strip().lower()
    if "\0" in wanted:
        return None  # PostgreSQL would rather not be asked
    return _credentials(or_(User.username == wanted, User.email == wanted))


def credentials_of(user_id: int) -> Credentials | None:
    return _credentials(User.id == user_id)


def _credentials(which: ColumnElement[bool]) -> Credentials | None:
    row = aside(select(User.id, User.username, User.password_hash).where(which, User.deleted_at.is_(None)))
    return Credentials(*row) if row else None


_VISIT = """
    SELECT s.surface, u.id, u.username, u.name, u.role, u.totp_enabled_at IS NOT NULL
    FROM sessions s JOIN users u ON u.id = s.user_id
    WHERE s.id = ? AND s.revoked_at IS NULL AND s.expires_at > ? AND u.is_active
"""


def visit(session_id: uuid.UUID) -> Visit | None:
    """The session with this id and its account, unless it was revoked, is expired or the account is switched off."""
    row = peek(_VISIT, session_id, clock.now())
    if row is None:
        return None
    surface, user_id, username, name, role, secured = row
    return Visit(session_id, surface, user_id, username, name, Role(role), bool(secured))


def visit_of(opened: LoginSession) -> Visit:
    """A session that was just opened, as its first request needs it."""
    user = opened.user
    return Visit(
        opened.id,
        opened.surface,
        user.id,
        user.username,
        user.name,
        user.role,
        user.has_second_factor,
    )


def session(session_id: uuid.UUID) -> LoginSession | None:
    return db.session.get(LoginSession, session_id)


def refresh_token(digest: str) -> RefreshToken | None:
    return db.session.scalar(select(RefreshToken).where(RefreshToken.token_hash == digest))


def live_sessions(engine: Engine, ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Those of `ids` (at most 500) that are neither revoked nor expired and whose user is active."""
    statement = (
        select(LoginSession.id)
        .join(User)
        .where(LoginSession.id.in_(list(ids)), LoginSession.revoked_at.is_(None))
        .where(LoginSession.expires_at > clock.now(), User.is_active)
    )
    with intent(write=False), engine.connect() as connection:
        return set(connection.scalars(statement))


def live_keys(engine: Engine, ids: Iterable[int]) -> set[int]:
    """Those of the API keys `ids` (at most 500) that are on and have not expired."""
    unexpired = or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > clock.now())
    statement = select(ApiKey.id).where(ApiKey.id.in_(list(ids)), ApiKey.is_active, unexpired)
    with intent(write=False), engine.connect() as connection:
        return set(connection.scalars(statement))


def _live() -> ColumnElement[bool]:
    return and_(LoginSession.revoked_at.is_(None), LoginSession.expires_at > clock.now(), User.is_active)


def sessions_page(
    number: int, size: int, *, user_id: int | None = None, surface: str = "", search: str = ""
) -> Page[LoginSession]:
    """Live sessions (of one user, through one door, whose user name, name or address has `search`), newest first."""
    statement = select(LoginSession).join(LoginSession.user).where(_live())
    if user_id is not None:
        statement = statement.where(LoginSession.user_id == user_id)
    if surface:
        statement = statement.where(LoginSession.surface == surface)
    if search:
        statement = statement.where(
            _has(search, User.username, func.lower(User.name), LoginSession.ip_address)
        )
    return _page(statement.order_by(LoginSession.created_at.desc(), LoginSession.id), number, size)


def last_sign_ins(user_ids: Iterable[int]) -> dict[int, datetime]:
    """User id → when the account last signed in, as far back as sessions are kept."""
    newest = select(LoginSession.user_id, func.max(LoginSession.created_at)).group_by(LoginSession.user_id)
    rows = db.session.execute(newest.where(LoginSession.user_id.in_(list(user_ids))))
    return {row[0]: row[1] for row in rows}


def count_live_sessions(surface: str, role: Role) -> int:
    """Live sessions of one door whose account has exactly this role."""
    counted = select(func.count()).select_from(LoginSession).join(User)
    return (
        db.session.scalar(counted.where(_live(), LoginSession.surface == surface, User.role_level == role))
        or 0
    )


class Arrival(NamedTuple):
    """Whose account a user name or e-mail is (None: nobody's), and whether it came in from this address before."""

    user_id: int | None
    was_here: bool


def arrival(identifier: str, address: str) -> Arrival:
    """Who knocks. One query, whether the account exists or not."""
    wanted = identifier.strip().lower()
    here = exists().where(LoginSession.user_id == User.id, LoginSession.ip_address == address)
    named = or_(User.username == wanted, User.email == wanted)
    row = None if "\0" in wanted else aside(select(User.id, here).where(named, User.deleted_at.is_(None)))
    return Arrival(*row) if row else Arrival(None, False)


def count_users() -> int:
    return db.session.scalar(select(func.count(User.id))) or 0


def count_admins() -> int:
    """Admins who can sign in."""
    admins = select(func.count(User.id)).where(User.role_level == Role.ADMIN, User.is_active)
    return db.session.scalar(admins) or 0


_USER_ORDERS: dict[str, ColumnElement[Any]] = {
    "username": User.username.expression,
    "name": func.lower(User.name),
    "email": User.email.expression,
    "role": User.role_level.expression,
    "created_at": User.created_at.expression,
}


def users_page(
    number: int,
    size: int,
    *,
    search: str = "",
    role: Role | None = None,
    active: bool | None = None,
    sort: str = "username",
) -> Page[User]:
    """Accounts that were not deleted.

    `sort` is username (also when it is anything else), name, email, role or created_at, with `-` for descending.
    """
    statement = select(User).where(User.deleted_at.is_(None))
    if search:
        statement = statement.where(_has(search, User.username, func.lower(User.name), User.email))
    if role is not None:
        statement = statement.where(User.role_level == role)
    if active is not None:
        statement = statement.where(User.is_active == active)
    column = _USER_ORDERS.get(sort.removeprefix("-"), _USER_ORDERS["username"])
    order = column.desc() if sort.startswith("-") else column
    return _page(statement.order_by(order, User.id), number, size)


def _has(search: str, *columns: ColumnElement[Any] | InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Whether any of these (lower-case) columns has the text, in whatever case it was typed."""
    pattern = containing(search.lower())
    return or_(*(column.like(pattern, escape="\\") for column in columns))


def _page(statement: AnySelect, number: int, size: int) -> Page[Any]:
    total = db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    items = db.session.scalars(statement.limit(size).offset((number - 1) * size)).unique().all()
    return Page(items, number, size, total)


def unused_recovery_codes(user_id: int) -> int:
    unused = select(func.count(RecoveryCode.id)).where(RecoveryCode.user_id == user_id)
    return db.session.scalar(unused.where(RecoveryCode.used_at.is_(None))) or 0


def key(public_id: uuid.UUID) -> ApiKey | None:
    return db.session.scalar(select(ApiKey).where(ApiKey.public_id == public_id))


_LIVE_KEY = """
    SELECT id, name, scope, gate_id, last_used_at IS NULL OR last_used_at < ? FROM api_keys
    WHERE key_hash = ? AND is_active AND (expires_at IS NULL OR expires_at > ?)
"""
TOUCH_EVERY = timedelta(minutes=1)


def live_key(digest: str) -> LiveKey | None:
    """The key with this SHA-256, if it works now. One query."""
    now = clock.now()
    row = peek(_LIVE_KEY, now - TOUCH_EVERY, digest, now)
    return LiveKey(*row) if row else None


def keys_page(number: int, size: int, *, search: str = "", scope: str = "") -> Page[ApiKey]:
    """API keys, newest first."""
    statement = select(ApiKey)
    if search:
        statement = statement.where(_has(search, func.lower(ApiKey.name)))
    if scope:
        statement = statement.where(ApiKey.scope == scope)
    return _page(statement.order_by(ApiKey.id.desc()), number, size)


def count_keys() -> int:
    return db.session.scalar(select(func.count(ApiKey.id))) or 0


def keys_of_gate(gate_id: int) -> list[ApiKey]:
    """The gate's device keys, newest first (at most MAX_GATE_KEYS)."""
    statement = (
        select(ApiKey).where(ApiKey.gate_id == gate_id).order_by(ApiKey.id.desc()).limit(MAX_GATE_KEYS)
    )
    return list(db.session.scalars(statement))


def names(user_ids: Iterable[int | None]) -> dict[int, str]:
    """User id → the name people know them by."""
    wanted = {user_id for user_id in user_ids if user_id is not None}
    statement = select(User.id, User.name, User.username).where(User.id.in_(wanted))
    return {user_id: name or username for user_id, name, username in db.session.execute(statement)}
