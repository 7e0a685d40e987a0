"""The SQL of ingest: events, totals and pulses of one batch, in the caller's transaction, on either database.

Written by hand, for the drivers' own cursors, because it is the hot path: one statement a table whatever the batch.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import orjson
import psycopg
from sqlalchemy import Connection

from webapp.gates import partitions
from webapp.gates.streamlock import lock_stream
from webapp.kit.clock import QUARTER, business_hour

K = TypeVar("K")


class Row(NamedTuple):
    """One event, resolved. Times are Unix seconds, `amount` is rupiah."""

    gate_id: int
    category_id: int
    event_time: int
    amount: int
    received_at: int
    api_key_id: int | None


# A Row, or the same without the names, which is made in a third of the time.
Columns = tuple[int, int, int, int, int, int | None]


@dataclass(frozen=True)
class Table:
    """How to add rows to a table. When the row is there, `adds` are summed and `keeps` take the greater."""

    name: str
    columns: dict[str, str]
    key: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()

    def insert(self, cursor: Any, rows: Sequence[tuple[object, ...]]) -> None:
        """Add the rows through a cursor of either driver."""
        if isinstance(cursor, sqlite3.Cursor):
            cursor.executemany(self._on_sqlite, rows)
        else:
            cursor.execute(self.on_postgresql, arrays_of(rows))

    @cached_property
    def _on_sqlite(self) -> str:
        return self._insert(f"VALUES ({', '.join('?' * len(self.columns))})", "max")

    @cached_property
    def on_postgresql(self) -> str:
        arrays = ", ".join(f"%s::{type_}[]" for type_ in self.columns.values())
        return self._insert(f"SELECT * FROM unnest({arrays})", "greatest")

    def _insert(self, source: str, greatest: str) -> str:
        insert = f"INSERT INTO {self.name} ({', '.join(self.columns)}) {source}"
        if not self.key:
            return insert
        sets = [f"{name} = {self.name}.{name} + excluded.{name}" for name in self.adds]
        sets += [f"{name} = {greatest}({self.name}.{name}, excluded.{name})" for name in self.keeps]
        return f"{insert} ON CONFLICT ({', '.join(self.key)}) DO UPDATE SET {', '.join(sets)}"


def arrays_of(rows: Sequence[tuple[object, ...]]) -> list[str]:
    """A PostgreSQL array literal for each column: of numbers, nulls and printable text, JSON's but for the brackets."""
    return [f"{{{orjson.dumps(column)[1:-1].decode()}}}" for column in zip(*rows, strict=True)]


EVENTS = Table(
    "gate_events",
    {
        "gate_id": "int",
        "category_id": "int",
        "event_time": "bigint",
        "amount": "bigint",
        "received_at": "bigint",
        "api_key_id": "int",
    },
)
EVENT_KEYS = Table("event_keys", {"gate_id": "int", "key": "text"})
CLAIM_ON_POSTGRESQL = (
    f"{EVENT_KEYS.on_postgresql} ON CONFLICT (gate_id, key) DO NOTHING RETURNING gate_id, key"
)
HOURLY = Table(
    "hourly_totals",
    {
        "day": "date",
        "gate_id": "int",
        "category_id": "int",
        "hour": "int",
        "count": "bigint",
        "amount": "bigint",
    },
    key=("day", "gate_id", "category_id", "hour"),
    adds=("count", "amount"),
)
DAILY = Table(
    "daily_totals",
    {"day": "date", "gate_id": "int", "category_id": "int", "count": "bigint", "amount": "bigint"},
    key=("day", "gate_id", "category_id"),
    adds=("count", "amount"),
)
PULSES = Table(
    "gate_pulses", {"gate_id": "int", "last_heard_at": "bigint"}, key=("gate_id",), keeps=("last_heard_at",)
)


class Stale(Exception):
    """The catalogue has changed since the rows were resolved."""


STALE = (Stale, psycopg.errors.DivisionByZero)
_VERSION = "SELECT version FROM catalogue_version"


@contextmanager
def cursor_of(connection: Connection) -> Iterator[Any]:
    """A cursor of the driver in the transaction of `connection`, which must have begun."""
    with closing(connection.connection.cursor()) as cursor:
        yield cursor


def claim(cursor: Any, names: Sequence[tuple[int, str]]) -> set[tuple[int, str]]:
    """Take these (gate id, event id) pairs, no two alike; returns those that nobody had taken before.

    Call it under the stream lock.
    """
    if isinstance(cursor, sqlite3.Cursor):
        fresh = set(names) - _taken(cursor, names)
        EVENT_KEYS.insert(cursor, sorted(fresh))
        return fresh
    # Not a look-up first: with a million ids and statistics of yesterday, the planner would read them all.
    return set(cursor.execute(CLAIM_ON_POSTGRESQL, arrays_of(names)).fetchall())


