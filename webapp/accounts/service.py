"""Signing in and out, making users and keys."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from webapp.accounts import passwords, queries
from webapp.accounts.models import ApiKey, LoginSession, Role, User
from webapp.database import rows_changed
from webapp.errors import Conflict, InactiveAccount, Invalid, InvalidCredentials, NotFound
from webapp.extensions import db
from webapp.kit import clock, tokens


def sign_in(
    identifier: str,
    password: str,
    *,
    surface: str,
    lifetime: timedelta,
    ip_address: str = "",
    user_agent: str = "",
) -> LoginSession:
    """Open a session.

    Raises InvalidCredentials, or InactiveAccount when the password is right but the account is switched off.
    """
    credentials = queries.find_credentials(identifier)
    if (
        not passwords.matches(password, credentials.password_hash if credentials else None)
        or credentials is None
    ):
        raise InvalidCredentials()
    user = db.session.get_one(User, credentials.user_id)
    if not user.is_active:
        raise InactiveAccount()
    return open_session(
        user, surface=surface, lifetime=lifetime, ip_address=ip_address, user_agent=user_agent
    )


def open_session(
    user: User, *, surface: str, lifetime: timedelta, ip_address: str = "", user_agent: str = ""
) -> LoginSession:
    session = LoginSession(
        user=user,
        surface=surface,
        expires_at=clock.now() + lifetime,
        ip_address=ip_address[:45],
        user_agent=user_agent[:255],
    )
    db.session.add(session)
    db.session.flush()
    return session


def revoke_session(session_id: uuid.UUID) -> None:
    """End a session now; its tokens, cookie and streams stop. Revoking twice is fine; an unknown id is NotFound."""
    session = queries.session(session_id)
    if session is None:
        raise NotFound()
    session.revoked_at = session.revoked_at or clock.now()


def sweep_sessions(ended_before: datetime) -> int:
    """Delete sessions that expired before the given moment; return how many."""
    return rows_changed(delete(LoginSession).where(LoginSession.expires_at < ended_before))


def create_user(
    username: str, password: str, role: Role = Role.VIEWER, *, email: str | None = None, name: str = ""
) -> User:
    """Raises Conflict when the user name or e-mail is taken, Invalid for an unfit password."""
    digest = passwords.hash_password(password)
    user = User(
        username=username.strip().lower(),
        email=email.strip().lower() if email else None,
        name=name or username,
        password_hash=digest,
        role_level=role,
    )
    db.session.add(user)
    try:
        db.session.flush()
    except IntegrityError:
        raise Conflict("User name or e-mail already taken") from None
    return user


def issue_key(
    name: str,
    *,
    scope: str = "ingest",
    gate_id: int | None = None,
    expires_at: datetime | None = None,
    by: User | None,
) -> tuple[ApiKey, str]:
    """Make a key; the second value is the key itself, to be shown once and never stored."""
    secret = tokens.new_api_key()
    key = ApiKey(
        name=name,
        key_hash=tokens.digest(secret),
        hint=f"{secret[:12]}…{secret[-4:]}",
        scope=scope,
        gate_id=gate_id,
        expires_at=expires_at,
        created_by_id=by.id if by else None,
    )
    db.session.add(key)
    db.session.flush()
    return key, secret


def issue_gate_key(
    name: str, gate_id: int, *, expires_at: datetime | None = None, by: User
) -> tuple[ApiKey, str]:
    """A key for one gate's device. Raises Invalid when it would be born expired, Conflict when the gate has 100."""
    if expires_at is not None and expires_at <= clock.now():
        raise Invalid({"expires_at": "Must be in the future"})
    if len(queries.keys_of_gate(gate_id)) >= queries.MAX_GATE_KEYS:
        raise Conflict("This gate has too many keys")
    return issue_key(name, gate_id=gate_id, expires_at=expires_at, by=by)


def set_key_active(key_id: int, active: bool, *, gate_id: int | None = None) -> ApiKey:
    """Switch a key (with `gate_id`: one of that gate's) on or off. Raises NotFound."""
    key = db.session.get(ApiKey, key_id)
    if key is None or gate_id not in (None, key.gate_id):
        raise NotFound()
    key.is_active = active
    return key
