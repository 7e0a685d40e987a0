"""Taking events in: durable, exact, fast.

Requests of one process share a commit. Each puts its events in line and waits; a writer takes what is in line, stores
it with its totals in one transaction, and only then lets the requests answer. A 200 therefore means committed.
"""

import sqlite3
import sys
import threading
import time
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from webapp.errors import DomainError, Invalid, Unavailable
from webapp.extensions import log
from webapp.gates import partitions, store
from webapp.gates.catalogue import Catalogue, CatalogueCache, Key
from webapp.gates.journal import Journal
from webapp.gates.streamlock import lock_stream
from webapp.kit import clock

MAX_BATCH = 5_000  # events in one request (contracts: batch ingest), and about what one commit takes
MAX_WAITING = 50_000  # events in line before the door says "later"
GATHER_TURNS = 4
REST_AFTER = 0.2  # seconds without an event
UNAVAILABLE = (sqlite3.OperationalError, psycopg.OperationalError, SQLAlchemyError, OSError)


class NewEvent(NamedTuple):
    """An event as a device tells it. `timestamp`: Unix seconds, or `YYYY-MM-DD HH:MM:SS` in the business zone."""

    timestamp: int | str
    location_code: str
    gate_code: str
    category: str
    event_id: str | None = None


class Stored(Enum):
    NEW = "new"
    DUPLICATE = "duplicate"


Outcome = Stored | DomainError


@dataclass(eq=False, slots=True)
class Submission:
    """One request's events on their way through the writer."""

    key: Key
    events: Sequence[NewEvent]
    done: threading.Event = field(default_factory=threading.Event)
    outcomes: list[Outcome] = field(default_factory=list)
    failure: DomainError | None = None


