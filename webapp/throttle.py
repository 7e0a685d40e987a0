"""Slowing down whoever guesses passwords, without locking out who knows theirs. Counted across all processes."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import time

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from redis import RedisError

from webapp.accounts import queries
from webapp.errors import InvalidCredentials, TooManyRequests
from webapp.extensions import limiter, log

MINUTES = 5
# One stranger must not lock an account for its owner.
PER_NAME_AND_ADDRESS = RateLimitItemPerMinute(10, MINUTES)
# Tries that have begun: those at the same moment, whose outcome nobody knows yet, are bounded too. A success clears it.
BEGUN = RateLimitItemPerMinute(40, MINUTES)
PER_ADDRESS = RateLimitItemPerMinute(100, MINUTES)
PER_NAME = RateLimitItemPerHour(100)  # from all addresses together that the account has never come in from
CODE_LOOKUPS = RateLimitItemPerMinute(
    60
)  # the codes of labels are secrets of a kind: nobody may try them in bulk
PROOFS = RateLimitItemPerMinute(20, MINUTES)  # whoever holds a session must not guess its password
Limit = tuple[RateLimitItem, tuple[str, ...]]


def count_code_lookup(address: str) -> None:
    """One more look at a label's short code, whichever door it came through. Raises TooManyRequests."""
    count_call(CODE_LOOKUPS, "short-code", address)


def count_proof(user_id: int) -> None:
    """Before a session's own password is asked for again, through whichever door. Raises TooManyRequests."""
    count_call(PROOFS, "proof", str(user_id))


@contextmanager
def counting_failures(identifier: str, address: str) -> Iterator[None]:
    """Around a sign-in: raises TooManyRequests after too many wrong passwords or codes."""
    name = identifier.strip().lower()[:254]
    limits: list[Limit] = [
        (PER_NAME_AND_ADDRESS, ("sign-in", name, address)),
        (PER_ADDRESS, ("sign-in", address)),
    ]
    _refuse_beyond(limits)
    if not queries.came_in_from(name, address):
        by_name = (PER_NAME, ("sign-in-strangers", name))
        _refuse_beyond([by_name])
        limits.append(by_name)
    begun = ("sign-in-begun", name, address)
    count_call(BEGUN, *begun)
    try:
        yield
    except InvalidCredentials:
        _count(limits)
        raise
    _clear(BEGUN, begun)


def count_call(item: RateLimitItem, *key: str) -> None:
    """One more call of this kind. Raises TooManyRequests when it is one too many.

    Counted and judged in one step, so that calls at the same moment can't all be the last one that is allowed.
    """
    _refuse_unless(limiter.limiter.hit, [(item, key)])


def _refuse_beyond(limits: Sequence[Limit]) -> None:
    _refuse_unless(limiter.limiter.test, limits)


def _refuse_unless(allows: Callable[..., bool], limits: Sequence[Limit]) -> None:
    if not limiter.enabled:
        return
    try:
        for item, key in limits:
            if not allows(item, *key):
                reset = limiter.limiter.get_window_stats(item, *key).reset_time
                raise TooManyRequests(retry_after=max(0, int(reset - time())) + 1)  # never a moment too early
    except RedisError as error:
        log.warning("throttle_unavailable", error=str(error))


def _clear(item: RateLimitItem, key: tuple[str, ...]) -> None:
    if not limiter.enabled:
        return
    try:
        limiter.limiter.clear(item, *key)
    except RedisError as error:
        log.warning("throttle_unavailable", error=str(error))


def _count(limits: Sequence[Limit]) -> None:
    if not limiter.enabled:
        return
    try:
        for item, key in limits:
            limiter.limiter.hit(item, *key)
    except RedisError as error:
        log.warning("throttle_unavailable", error=str(error))
