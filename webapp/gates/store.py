"""The SQL of ingest: events, totals and pulses of one batch, in the caller's transaction, on either database.

Written by hand because it is the hot path: one statement a table whatever the size of the batch.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from webapp.gates import partitions
from webapp.gates.models import EventKey
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


@dataclass(frozen=True)
class Table:
    """How to add rows to a table. When the row is there, `adds` are summed and `keeps` take the greater."""

    name: str
    columns: dict[str, str]
    key: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    statements: dict[str, str] = field(default_factory=dict)

    def insert(self, connection: Connection, rows: Sequence[tuple[object, ...]]) -> None:
        dialect = connection.dialect.name
        if dialect not in self.statements:
            self.statements[dialect] = self._sql(dialect)
        if dialect == "sqlite":
            connection.exec_driver_sql(self.statements[dialect], list(rows))
        else:
            connection.exec_driver_sql(
                self.statements[dialect], tuple(list(column) for column in zip(*rows, strict=True))
            )

    def _sql(self, dialect: str) -> str:
        if dialect == "sqlite":
            source = f"VALUES ({', '.join('?' * len(self.columns))})"
        else:
            arrays = ", ".join(f"%s::{type_}[]" for type_ in self.columns.values())
            source = f"SELECT * FROM unnest({arrays})"
        return f"INSERT INTO {self.name} ({', '.join(self.columns)}) {source}{self._on_conflict(dialect)}"

    def _on_conflict(self, dialect: str) -> str:
        if not self.key:
            return ""
        greatest = "max" if dialect == "sqlite" else "greatest"
        sets = [f"{name} = {self.name}.{name} + excluded.{name}" for name in self.adds]
        sets += [f"{name} = {greatest}({self.name}.{name}, excluded.{name})" for name in self.keeps]
        return f" ON CONFLICT ({', '.join(self.key)}) DO UPDATE SET {', '.join(sets)}"


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


def known_keys(connection: Connection, pairs: Iterable[tuple[int, str]]) -> set[tuple[int, str]]:
    """Those (gate id, event id) pairs that were stored before. Call it under the stream lock."""
    by_gate: dict[int, list[str]] = defaultdict(list)
    for gate_id, key in pairs:
        by_gate[gate_id].append(key)
    found: set[tuple[int, str]] = set()
    # Gate by gate, because for `(gate_id, key) IN …` SQLite reads the whole table.
    for gate_id, keys in by_gate.items():
        of_gate = select(EventKey.key).where(EventKey.gate_id == gate_id)
        for start in range(0, len(keys), 500):
            chunk = connection.scalars(of_gate.where(EventKey.key.in_(keys[start : start + 500])))
            found.update((gate_id, key) for key in chunk)
    return found


def append(
    connection: Connection, rows: Sequence[Row], keys: Sequence[tuple[int, str]], zone: ZoneInfo
) -> int:
    """Write the events, their ids, and what they add to totals; the caller commits.

    Returns the catalogue's version in this transaction, by which the caller judges whether to.
    """
    if rows:
        partitions.ensure(connection, (row.event_time for row in rows))
    with closing(connection.connection.cursor()) as cursor:
        with _pipeline(connection):
            lock_stream(connection)
            cursor.execute("SELECT version FROM catalogue_version")
            if rows:
                _insert(connection, rows, keys, zone)
        (version,) = cursor.fetchall()[0]
        return int(version)


def _insert(
    connection: Connection, rows: Sequence[Row], keys: Sequence[tuple[int, str]], zone: ZoneInfo
) -> None:
    EVENTS.insert(connection, rows)
    if keys:
        EVENT_KEYS.insert(connection, keys)
    hourly, daily, pulses = fold(rows, zone)
    HOURLY.insert(connection, hourly)
    DAILY.insert(connection, daily)
    PULSES.insert(connection, pulses)


def _pipeline(connection: Connection) -> AbstractContextManager[Any]:
    """Statements in this block go to PostgreSQL in one trip, whose end is awaited at the end of the block."""
    if connection.dialect.name == "postgresql":
        psycopg: Any = connection.connection.driver_connection
        return cast("AbstractContextManager[Any]", psycopg.pipeline())
    return nullcontext()


def fold(rows: Sequence[Row], zone: ZoneInfo) -> tuple[list[tuple[object, ...]], ...]:
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
