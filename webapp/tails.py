"""The end of a table that only grows, followed live by thousands: resumable by id without a gap or a repeat.

The table's ids become visible in their order, so "what came after id N" is one question to the database. Each process
asks it once for all its followers. Redis only says "look now", over one subscription; without it a look is taken every
second. A follower that waits holds no connection, and a slow one has no buffer of its own: only its place.
"""

import threading
import time
import uuid
from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import Generic, Protocol, TypeVar

import redis

from webapp.extensions import log

CHUNK = 500  # rows a follower gets at once, and that are read at once
KEPT = 5_000  # rows a process remembers; a follower further behind reads from the database
IDLE = 10.0  # seconds between signs of life to a follower for whom there is nothing
LOOK_EVERY = 1.0
SESSION_CHECK_EVERY = 2.0


class Row(Protocol):
    """What is followed."""

    @property
    def id(self) -> int: ...


R = TypeVar("R", bound=Row)


@dataclass(frozen=True)
class Source(Generic[R]):
    """The table: at most CHUNK rows after an id in their order, the newest id, the Redis channel that tells of more,
    and which sessions (at most 500 at once) are still good."""

    read: Callable[[int], list[R]]
    latest: Callable[[], int]
    channel: str
    alive: Callable[[Sequence[uuid.UUID]], set[uuid.UUID]]


class Tail(Generic[R]):
    """A process's tail of one table, shared by all its followers."""

    def __init__(
        self, source: Source[R], connection: "redis.Redis", closing: Callable[[], bool] = lambda: False
    ) -> None:
        self.closing = closing  # the server may say that it is shutting down, so that streams end at once
        self._source = source
        self._redis = connection
        self._news = threading.Condition()
        self._kept: deque[R] = deque()
        self._floor = 0  # everything after this id, up to _newest, is in _kept
        self._newest = 0
        self._followers: Counter[uuid.UUID] = Counter()
        self._ended: set[uuid.UUID] = set()
        self._checked_sessions = 0.0
        self._closed = False
        self._wanted = threading.Event()
        self._thread: threading.Thread | None = None

    def listen(
        self,
        session_id: uuid.UUID,
        after: int | None,
        wanted: Callable[[R], bool],
        idle: float | None = None,
    ) -> Generator[list[R]]:
        """The `wanted` rows after id `after` (None: from this call on), in order; an empty list after `idle` seconds
        without any (IDLE unless given). Ends when the session is revoked or expires, or the server shuts down.
        """
        follower = self._follow(session_id, after, wanted, IDLE if idle is None else idle)
        next(follower)  # it listens from here on, not from when somebody first asks it for something
        return follower

    def _follow(
        self, session_id: uuid.UUID, after: int | None, wanted: Callable[[R], bool], idle: float
    ) -> Generator[list[R]]:
        with self._followed_by(session_id):
            cursor = self._start(after)
            yield []
            spoken = time.monotonic()
            while not self._closed and session_id not in self._ended:
                rows = self._since(cursor)
                cursor = rows[-1].id if rows else cursor
                chosen = [one for one in rows if wanted(one)]
                silent = time.monotonic() - spoken
                if chosen or silent >= idle:  # silent for this follower, however much there is for others
                    yield chosen
                    spoken = time.monotonic()
                elif not rows:
                    self._wait(cursor, session_id, idle - silent)

    def _start(self, after: int | None) -> int:
        """The id to go on from. One that we have not seen yet may be known to another process, or to nobody."""
        if after is None or after <= self._newest:
            return self._newest if after is None else after
        return min(after, self._source.latest())

    @contextmanager
    def _followed_by(self, session_id: uuid.UUID) -> Iterator[None]:
        with self._news:
            if not self._followers:
                self._begin()
            self._followers[session_id] += 1
        try:
            yield
        finally:
            with self._news:
                self._followers[session_id] -= 1
                if not self._followers[session_id]:
                    del self._followers[session_id]
                    self._ended.discard(session_id)
                if not self._followers:
                    self._wanted.clear()

    def _begin(self) -> None:
        self._kept.clear()
        self._newest = self._floor = self._source.latest()
        self._wanted.set()
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._run, name=f"tail-{self._source.channel}", daemon=True
            )
            self._thread.start()

    def _wait(self, cursor: int, session_id: uuid.UUID, idle: float) -> bool:
        def news() -> bool:
            return self._newest > cursor or self._closed or session_id in self._ended

        with self._news:
            return self._news.wait_for(news, idle)

    def _since(self, cursor: int) -> Sequence[R]:
        with self._news:
            if cursor >= self._newest:
                return []
            if cursor >= self._floor:
                start = bisect_right(self._kept, cursor, key=lambda one: one.id)
                return list(islice(self._kept, start, start + CHUNK))
        return self._source.read(cursor)

    def _run(self) -> None:
        ear = _Ear(self._redis, self._source.channel)
        while not self._closed:
            self._wanted.wait()
            ear.wait(LOOK_EVERY)
            try:
                self._look()
                self._check_sessions()
            except Exception as error:  # noqa: BLE001 - the tail must outlive whatever upsets one look
                log.warning("tail_failed", channel=self._source.channel, error=str(error))
                time.sleep(LOOK_EVERY)
            if self.closing():
                self._close()
        ear.close()

    def _look(self) -> None:
        while rows := self._source.read(self._newest):
            with self._news:
                self._kept.extend(rows)
                self._newest = rows[-1].id
                while len(self._kept) > KEPT:
                    self._floor = self._kept.popleft().id
                self._news.notify_all()

    def _check_sessions(self) -> None:
        if time.monotonic() - self._checked_sessions < SESSION_CHECK_EVERY:
            return
        self._checked_sessions = time.monotonic()
        followed = list(self._followers)
        ended: set[uuid.UUID] = set()
        for start in range(0, len(followed), 500):
            chunk = followed[start : start + 500]
            ended |= set(chunk) - self._source.alive(chunk)
        if ended:
            with self._news:
                self._ended |= ended
                self._news.notify_all()

    def _close(self) -> None:
        with self._news:
            self._closed = True
            self._news.notify_all()


class _Ear:
    """The tail's ear on Redis; deaf while Redis is away, and then merely slower."""

    def __init__(self, connection: "redis.Redis", channel: str) -> None:
        self._pubsub = connection.pubsub(ignore_subscribe_messages=True)
        self._channel = channel
        self._listening = False

    def wait(self, seconds: float) -> None:
        """Return at the next nudge, or after `seconds`."""
        try:
            if not self._listening:
                self._pubsub.subscribe(self._channel)
                self._listening = True
            self._pubsub.get_message(timeout=seconds)
        except (redis.RedisError, OSError):
            self._listening = False
            self._pubsub.reset()
            time.sleep(seconds)

    def close(self) -> None:
        with suppress(redis.RedisError, OSError):
            self._pubsub.close()
