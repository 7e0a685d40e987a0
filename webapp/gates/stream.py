"""The live stream of events: resumable by id without a gap or a repeat, from any process, to thousands of clients.

Ids become visible in their order (see streamlock.py), which is what a tail (tails.py) needs.
"""

import threading
import time
import uuid
from collections.abc import Callable, Generator
from functools import partial
from typing import NamedTuple

import redis
from sqlalchemy import Engine, bindparam, func, select

from webapp.accounts.queries import live_sessions
from webapp.database import intent
from webapp.extensions import log
from webapp.gates.models import Category, Gate, GateEvent, Location
from webapp.tails import CHUNK, Source, Tail

CHANNEL = "gerbang:gate-events"
NUDGE_EVERY = 0.05


AFTER = (
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


class Hub(Tail[StreamEvent]):
    """The process's tail of the event table, shared by all its followers."""

    def __init__(
        self, engine: Engine, connection: "redis.Redis", closing: Callable[[], bool] = lambda: False
    ) -> None:
        source = Source(
            partial(_read, engine), partial(_latest, engine), CHANNEL, partial(live_sessions, engine)
        )
        super().__init__(source, connection, closing)

    def follow(
        self,
        session_id: uuid.UUID,
        after: int | None = None,
        location_code: str | None = None,
        idle: float | None = None,
    ) -> Generator[list[StreamEvent]]:
        """Events (of one place) after id `after` (None: from this call on), as Tail.listen gives them."""
        return self.listen(session_id, after, lambda one: location_code in (None, one.location_code), idle)


def _latest(engine: Engine) -> int:
    with intent(write=False), engine.connect() as connection:
        return connection.scalar(select(func.max(GateEvent.id))) or 0


def _read(engine: Engine, after: int) -> list[StreamEvent]:
    with intent(write=False), engine.connect() as connection:
        return [StreamEvent(*row) for row in connection.execute(AFTER, {"after": after})]
