"""What the dashboard shows of a day. It reads totals, so its cost doesn't grow with the number of events.

Figures change only when an event arrives (or by a recount), so a process keeps each until then, 5 seconds at most.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from webapp.extensions import db
from webapp.gates import alarms, totals
from webapp.gates.models import Gate, GateEvent, Location
from webapp.gates.runtime import runtime
from webapp.gates.totals import Line, Where
from webapp.kit.memo import Memo

DAYS = 30
_memo = Memo(seconds=5)
T = TypeVar("T")


@dataclass(frozen=True)
class Clock:
    """How far the day has come: `minute` of `hour`. None in its place means that the day is over."""

    hour: int
    minute: int


@dataclass(frozen=True)
class Headline:
    """A day's sums, and those of the same weekday a week before, up to the same time."""

    count: int
    amount: int
    count_before: int
    amount_before: int

    @property
    def average(self) -> int | None:
        """Whole rupiah per passage; None when nothing passed."""
        return round(self.amount / self.count) if self.count else None

    @property
    def average_before(self) -> int | None:
        return round(self.amount_before / self.count_before) if self.count_before else None

    @property
    def count_change(self) -> float | None:
        return percent_change(self.count, self.count_before)

    @property
    def amount_change(self) -> float | None:
        return percent_change(self.amount, self.amount_before)

    @property
    def average_change(self) -> float | None:
        return percent_change(self.average or 0, self.average_before or 0) if self.count else None


@dataclass(frozen=True)
class GateShare:
    """A gate's part of the day: `share` of all passages, in percent."""

    location_code: str
    gate_code: str
    gate_name: str
    count: int
    amount: int
    share: float


def percent_change(now: int, before: int) -> float | None:
    """By how much `now` differs from `before`; None when there was nothing before."""
    return (now - before) * 100 / before if before else None


def headline(day: date, where: Where, clock: Clock | None) -> Headline:
    return _kept(lambda: _headline(day, where, clock), "headline", day, where, clock)


def _headline(day: date, where: Where, clock: Clock | None) -> Headline:
    now = totals.daily(day, day, where)[0]
    before = last_week(day, where, clock)
    return Headline(now.count, now.amount, before.count, before.amount)


def last_week(day: date, where: Where, clock: Clock | None) -> Line:
    """The same weekday a week before: up to the same time while the day lasts, the whole day once it is over."""
    if clock is None:
        earlier = day - timedelta(days=7)
        return totals.daily(earlier, earlier, where)[0]
    return totals.so_far_last_week(day, clock.hour, clock.minute, where)


def hours(day: date, where: Where) -> tuple[Sequence[Line], Sequence[Line]]:
    """The day's 24 hours, and those of a week before."""
    earlier = day - timedelta(days=7)
    return _kept(lambda: (totals.hourly(day, where), totals.hourly(earlier, where)), "hours", day, where)


def days(day: date, where: Where) -> Sequence[Line]:
    """The 30 days up to `day`."""
    start = day - timedelta(days=DAYS - 1)
    return _kept(lambda: totals.daily(start, day, where), "days", day, where)


def categories(day: date, where: Where) -> Sequence[Line]:
    """The categories that passed on the day, in their order."""
    return _kept(
        lambda: [line for line in totals.by_category(day, where) if line.count], "categories", day, where
    )


def gates(day: date, where: Where) -> Sequence[GateShare]:
    """The gates that had events, busiest first."""
    return _kept(lambda: _shares(totals.by_gate(day, where)), "gates", day, where)


def _shares(rows: Sequence[Any]) -> list[GateShare]:
    everything = sum(int(row.count) for row in rows)
    return [_share(row, everything) for row in rows]


def _share(row: Any, everything: int) -> GateShare:
    count, amount = int(row.count), int(row.amount)
    return GateShare(row.location_code, row.gate_code, row.gate_name, count, amount, count * 100 / everything)


def quiet(zone: ZoneInfo, where: Where) -> Sequence[alarms.Quiet]:
    """Gates in alarm now."""
    return _kept(lambda: alarms.quiet_gates(zone, where.location_code), "quiet", where)


def count_active_gates(where: Where) -> int:
    statement = select(func.count(Gate.id)).join(Location).where(Gate.is_active, Location.is_active)
    return db.session.scalar(where(statement, Gate.id)) or 0


def _kept(compute: Callable[[], T], *what: object) -> T:
    parts = runtime()
    state = id(parts), parts.catalogue.recent().version, db.session.scalar(select(func.max(GateEvent.id)))
    return _memo.get((*state, *what), compute)