class Ingest:
    """The process's writer of events. `on_commit` is called after each commit, outside the transaction."""

    def __init__(
        self,
        engine: Engine,
        catalogue: CatalogueCache,
        zone: ZoneInfo,
        max_future: int,
        on_commit: Callable[[], None],
    ) -> None:
        self._catalogue = catalogue
        self._zone = zone
        self._max_future = max_future
        self._on_commit = on_commit
        self._line: deque[Submission] = deque()
        self._waiting = 0
        self._wake = threading.Event()
        self._start = threading.Lock()
        self._writer: threading.Thread | None = None
        self._journal = Journal(engine)
        self._quotes: Quotes | None = None
        self._used: dict[int, int] = {}

    def submit(self, key: Key, events: Sequence[NewEvent]) -> list[Outcome]:
        """Store the events and answer for each, in their order, after the commit.

        A refused event (DomainError in its place) never sinks its neighbours. Raises Unavailable when the database
        refuses or takes too long; what was not answered for may be sent again, best with its `event_id`.
        """
        if self._waiting + len(events) > MAX_WAITING:
            raise Unavailable()
        submission = Submission(key, events)
        self._waiting += len(events)
        self._line.append(submission)
        self._wake.set()
        self._ensure_writer()
        submission.done.wait()  # the writer always answers: each of its waits for the database has an end
        if submission.failure is not None:
            raise submission.failure
        return submission.outcomes

    def _ensure_writer(self) -> None:
        if self._writer is not None and self._writer.is_alive():
            return
        with self._start:
            if self._writer is None or not self._writer.is_alive():
                self._writer = threading.Thread(target=self._run, name="ingest-writer", daemon=True)
                self._writer.start()

    def _run(self) -> None:
        while True:
            if not self._wake.wait(REST_AFTER):
                self._journal.rest()
                self._wake.wait()
            self._wake.clear()
            while batch := self._gathered():
                self._settle(batch)

    def _gathered(self) -> list[Submission]:
        """What is in line, after letting requests that are ready this instant get in: one flush for all of them."""
        for _ in range(GATHER_TURNS):
            before = len(self._line)
            time.sleep(0)
            if len(self._line) == before:
                break
        return self._take()

    def _take(self) -> list[Submission]:
        batch: list[Submission] = []
        size = 0
        while self._line and size < MAX_BATCH:
            submission = self._line.popleft()
            self._waiting -= len(submission.events)
            batch.append(submission)
            size += len(submission.events)
        if not self._line:
            self._waiting = 0  # threads that count at once may miscount
        return batch

    def _settle(self, batch: list[Submission]) -> None:
        try:
            self._store(batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, the requests in line must get an answer
            partitions.forget()
            if len(batch) > 1 and not isinstance(error, UNAVAILABLE):
                for submission in batch:  # whoever upset the database should be alone in failing
                    self._settle([submission])
                return
            log.error("ingest_failed", error=str(error), events=sum(len(one.events) for one in batch))
            for submission in batch:
                submission.failure = Unavailable()
        else:
            self._on_commit()
        for submission in batch:
            submission.done.set()

    def _store(self, batch: list[Submission]) -> None:
        received_at = clock.unix()
        while True:
            work = _Work(self._recent_quotes(), self._zone, received_at, received_at + self._max_future)
            for submission in batch:
                work.resolve(submission)
            with suppress(*store.STALE):
                self._write(work, batch, received_at)
                break
            self._catalogue.forget()
        for submission, outcomes in zip(batch, work.outcomes, strict=True):
            submission.outcomes = outcomes

    def _recent_quotes(self) -> "Quotes":
        catalogue = self._catalogue.recent()
        if self._quotes is None or self._quotes.catalogue is not catalogue:
            self._quotes = Quotes(catalogue)
        return self._quotes

    def _write(self, work: "_Work", batch: list[Submission], received_at: int) -> None:
        """Commit the work. Raises one of store.STALE when the catalogue that it was resolved with is no longer true."""
        with self._journal.transaction() as cursor:
            if work.named:
                lock_stream(cursor)
                work.drop_duplicates(cursor)
            self._note_use(cursor, batch, received_at)
            store.append_at(cursor, work.rows, self._zone, work.quotes.catalogue.version)

    def _note_use(self, cursor: Any, batch: list[Submission], received_at: int) -> None:
        """Remember when each key was last used, to the minute."""
        minute = received_at // 60
        due = {one.key.id for one in batch if one.key.id is not None and self._used.get(one.key.id) != minute}
        if due:
            lock_stream(
                cursor
            )  # first, as for everything else that is written: locks taken in one order can't cross
            store.note_use(cursor, due, received_at)
            self._used.update(dict.fromkeys(due, minute))


class Quote(NamedTuple):
    """What a passage costs from `start` until before `end` (Unix seconds)."""

    gate_id: int
    category_id: int
    price: int
    start: int
    end: int


class Quotes:
    """One catalogue's answers, each worked out once: events of a gate are alike but for their moment."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._known: dict[tuple[str, str, str], Quote] = {}

    def get(self, key: Key, event: NewEvent, seconds: int) -> Quote:
        """The quote that holds at `seconds`. Raises NotFound, Forbidden or Invalid when `key` may not sell it there."""
        quote = self._known.get(event[1:4])
        if (
            quote is not None
            and quote.start <= seconds < quote.end
            and (key.gate_id is None or key.gate_id == quote.gate_id)
        ):
            return quote
        quote = self._known[event[1:4]] = self._worked_out(key, event, seconds)
        return quote

    def _worked_out(self, key: Key, event: NewEvent, seconds: int) -> Quote:
        gate = self.catalogue.gate(event.location_code, event.gate_code)
        self.catalogue.may(key, gate)
        category_id, price = self.catalogue.price(gate, event.category, seconds)
        starts = gate.prices[event.category].starts
        later = bisect_right(starts, seconds)
        return Quote(gate.id, category_id, price, starts[later - 1], [*starts, sys.maxsize][later])


class _Work:
    """One commit's worth of events: priced, duplicates found, outcomes in their places."""

    def __init__(self, quotes: Quotes, zone: ZoneInfo, received_at: int, latest: int) -> None:
        self.quotes = quotes
        self.rows: list[store.Columns] = []
        self.named = False
        self.outcomes: list[list[Outcome]] = []
        self._zone = zone
        self._received_at = received_at
        self._latest = latest
        self._event_ids: list[str | None] = []  # of each row

    def resolve(self, submission: Submission) -> None:
        outcomes: list[Outcome] = [Stored.NEW] * len(submission.events)
        self.outcomes.append(outcomes)
        for place, event in enumerate(submission.events):
            try:
                self.rows.append(self._row(submission.key, event))
            except DomainError as refusal:
                outcomes[place] = refusal
            else:
                self._event_ids.append(event.event_id)
        self.named = self.named or any(self._event_ids)  # of what was refused, no id is taken

    def _row(self, key: Key, event: NewEvent) -> store.Columns:
        seconds = event.timestamp
        if not isinstance(seconds, int) or not 0 <= seconds <= self._latest:
            seconds = event_time(seconds, self._zone, self._latest)  # at its length: rare
        gate_id, category_id, price, _, _ = self.quotes.get(key, event, seconds)
        return gate_id, category_id, seconds, price, self._received_at, key.id

    def drop_duplicates(self, cursor: Any) -> None:
        """Leave out, and mark, what was stored before or comes twice in this batch. Needs the stream lock."""
        names = [
            event_id and (row[0], event_id) for row, event_id in zip(self.rows, self._event_ids, strict=True)
        ]
        fresh = store.claim(cursor, list(dict.fromkeys(name for name in names if name)))
        rows, candidates = [], zip(self.rows, names, strict=True)
        for outcomes, place in self._places():
            row, name = next(candidates)
            if name and name not in fresh:
                outcomes[place] = Stored.DUPLICATE
                continue
            if name:
                fresh.remove(name)  # its second time in this batch is a duplicate
            rows.append(row)
        self.rows = rows

    def _places(self) -> Iterator[tuple[list[Outcome], int]]:
        """Where the outcome of each row stands."""
        for outcomes in self.outcomes:
            for place, outcome in enumerate(outcomes):
                if outcome is Stored.NEW:
                    yield outcomes, place


def event_time(timestamp: int | str, zone: ZoneInfo, latest: int) -> int:
    """The event's moment in Unix seconds. Raises Invalid when it has another form or lies after `latest`."""
    if isinstance(timestamp, str):
        try:
            timestamp = clock.parse_local(timestamp, zone)
        except ValueError:
            raise Invalid({"timestamp": "Must be Unix seconds or YYYY-MM-DD HH:MM:SS"}) from None
    if timestamp < 0:
        raise Invalid({"timestamp": "Must be >= 0"})
    if timestamp > latest:
        raise Invalid({"timestamp": "Must not be in the future"})
    return timestamp


def batches(events: Sequence[NewEvent]) -> Iterator[Sequence[NewEvent]]:
    """`events` in pieces that one request may have."""
    for start in range(0, len(events), MAX_BATCH):
        yield events[start : start + MAX_BATCH]
