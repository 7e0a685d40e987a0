"""Signing in through any door: throttled, with the second factor, for a session and the door's tokens."""

from dataclasses import dataclass
from datetime import timedelta

from flask import request
from flask_jwt_extended import create_access_token, create_refresh_token

from webapp import config
from webapp.accounts import sessions
from webapp.accounts.models import LoginSession, User
from webapp.accounts.sessions import Caller
from webapp.identity import current_account, current_visit, decoded
from webapp.throttle import counting_failures

CODE_HEADER = "X-OTP"
HEADERS = {CODE_HEADER: "Code of the second factor, for an account that has one"}  # for the documentation


@dataclass(frozen=True)
class Lifetimes:
    """How long a door's access token is good, and its refresh token where it gives one."""

    access: timedelta
    refresh: timedelta | None = None

    @property
    def session(self) -> timedelta:
        return self.refresh or self.access


_HOUR, _WEEK = timedelta(hours=1), timedelta(days=7)
_LIFETIMES = {  # contracts, one section each
    "web": Lifetimes(timedelta(hours=12)),
    "ftth": Lifetimes(_HOUR, _WEEK),
    "datalane": Lifetimes(timedelta(hours=12)),
    "scheduler": Lifetimes(timedelta(minutes=15), _WEEK),
    "bamboo": Lifetimes(_HOUR, _WEEK),
}


def lifetimes(surface: str) -> Lifetimes:
    if surface == "retribusi":
        return Lifetimes(timedelta(seconds=config.current().JWT_TTL_SECONDS))
    return _LIFETIMES[surface]


@dataclass(frozen=True)
class Tokens:
    """What a sign-in gives; `expires_in` is of the access token, in seconds."""

    session: LoginSession
    access: str
    refresh: str | None
    expires_in: int

    @property
    def user(self) -> User:
        return self.session.user


def caller(surface: str) -> Caller:
    """Where this request comes from."""
    return Caller(surface, request.remote_addr or "", request.user_agent.string)


def sign_in(identifier: str, password: str, surface: str) -> Tokens:
    """Open a session for the caller.

    Raises InvalidCredentials, InactiveAccount, SecondFactorRequired, Forbidden (a second factor must be set up first),
    SessionLimit or TooManyRequests.
    """
    here = caller(surface)
    code = request.headers.get(CODE_HEADER)
    with counting_failures(identifier, here.ip_address):
        session = sessions.sign_in(identifier, password, here, lifetimes(surface).session, code)
    return issue_tokens(session, here)


def refresh(token: str, surface: str) -> Tokens:
    """The next pair of tokens for a refresh token, which is spent. Raises TokenExpired, TokenReused or Unauthorized."""
    decoded(token, "refresh")
    here = caller(surface)
    return issue_tokens(sessions.spend_refresh_token(token, lifetimes(surface).session), here)


def sign_out(token: str) -> None:
    """End the session of a refresh token, and the one that the caller came in with. Raises NotFound."""
    visit = current_visit()
    sessions.revoke_refresh_token(token, of=current_account())
    sessions.revoke_session(visit.session_id)


def issue_tokens(session: LoginSession, here: Caller) -> Tokens:
    """Tokens (HS256) bound to a session: revoke it and they are worth nothing."""
    times = lifetimes(here.surface)
    token = None
    if times.refresh is not None:
        token = str(
            create_refresh_token(
                str(session.user_id),
                additional_claims={"sid": str(session.id)},
                expires_delta=times.refresh,
            )
        )
        sessions.keep_refresh_token(session, token, here)
    access = access_token(session, times.access)
    return Tokens(session, access, token, int(times.access.total_seconds()))


def access_token(session: LoginSession, lifetime: timedelta) -> str:
    claims = {"sid": str(session.id), "role": session.user.role.word}
    return str(create_access_token(str(session.user_id), additional_claims=claims, expires_delta=lifetime))
