"""PostgreSQL keeps `gate_events` in one partition a month (UTC). SQLite has one table and nothing to do here."""

import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from webapp.gates.streamlock import lock_stream

FIRST_YEAR = 2000  # what is older (a device whose clock was never set) lies in gate_events_old
_made: set[str] = set()


def ensure(cursor: Any, event_times: Iterable[int]) -> None:
    """Make the partitions that these Unix times need and that are not there yet."""
    if isinstance(cursor, sqlite3.Cursor):
        return
    days = {seconds // 86_400 for seconds in event_times}  # few, where a date for each event would cost
    months = {_month_of(day * 86_400) for day in days}
    missing = [month for month in months if month.year >= FIRST_YEAR and _name(month) not in _made]
    if missing:
        lock_stream(cursor)  # or two processes would make the same one
    for month in missing:
        _make(cursor, month)


def forget() -> None:
    """Look again which partitions there are (another database, or a rolled-back transaction)."""
    _made.clear()


def _month_of(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(day=1, hour=0, minute=0, second=0)


def _name(month: datetime) -> str:
    return f"gate_events_{month:%Y_%m}"


def _make(cursor: Any, month: datetime) -> None:
    """Attach, rather than create in place: attaching doesn't stop readers and writers of other months."""
    name = _name(month)
    (found,) = cursor.execute("SELECT to_regclass(%s) IS NOT NULL", (name,)).fetchone()
    if found:
        _made.add(name)
        return  # what is made below is remembered by the next call, once its transaction has committed
    start, end = int(month.timestamp()), int(_next(month).timestamp())
    cursor.execute(f"CREATE TABLE {name} (LIKE gate_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
    bounds = f"FOR VALUES FROM ({start}) TO ({end})"
    cursor.execute(f"ALTER TABLE gate_events ATTACH PARTITION {name} {bounds}")


def _next(month: datetime) -> datetime:
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
