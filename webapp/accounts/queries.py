"""Reading accounts."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Engine, func, or_, select

from webapp.accounts.models import ApiKey, LoginSession, User
from webapp.database import intent
from webapp.extensions import db
from webapp.kit import clock

MAX_GATE_KEYS = 100


@dataclass(frozen=True)
class Credentials:
    user_id: int
    password_hash: str


def find_credentials(identifier: str) -> Credentials | None:
    """Who signs in as `identifier` (user name or e-mail). Reads and lets go of the database before hashing starts."""
    wanted = identifier.strip().lower()
    if "\0" in wanted:
        return None  # PostgreSQL would rather not be asked
    statement = select(User.id, User.password_hash).where(or_(User.username == wanted, User.email == wanted))
    with intent(write=False), db.engine.connect() as connection:
        row = connection.execute(statement).first()
    return Credentials(*row) if row else None


def session(session_id: uuid.UUID) -> LoginSession | None:
    return db.session.get(LoginSession, session_id)


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


def count_users() -> int:
    return db.session.scalar(select(func.count(User.id))) or 0


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
