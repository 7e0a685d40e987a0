"""Slowing down whoever guesses passwords, without locking out who knows theirs. Counted across all processes."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import time
from typing import TypeVar

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from redis import RedisError

from webapp.accounts import passwords, queries
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
R = TypeVar("R")


def count_code_lookup(address: str) -> None:
    """One more look at a label's short code, whichever door it came through. Raises TooManyRequests."""
    count_call(CODE_LOOKUPS, "short-code", address)


def count_proof(user_id: int) -> None:
    """Before a session's own password is asked for again, through whichever door. Raises TooManyRequests."""
    count_call(PROOFS, "proof", str(user_id))


@contextmanager
def counting_failures(identifier: str, address: str) -> Iterator[None]:
    """Around a sign-in: raises TooManyRequests after too many wrong passwords or codes.

    Counted by what was typed, and by the account that it names. Who used up an account's tries under its other name is
    told that the password is wrong (InvalidCredentials): too many tries would tell that both names are one account's.
    """
    name = identifier.strip().lower()[:254]
    came = queries.arrival(name, address)
    typed = [(PER_ADDRESS, ("sign-in", address)), *_limits("sign-in", (name,), address, came.was_here)]
    whose = ("account", str(came.user_id)) if came.user_id else ("nobody", name)
    account = _limits("sign-in-account", whose, address, came.was_here)
    begun: list[Limit] = [
        (BEGUN, ("sign-in-begun", name, address)),
        (BEGUN, ("sign-in-account-begun", *whose, address)),
    ]
    _refuse_beyond(typed)
    _refuse_unless(_hit, begun[:1])
    if _broken(_test, account) or _broken(_hit, begun[1:]):
        _count(typed)
        passwords.matches("", None)  # takes as long as a wrong password does
        raise InvalidCredentials()
    try:
        yield
    except InvalidCredentials:
        _count([*typed, *account])
        raise
    _clear(begun)


def _limits(kind: str, whose: tuple[str, ...], address: str, was_here: bool) -> list[Limit]:
    """From one address; and from all those together that the account has never come in from."""
    here = (PER_NAME_AND_ADDRESS, (kind, *whose, address))
    return [here] if was_here else [here, (PER_NAME, (f"{kind}-strangers", *whose))]


def count_call(item: RateLimitItem, *key: str) -> None:
    """One more call of this kind. Raises TooManyRequests when it is one too many.

    Counted and judged in one step, so that calls at the same moment can't all be the last one that is allowed.
    """
    _refuse_unless(_hit, [(item, key)])


def _hit(item: RateLimitItem, *key: str) -> bool:
    return limiter.limiter.hit(item, *key)  # which is not there at all when RATELIMIT_ENABLED is 0


def _test(item: RateLimitItem, *key: str) -> bool:
    return limiter.limiter.test(item, *key)


def _refuse_beyond(limits: Sequence[Limit]) -> None:
    _refuse_unless(_test, limits)


def _refuse_unless(allows: Callable[..., bool], limits: Sequence[Limit]) -> None:
    broken = _broken(allows, limits)
    if broken is not None:
        reset = _asked(lambda: limiter.limiter.get_window_stats(broken[0], *broken[1]).reset_time)
        raise TooManyRequests(retry_after=max(0, int((reset or 0) - time())) + 1)  # never a moment too early


def _broken(allows: Callable[..., bool], limits: Sequence[Limit]) -> Limit | None:
    """The first limit that does not allow one more."""
    return _asked(lambda: next((limit for limit in limits if not allows(limit[0], *limit[1])), None))


def _count(limits: Sequence[Limit]) -> None:
    _asked(lambda: [limiter.limiter.hit(item, *key) for item, key in limits])


def _clear(limits: Sequence[Limit]) -> None:
    def clear() -> None:
        for item, key in limits:
            limiter.limiter.clear(item, *key)

    _asked(clear)


def _asked(ask: Callable[[], R]) -> R | None:
    """What Redis says; None when guessing is not slowed, or not now."""
    if not limiter.enabled:
        return None
    try:
        return ask()
    except RedisError as error:
        log.warning("throttle_unavailable", error=str(error))
        return None
