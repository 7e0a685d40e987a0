"""Slowing down whoever guesses passwords, without locking out who knows theirs. Counted across all processes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import time

from limits import RateLimitItem, RateLimitItemPerMinute
from redis import RedisError

from webapp.errors import InvalidCredentials, TooManyRequests
from webapp.extensions import limiter, log

MINUTES = 5
PER_NAME_AND_ADDRESS = RateLimitItemPerMinute(
    10, MINUTES
)  # one stranger must not lock an account for its owner
PER_ADDRESS = RateLimitItemPerMinute(100, MINUTES)


@contextmanager
def counting_failures(identifier: str, address: str) -> Iterator[None]:
    """Around a sign-in: raises TooManyRequests after too many wrong passwords in the last five minutes."""
    limits = [
        (PER_NAME_AND_ADDRESS, ("sign-in", identifier.strip().lower()[:254], address)),
        (PER_ADDRESS, ("sign-in", address)),
    ]
    _refuse_beyond(limits)
    try:
        yield
    except InvalidCredentials:
        _count(limits)
        raise


Limits = Sequence[tuple[RateLimitItem, tuple[str, ...]]]


def _refuse_beyond(limits: Limits) -> None:
    if not limiter.enabled:
        return
    try:
        for item, key in limits:
            if not limiter.limiter.test(item, *key):
                reset = limiter.limiter.get_window_stats(item, *key).reset_time
                raise TooManyRequests(retry_after=max(1, int(reset - time())))
    except RedisError as error:
        log.warning("throttle_unavailable", error=str(error))


def _count(limits: Limits) -> None:
    if not limiter.enabled:
        return
    try:
        for item, key in limits:
            limiter.limiter.hit(item, *key)
    except RedisError as error:
        log.warning("throttle_unavailable", error=str(error))
