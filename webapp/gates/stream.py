"""The live stream of events: resumable by id without a gap or a repeat, from any process, to thousands of clients.

Ids become visible in their order (see streamlock.py), so "what came after id N" is one question to the database.
Each process asks it once for all its clients. Redis only says "look now"; without it the hub looks every second.
"""

import threading
import time
import uuid
from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from typing import NamedTuple

import redis
from sqlalchemy import Engine, bindparam, func, select

from webapp.accounts.queries import live_sessions
from webapp.database import intent
from webapp.extensions import log
from webapp.gates.models import Category, Gate, GateEvent, Location

CHANNEL = "gerbang:gate-events"
CHUNK = 500  # events a client gets at once, and that the hub reads at once
KEPT = 5_000  # events a process remembers; a client further behind reads from the database
IDLE = 10.0  # seconds between signs of life on a quiet stream
LOOK_EVERY = 1.0
SESSION_CHECK_EVERY = 2.0
NUDGE_EVERY = 0.05


_AFTER = (
    select(GateEvent.id, Location.code, Gate.code, Category.code, GateEvent.event_time, GateEvent.amount)
    .join(Gate, Gate.id == GateEvent.gate_id)
    .join(Location, Location.id == Gate.location_id)
    .join(Category, Category.id == GateEvent.category_id)
    .where(GateEvent.id > bindparam("after"))
    .order_by(GateEvent.id)
    .limit(CHUNK)
)


class StreamEvent(NamedTuple):
    id: int
    location_code: str
    gate_code: str
    category: str
    event_time: int
    amount: int


class Nudger:
    """Tells every process that there are new events: at most twenty times a second, never in the request's way."""

    def __init__(self, connection: "redis.Redis") -> None:
        self._redis = connection
        self._due = threading.Event()
        self._thread: threading.Thread | None = None

    def nudge(self) -> None:
        self._due.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="stream-nudger", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            self._due.wait()
            self._due.clear()
            try:
                self._redis.publish(CHANNEL, b"")
            except redis.RedisError:
                log.debug("nudge_not_sent")
            time.sleep(NUDGE_EVERY)


class Hub:
    """The process's tail of the event table, shared by all its followers."""

    def __init__(
        self, engine: Engine, connection: "redis.Redis", closing: Callable[[], bool] = lambda: False
    ) -> None:
        self.closing = closing  # the server may say that it is shutting down, so that streams end at once
        self._engine = engine
        self._redis = connection
        self._news = threading.Condition()
        self._kept: deque[StreamEvent] = deque()
        self._floor = 0  # everything after this id, up to _newest, is in _kept
        self._newest = 0
        self._followers: Counter[uuid.UUID] = Counter()
        self._ended: set[uuid.UUID] = set()
        self._checked_sessions = 0.0
        self._closed = False
        self._wanted = threading.Event()
        self._thread: threading.Thread | None = None

    def follow(
        self,
        session_id: uuid.UUID,
        after: int | None = None,
        location_code: str | None = None,
        idle: float | None = None,
    ) -> Iterator[list[StreamEvent]]:
        """Events after id `after` (None: from this call on), in order; an empty list after `idle` seconds without any.

        `idle` is IDLE unless given. Ends when the session is revoked or expires, or the server shuts down.
        """
        follower = self._follow(session_id, after, location_code, IDLE if idle is None else idle)
        next(follower)  # it listens from here on, not from when somebody first asks it for something
        return follower

    def _follow(
        self, session_id: uuid.UUID, after: int | None, location_code: str | None, idle: float
    ) -> Iterator[list[StreamEvent]]:
        with self._followed_by(session_id):
            cursor = self._start(after)
            yield []
            spoken = time.monotonic()
            while not self._closed and session_id not in self._ended:
                events = self._since(cursor)
                cursor = events[-1].id if events else cursor
                wanted = [one for one in events if location_code in (None, one.location_code)]
                silent = time.monotonic() - spoken
                if wanted or silent >= idle:  # silent for this follower, however much there is for others
                    yield wanted
                    spoken = time.monotonic()
                elif not events:
                    self._wait(cursor, session_id, idle - silent)

    def _start(self, after: int | None) -> int:
        """The id to go on from. One that we have not seen yet may be known to another process, or to nobody."""
        if after is None or after <= self._newest:
            return self._newest if after is None else after
        return min(after, self._latest_id())

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
        self._newest = self._floor = self._latest_id()
        self._wanted.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._tail, name="stream-tail", daemon=True)
            self._thread.start()

    def _wait(self, cursor: int, session_id: uuid.UUID, idle: float) -> bool:
        def news() -> bool:
            return self._newest > cursor or self._closed or session_id in self._ended

        with self._news:
            return self._news.wait_for(news, idle)

    def _since(self, cursor: int) -> Sequence[StreamEvent]:
        with self._news:
            if cursor >= self._newest:
                return []
            if cursor >= self._floor:
                start = bisect_right(self._kept, cursor, key=lambda one: one.id)
                return list(islice(self._kept, start, start + CHUNK))
        return self._read(cursor)

    def _tail(self) -> None:
        subscription = _Subscription(self._redis)
        while not self._closed:
            self._wanted.wait()
            subscription.wait(LOOK_EVERY)
            try:
                self._look()
                self._check_sessions()
            except Exception as error:  # noqa: BLE001 - the tail must outlive whatever upsets one look
                log.warning("stream_tail_failed", error=str(error))
                time.sleep(LOOK_EVERY)
            if self.closing():
                self._close()
        subscription.close()

    def _look(self) -> None:
        while events := self._read(self._newest):
            with self._news:
                self._kept.extend(events)
                self._newest = events[-1].id
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
            ended |= set(chunk) - live_sessions(self._engine, chunk)
        if ended:
            with self._news:
                self._ended |= ended
                self._news.notify_all()

    def _close(self) -> None:
        with self._news:
            self._closed = True
            self._news.notify_all()

    def _latest_id(self) -> int:
        with intent(write=False), self._engine.connect() as connection:
            return connection.scalar(select(func.max(GateEvent.id))) or 0

    def _read(self, after: int) -> list[StreamEvent]:
        with intent(write=False), self._engine.connect() as connection:
            return [StreamEvent(*row) for row in connection.execute(_AFTER, {"after": after})]


class _Subscription:
    """The hub's ear on Redis; deaf while Redis is away, and then merely slower."""

    def __init__(self, connection: "redis.Redis") -> None:
        self._pubsub = connection.pubsub(ignore_subscribe_messages=True)
        self._listening = False

    def wait(self, seconds: float) -> None:
        """Return at the next nudge, or after `seconds`."""
        try:
            if not self._listening:
                self._pubsub.subscribe(CHANNEL)
                self._listening = True
            self._pubsub.get_message(timeout=seconds)
        except (redis.RedisError, OSError):
            self._listening = False
            self._pubsub.reset()
            time.sleep(seconds)

    def close(self) -> None:
        with suppress(redis.RedisError, OSError):
            self._pubsub.close()
