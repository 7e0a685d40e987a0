"""PostgreSQL keeps `gate_events` in one partition a month (UTC). SQLite has one table and nothing to do here."""

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import Connection, text

from webapp.gates.streamlock import lock_stream

FIRST_YEAR = 2000  # what is older (a device whose clock was never set) lies in gate_events_old
_made: set[str] = set()


def ensure(connection: Connection, event_times: Iterable[int]) -> None:
    """Make the partitions that these Unix times need and that are not there yet."""
    if connection.dialect.name != "postgresql":
        return
    days = {seconds // 86_400 for seconds in event_times}
    months = {_month_of(day * 86_400) for day in days}
    missing = [month for month in months if month.year >= FIRST_YEAR and _name(month) not in _made]
    if missing:
        lock_stream(connection)  # or two processes would make the same one
    for month in missing:
        _make(connection, month)


def forget() -> None:
    """Look again which partitions there are (another database, or a rolled-back transaction)."""
    _made.clear()


def _month_of(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(day=1, hour=0, minute=0, second=0)


def _name(month: datetime) -> str:
    return f"gate_events_{month:%Y_%m}"


def _make(connection: Connection, month: datetime) -> None:
    """Attach, rather than create in place: attaching doesn't stop readers and writers of other months."""
    name = _name(month)
    if not connection.scalar(text("SELECT to_regclass(:name) IS NOT NULL"), {"name": name}):
        start, end = int(month.timestamp()), int(_next(month).timestamp())
        connection.execute(
            text(f"CREATE TABLE {name} (LIKE gate_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
        )
        bounds = f"FOR VALUES FROM ({start}) TO ({end})"
        connection.execute(text(f"ALTER TABLE gate_events ATTACH PARTITION {name} {bounds}"))
        return  # remembered by the next call, once this transaction has committed
    _made.add(name)


def _next(month: datetime) -> datetime:
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
