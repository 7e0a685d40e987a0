"""Blocking work (password hashing, a disk flush) kept off gevent's loop. In a plain thread it just runs."""

import sys
from collections.abc import Callable
from typing import Any, TypeVar

R = TypeVar("R")


def cooperative() -> bool:
    """Whether gevent has replaced the blocking parts of the standard library in this process."""
    return "gevent.monkey" in sys.modules and sys.modules["gevent.monkey"].is_module_patched("threading")


def offload(function: Callable[..., R], *args: Any) -> R:
    """Run `function(*args)` in a native thread while other greenlets go on; return or raise what it does."""
    if not cooperative():
        return function(*args)
    import gevent

    result: R = gevent.get_hub().threadpool.apply(function, args)
    return result


def apart(function: Callable[..., R], *args: Any) -> R:
    """Run `function(*args)` on a stack of its own, which goes when it returns.

    A greenlet keeps the deepest stack that it ever needed (16 KB for a request); one that lives on as an idle stream
    should not have been deep.
    """
    if not cooperative():
        return function(*args)
    import gevent

    result: R = gevent.spawn(function, *args).get()
    return result


class Lane:
    """One native thread of its own, for work that must not queue behind what `offload` is busy with."""

    def __init__(self) -> None:
        self._pool: Any = None

    def run(self, function: Callable[..., R], *args: Any) -> R:
        """Like `offload`, in this lane's thread."""
        if not cooperative():
            return function(*args)
        if self._pool is None:
            from gevent.threadpool import ThreadPool

            self._pool = ThreadPool(1)
        result: R = self._pool.apply(function, args)
        return result
