"""Answers kept for a while, so that a hundred people who ask the same cost as much as one."""

import time
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

T = TypeVar("T")


class Memo:
    """At most `size` answers of this process, each for `seconds`."""

    def __init__(self, seconds: float, size: int = 500) -> None:
        self._seconds = seconds
        self._size = size
        self._kept: dict[Hashable, tuple[float, object]] = {}

    def get(self, key: Hashable, compute: Callable[[], T]) -> T:
        """What `compute()` answered for `key` not long ago, or answers now."""
        now = time.monotonic()
        until, answer = self._kept.get(key, (0.0, None))
        if until > now:
            return cast("T", answer)
        fresh = compute()
        if len(self._kept) >= self._size:
            self._kept.clear()
        self._kept[key] = now + self._seconds, fresh
        return fresh