def _taken(cursor: sqlite3.Cursor, names: Iterable[tuple[int, str]]) -> set[tuple[int, str]]:
    """Gate by gate, because for `(gate_id, key) IN …` SQLite reads the whole table."""
    by_gate: dict[int, list[str]] = defaultdict(list)
    for gate_id, key in names:
        by_gate[gate_id].append(key)
    found: set[tuple[int, str]] = set()
    for gate_id, keys in by_gate.items():
        for start in range(0, len(keys), 500):
            chunk = keys[start : start + 500]
            query = f"SELECT key FROM event_keys WHERE gate_id = ? AND key IN ({', '.join('?' * len(chunk))})"
            found.update((gate_id, key) for (key,) in cursor.execute(query, (gate_id, *chunk)))
    return found


def append(cursor: Any, rows: Sequence[Columns], zone: ZoneInfo) -> None:
    """Write the events and what they add to totals; the caller commits."""
    partitions.ensure(cursor, (event_time for _, _, event_time, *_ in rows))
    lock_stream(cursor)
    for table, lines in _changes(rows, zone):
        table.insert(cursor, lines)


def append_at(cursor: Any, rows: Sequence[Columns], zone: ZoneInfo, version: int) -> None:
    """The same, provided that the catalogue is at `version`; raises one of STALE, and nothing is written, if not.

    On PostgreSQL it also commits, so that a batch is one trip to the server.
    """
    if isinstance(cursor, sqlite3.Cursor):
        if cursor.execute(_VERSION).fetchone() != (version,):
            raise Stale
        append(cursor, rows, zone)
        return
    partitions.ensure(cursor, (event_time for _, _, event_time, *_ in rows))
    changes = _changes(rows, zone)
    inserts = ", ".join(f"{table.name}_new AS ({table.on_postgresql})" for table, _ in changes)
    proviso = f"SELECT 1 / (({_VERSION}) = %s)::int"  # a division by zero undoes it all
    arrays = [array for _, lines in changes for array in arrays_of(lines)]
    with cursor.connection.pipeline():
        lock_stream(cursor)
        cursor.execute(f"WITH {inserts} {proviso}" if changes else proviso, [*arrays, version])
        cursor.execute("COMMIT")


def _changes(rows: Sequence[Columns], zone: ZoneInfo) -> list[tuple[Table, Sequence[tuple[object, ...]]]]:
    """Which lines go into which table."""
    hourly, daily, pulses = fold(rows, zone)
    tables = (EVENTS, rows), (HOURLY, hourly), (DAILY, daily), (PULSES, pulses)
    return [(table, lines) for table, lines in tables if lines]


def note_use(cursor: Any, key_ids: Iterable[int], moment: int) -> None:
    """Remember when API keys were last used (Unix seconds)."""
    sqlite = isinstance(cursor, sqlite3.Cursor)
    moment_, id_ = ("datetime(?, 'unixepoch')", "?") if sqlite else ("to_timestamp(%s)", "%s")
    for key_id in sorted(key_ids):
        cursor.execute(f"UPDATE api_keys SET last_used_at = {moment_} WHERE id = {id_}", (moment, key_id))


def fold(rows: Sequence[Columns], zone: ZoneInfo) -> tuple[list[tuple[object, ...]], ...]:
    """What the events add to hourly totals, daily totals and pulses; sorted, so that writers can't deadlock."""
    quarters: dict[tuple[int, int, int], list[int]] = {}  # a quarter of an hour lies within one business hour
    pulses: dict[int, int] = {}
    for gate_id, category_id, event_time, amount, received_at, _ in rows:
        _add(quarters, (gate_id, category_id, event_time // QUARTER), 1, amount)
        pulses[gate_id] = received_at
    hours: dict[tuple[str, int, int, int], list[int]] = {}
    days: dict[tuple[str, int, int], list[int]] = {}
    for (gate_id, category_id, quarter), (count, amount) in quarters.items():
        day, hour = business_hour(quarter * QUARTER, zone)
        _add(hours, (day.isoformat(), gate_id, category_id, hour), count, amount)
        _add(days, (day.isoformat(), gate_id, category_id), count, amount)
    return (
        [(*key, *total) for key, total in sorted(hours.items())],
        [(*key, *total) for key, total in sorted(days.items())],
        sorted(pulses.items()),
    )


def _add(totals: dict[K, list[int]], key: K, count: int, amount: int) -> None:
    total = totals.get(key)
    if total is None:
        totals[key] = [count, amount]
    else:
        total[0] += count
        total[1] += amount
