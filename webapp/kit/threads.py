"""Blocking work (password hashing, a disk flush) kept off gevent's loop. In a plain thread it just runs."""

import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

R = TypeVar("R")


def cooperative() -> bool:
    """Whether gevent has replaced the blocking parts of the standard library in this process."""
    return "gevent.monkey" in sys.modules and sys.modules["gevent.monkey"].is_module_patched("threading")


def offload(function: Callable[..., R], *args: Any) -> R:
    """Run `function(*args)` in a native thread while other greenlets go on; return or raise what it does."""
    if not cooperative():
        return function(*args)
    import gevent

    return _outcome(*gevent.get_hub().threadpool.apply(_settled, (function, args)))


def _settled(function: Callable[..., R], args: tuple[Any, ...]) -> tuple[R | None, Exception | None]:
    """Its result, or what it raised: gevent's pool writes a stack into the log for every error, also for a refusal."""
    try:
        return function(*args), None
    except Exception as error:  # noqa: BLE001 - raised again where it was asked for
        return None, error


def _outcome(result: R | None, error: Exception | None) -> R:
    if error is not None:
        raise error
    return cast("R", result)


def native_lock() -> Any:
    """A lock, for a thread to take again and again, between native threads: gevent's is for greenlets of one thread."""
    if not cooperative():
        return threading.RLock()
    from gevent import monkey

    return monkey.get_original("_thread", "RLock")()


def breathe() -> None:
    """In a long piece of work: let the others have their turn.

    Under gevent a sleep of 0 would not do: it lets go fifty times before the loop looks at what came in.
    """
    if cooperative():
        time.sleep(0.0005)


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
    """Native threads of its own, for work that must not queue behind what `offload` is busy with, or hold it up.

    `politeness` (0 to 19, as of nice) is how readily they leave the processor to others.
    """

    def __init__(self, threads: int = 1, politeness: int = 0) -> None:
        self._threads = threads
        self._politeness = politeness
        self._polite = threading.local()
        self._pool: Any = None

    def run(self, function: Callable[..., R], *args: Any) -> R:
        """Like `offload`, in one of this lane's threads."""
        if not cooperative():
            return function(*args)
        if self._pool is None:
            from gevent.threadpool import ThreadPool

            self._pool = ThreadPool(self._threads)
        return _outcome(*self._pool.apply(self._politely, (function, args)))

    def _politely(
        self, function: Callable[..., R], args: tuple[Any, ...]
    ) -> tuple[R | None, Exception | None]:
        if self._politeness and sys.platform == "linux" and not hasattr(self._polite, "set"):
            self._polite.set = True
            os.setpriority(os.PRIO_PROCESS, 0, self._politeness)  # on Linux: of this thread
        return _settled(function, args)
