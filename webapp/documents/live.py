"""What happens to reports, as it happens: one look at the database a second for all clients of a process.

A client that waits holds no connection and no transaction. It is woken when something has changed, and its stream ends
with its task, with its caller's session or key, and with the server.
"""

import threading
import time
import uuid
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, cast

from flask import Flask, current_app
from sqlalchemy import Engine, func, select

from webapp.accounts.models import LoginSession, User
from webapp.accounts.queries import live_keys, live_sessions
from webapp.database import intent
from webapp.documents.models import GOING, ReportTask
from webapp.extensions import db, log
from webapp.kit import clock

LOOK_EVERY = 1.0
CHECK_EVERY = 2.0  # seconds between two questions whether sessions and keys are still good
IDLE = 10.0  # seconds between signs of life on a quiet stream
KEPT = 1_000  # pieces of news that a process remembers; a client further behind misses the older ones
OVERLAP = timedelta(minutes=1)  # how late a change may become visible, or a worker's clock be
Caller = uuid.UUID | int  # a session, or an API key


@dataclass(frozen=True, eq=False)
class News:
    """One event for everybody: global_stats, task_update or log (contract 3, G)."""

    kind: str
    data: dict[str, Any]


@dataclass(frozen=True)
class TaskState:
    """A task as its own stream tells of it, at one moment."""

    at: datetime = field(compare=False)  # a worker's sign of life alone is no news
    id: uuid.UUID
    number: str
    status: str
    progress: int
    stage: str
    output_size: int | None
    error: str | None

    @property
    def is_ended(self) -> bool:
        return self.status not in GOING


@dataclass
class _Known:
    """What the process has seen so far."""

    tasks: dict[uuid.UUID, TaskState] = field(default_factory=dict)
    stats: dict[str, int] = field(default_factory=dict)


_TASKS = select(
    ReportTask.updated_at,
    ReportTask.id,
    ReportTask.number,
    ReportTask.status,
    ReportTask.progress,
    ReportTask.stage,
    ReportTask.output_size,
    ReportTask.error,
)


