"""Signing in and out: sessions, and the refresh tokens that keep them going."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, update

from webapp import audit
from webapp.accounts import passwords, queries, second_factor, settings
from webapp.accounts.models import LoginSession, RefreshToken, Role, User
from webapp.database import lock, rows_changed
from webapp.errors import (
    InactiveAccount,
    InvalidCredentials,
    NotFound,
    SessionLimit,
    TokenReused,
    Unauthorized,
)
from webapp.extensions import db
from webapp.kit import clock, tokens

LIMITED = "datalane"  # the door whose sessions of admins are counted (contract 3, max_concurrent_sessions)


@dataclass(frozen=True)
class Caller:
    """Where somebody signs in from."""

    surface: str
    ip_address: str = ""
    user_agent: str = ""


def authenticate(identifier: str, password: str) -> User:
    """The account behind a user name (or e-mail) and its password; the log remembers who failed.

    Raises InvalidCredentials, or InactiveAccount when the password is right but the account is switched off.
    """
    credentials = queries.find_credentials(identifier)
    right = passwords.matches(password, credentials.password_hash if credentials else None)
    if credentials is None or not right:
        label = credentials.username if credentials else ""  # not what was typed: it may be a password
        audit.note("sign_in_failed", "users", credentials.user_id if credentials else "", label)
        raise InvalidCredentials()
    # Locked until the session is open, so that a new password ends that one too, or is seen here.
    user = db.session.get_one(User, credentials.user_id, with_for_update={"key_share": True})
    if user.password_hash != credentials.password_hash:
        raise InvalidCredentials()  # changed while this one was being checked
    if not user.is_active:
        audit.note("sign_in_failed", "users", user.id, user.username, wrong="account is off")
        raise InactiveAccount()
    return user


def sign_in(
    identifier: str, password: str, caller: Caller, lifetime: timedelta, code: str | None = None
) -> LoginSession:
    """Open a session. Raises as `authenticate`, `second_factor.demand` and `open_session` do."""
    user = authenticate(identifier, password)
    second_factor.demand(user, code)
    return open_session(user, caller, lifetime)


def open_session(user: User, caller: Caller, lifetime: timedelta) -> LoginSession:
    """A session for somebody who has proven who they are. Raises SessionLimit (contract 3, 2003)."""
    if caller.surface == LIMITED and user.role == Role.ADMIN:
        _make_room()
    session = LoginSession(
        user=user,
        surface=caller.surface,
        expires_at=clock.now() + lifetime,
        ip_address=caller.ip_address[:45],
        user_agent=caller.user_agent[:255],
    )
    db.session.add(session)
    db.session.flush()
    audit.become(user_id=user.id, name=user.username)
    audit.note("sign_in", "sessions", session.id, user.username)
    return session


def _make_room() -> None:
    lock(LIMITED)  # two sign-ins at once must not both be the last that fits
    if queries.count_live_sessions(LIMITED, Role.ADMIN) >= settings.number("max_concurrent_sessions"):
        raise SessionLimit()


def revoke_session(session_id: uuid.UUID, *, of: User | None = None) -> None:
    """End a session (with `of`: one of that user's) now; its tokens, cookie and streams stop.

    Revoking twice is fine. Raises NotFound.
    """
    session = queries.session(session_id)
    if session is None or (of is not None and session.user_id != of.id):
        raise NotFound("Session not found")
    if session.revoked_at is None:
        session.revoked_at = clock.now()
        audit.note("session_revoked", "sessions", session.id, session.user.username)


def revoke_all(user: User, *, but: uuid.UUID | None = None) -> int:
    """End all of a user's live sessions but one; return how many there were."""
    live = [LoginSession.user_id == user.id, LoginSession.revoked_at.is_(None)]
    live.append(LoginSession.expires_at > clock.now())
    if but is not None:
        live.append(LoginSession.id != but)
    ended = rows_changed(update(LoginSession).where(*live).values(revoked_at=clock.now()))
    if ended:
        audit.note("sessions_revoked", "users", user.id, user.username, count=ended)
    return ended


def keep_refresh_token(session: LoginSession, token: str, caller: Caller) -> None:
    """Remember a refresh token of the session; the session lives as long as the token does."""
    kept = RefreshToken(
        user_id=session.user.public_id,
        session_id=session.id,
        token_hash=tokens.digest(token),
        expires_at=session.expires_at,
        user_agent=caller.user_agent[:255],
        ip_address=caller.ip_address[:45],
    )
    db.session.add(kept)


def spend_refresh_token(token: str, lifetime: timedelta) -> LoginSession:
    """The session that `token` refreshes, prolonged by `lifetime` from now; the token is spent.

    Raises Unauthorized for one that is unknown, expired or of a dead session; TokenReused for one that was spent
    before, which also ends its session everywhere (contracts, All surfaces).
    """
    kept = queries.refresh_token(tokens.digest(token))
    if kept is None or not kept.session.is_live:
        raise Unauthorized()
    if not _spend(RefreshToken.id == kept.id):
        revoke_session(kept.session_id)
        user = kept.session.user
        audit.note("refresh_token_reused", "sessions", kept.session_id, user.username)
        raise TokenReused()
    if kept.expires_at <= clock.now():
        raise Unauthorized()
    kept.session.expires_at = clock.now() + lifetime
    return kept.session


def revoke_refresh_token(token: str, *, of: User) -> None:
    """Sign out with a refresh token: its session ends. Raises NotFound for a token that isn't the user's."""
    kept = queries.refresh_token(tokens.digest(token))
    if kept is None or kept.user_id != of.public_id:
        raise NotFound("Refresh token not found")
    _spend(RefreshToken.id == kept.id)
    revoke_session(kept.session_id)


def revoke_refresh_tokens(user: User) -> None:
    """Sign out everywhere that can refresh (contract 5, logout): all such sessions end."""
    _spend(RefreshToken.user_id == user.public_id)
    refreshing = db.select(RefreshToken.session_id).where(RefreshToken.user_id == user.public_id)
    for session in db.session.scalars(db.select(LoginSession).where(LoginSession.id.in_(refreshing))):
        revoke_session(session.id)


def _spend(which: ColumnElement[bool]) -> bool:
    claim = update(RefreshToken).where(which, RefreshToken.revoked_at.is_(None))
    return rows_changed(claim.values(revoked_at=clock.now())) > 0


def sweep_sessions(ended_before: datetime) -> int:
    """Delete sessions (with their refresh tokens) that expired before the given moment; return how many."""
    return rows_changed(delete(LoginSession).where(LoginSession.expires_at < ended_before))