class Feed:
    """The process's view of all reports, shared by its clients."""

    def __init__(self, engine: Engine) -> None:
        self.closing: Callable[[], bool] = lambda: False  # the server may say that it is shutting down
        self._engine = engine
        self._changed = threading.Condition()
        self._known = _Known()
        self._news: deque[News] = deque(maxlen=KEPT)
        self._count = 0  # of all news there ever was
        self._looked: datetime | None = None
        self._began = clock.now()
        self._checked = 0.0
        self._callers: Counter[Caller] = Counter()
        self._ended: set[Caller] = set()
        self._closed = False
        self._wanted = threading.Event()
        self._thread: threading.Thread | None = None

    def follow(self, caller: Caller, idle: float | None = None) -> Iterator[News | None]:
        """First the figures as they are, then what happens; None after `idle` (IDLE) seconds without anything."""
        return self._started(self._follow(caller, IDLE if idle is None else idle))

    def follow_task(
        self, caller: Caller, task_id: uuid.UUID, idle: float | None = None
    ) -> Iterator[TaskState | None]:
        """The task as it is, then its changes to the end; None after `idle` (IDLE) seconds without any."""
        return self._started(self._follow_task(caller, task_id, IDLE if idle is None else idle))

    @staticmethod
    def _started(follower: Iterator[Any]) -> Iterator[Any]:
        """It listens from here on, not from when somebody first asks it for something."""
        next(follower)
        return follower

    def _follow(self, caller: Caller, idle: float) -> Iterator[News | None]:
        with self._heard_by(caller):
            seen = self._count
            stats = self._stats()
            yield None
            yield News("global_stats", stats)
            while self._is_open(caller):
                fresh, seen = self._since(seen)
                if fresh:
                    yield from fresh
                elif not self._wait(caller, lambda: self._count > seen, idle):  # noqa: B023 - asked at once
                    yield None

    def _follow_task(self, caller: Caller, task_id: uuid.UUID, idle: float) -> Iterator[TaskState | None]:
        with self._heard_by(caller):
            state = self._read_task(task_id)
            yield None
            yield state
            while state is not None and not state.is_ended and self._is_open(caller):
                if (later := self._later(state)) is not None:
                    yield (state := later)
                elif not self._wait(caller, lambda: self._later(state) is not None, idle):
                    yield None

    def _later(self, state: TaskState) -> TaskState | None:
        """What the task has become since; the process may know less of it than its follower."""
        known = self._known.tasks.get(state.id)
        return known if known is not None and known != state and known.at >= state.at else None

    def _is_open(self, caller: Caller) -> bool:
        return not self._closed and caller not in self._ended

    def _wait(self, caller: Caller, news: Callable[[], bool], idle: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: news() or not self._is_open(caller), idle)

    def _since(self, seen: int) -> tuple[list[News], int]:
        """What came after the first `seen` news, and how many there are now: both of the same moment."""
        with self._changed:
            behind = min(self._count - seen, len(self._news))
            return list(islice(self._news, len(self._news) - behind, None)), self._count

    @contextmanager
    def _heard_by(self, caller: Caller) -> Iterator[None]:
        with self._changed:
            if not self._callers:
                self._begin()
            self._callers[caller] += 1
        try:
            yield
        finally:
            with self._changed:
                self._callers[caller] -= 1
                if not self._callers[caller]:
                    del self._callers[caller]
                    self._ended.discard(caller)
                if not self._callers:
                    self._wanted.clear()

    def _begin(self) -> None:
        """What changed while nobody listened is no news; what changes from now on is, before the first look too."""
        self._known, self._looked, self._began = _Known(stats=self._stats()), None, clock.now()
        self._wanted.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="report-feed", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while not self._closed:
            self._wanted.wait()
            try:
                self._look()
                self._check_callers()
            except Exception as error:  # noqa: BLE001 - the feed must outlive whatever upsets one look
                log.warning("report_feed_failed", error=str(error))
            if self.closing():
                self._close()
            time.sleep(LOOK_EVERY)

    def _close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    # Looking

    def _look(self) -> None:
        now = clock.now()
        is_first = self._looked is None
        since = (self._looked or now) - OVERLAP
        rows = self._rows(_TASKS.where(ReportTask.updated_at > since).order_by(ReportTask.updated_at))
        stats = self._stats()
        fresh = [News("global_stats", stats)] * (stats != self._known.stats)
        for row in rows:
            fresh += self._learn(row, quietly=is_first and row[0] <= self._began)
        self._known.stats, self._looked = stats, now
        self._forget(since)
        if fresh or (is_first and rows):
            self._tell(fresh)

    def _learn(self, row: tuple[Any, ...], quietly: bool) -> list[News]:
        """Keep what is new about a task; what there is to tell of it."""
        state = TaskState(*row)
        before = self._known.tasks.get(state.id)
        self._known.tasks[state.id] = state
        if quietly or before == state:
            return []
        update = {"id": str(state.id), "status": state.status, "progress": state.progress}
        news = [News("task_update", update)]
        if before is None or before.status != state.status:
            news.append(News("log", _line(state)))
        return news

    def _forget(self, since: datetime) -> None:
        """What the next look won't read again, since it was told long ago."""
        old = [name for name, one in self._known.tasks.items() if one.at < since and one.is_ended]
        for name in old:
            del self._known.tasks[name]

    def _tell(self, fresh: list[News]) -> None:
        with self._changed:
            self._news.extend(fresh)
            self._count += len(fresh)
            self._changed.notify_all()

    def _stats(self) -> dict[str, int]:
        """The figures of `global_stats`."""
        counted = select(ReportTask.status, func.count()).where(ReportTask.status.in_(GOING))
        tasks = {row[0]: row[1] for row in self._rows(counted.group_by(ReportTask.status))}
        sessions = select(func.count()).select_from(LoginSession).join(User)
        live = sessions.where(
            LoginSession.revoked_at.is_(None), LoginSession.expires_at > clock.now(), User.is_active
        )
        return {
            "queue_size": tasks.get("queued", 0),
            "running_tasks": tasks.get("running", 0),
            "active_sessions": self._rows(live)[0][0],
        }

    def _read_task(self, task_id: uuid.UUID) -> TaskState | None:
        rows = self._rows(_TASKS.where(ReportTask.id == task_id))
        return TaskState(*rows[0]) if rows else None

    def _rows(self, statement: Any) -> list[tuple[Any, ...]]:
        with intent(write=False), self._engine.connect() as connection:
            return [tuple(row) for row in connection.execute(statement)]

    def _check_callers(self) -> None:
        if time.monotonic() - self._checked < CHECK_EVERY:
            return
        self._checked = time.monotonic()
        ended = self._dead(uuid.UUID, live_sessions) | self._dead(int, live_keys)
        if ended:
            with self._changed:
                self._ended |= ended
                self._changed.notify_all()

    def _dead(self, kind: type, alive: Callable[[Engine, list[Any]], set[Any]]) -> set[Caller]:
        callers = [caller for caller in list(self._callers) if isinstance(caller, kind)]
        dead: set[Caller] = set()
        for start in range(0, len(callers), 500):
            some = callers[start : start + 500]
            dead |= set(some) - alive(self._engine, some)
        return dead


def _line(state: TaskState) -> dict[str, str]:
    """What `log` says of a task that has changed its state."""
    level = "error" if state.status == "failed" else "info"
    reason = f": {state.error}" if state.status == "failed" and state.error else ""
    moment = clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"level": level, "message": f"Report {state.number} {state.status}{reason}", "timestamp": moment}


def init_app(app: Flask) -> None:
    """Does no I/O and starts no thread."""
    app.extensions["reports"] = made = Feed(db.engine)
    app.extensions.setdefault("streams", []).append(made)  # gunicorn.conf.py tells each when the worker stops


def feed() -> Feed:
    """The running application's."""
    return cast("Feed", current_app.extensions["reports"])
