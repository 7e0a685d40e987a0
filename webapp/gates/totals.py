"""What passed, added up. Read from totals only, so that no answer grows slower with the number of events."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, func, select

from webapp.database import AnySelect
from webapp.errors import Invalid
from webapp.extensions import db
from webapp.gates.models import Category, DailyTotal, Gate, HourlyTotal, Location

MAX_DAYS = 366


@dataclass(frozen=True)
class Where:
    """Which gates to add up; None means all."""

    location_code: str | None = None
    gate_code: str | None = None

    def __call__(self, statement: AnySelect, gate_id: Any) -> AnySelect:
        if self.location_code is None and self.gate_code is None:
            return statement
        gates = select(Gate.id).join(Location)
        if self.location_code is not None:
            gates = gates.where(Location.code == self.location_code)
        if self.gate_code is not None:
            gates = gates.where(Gate.code == self.gate_code)
        return statement.where(gate_id.in_(gates))


EVERYWHERE = Where()


@dataclass(frozen=True)
class Line:
    """One labelled figure: how many passed, and how many rupiah that makes."""

    label: str
    count: int
    amount: int


@dataclass(frozen=True)
class Day:
    """A day's figures for the stat cards: in all, by gate and by category (those with events only)."""

    count: int
    amount: int
    by_gate: Sequence[Row[Any]]
    by_category: Sequence[Line]


_COUNT, _AMOUNT = func.sum(DailyTotal.count), func.sum(DailyTotal.amount)


def of_day(day: date, where: Where = EVERYWHERE) -> Sequence[Row[Any]]:
    """The day's rows by location, gate and category: (location_code, gate_code, category, count, amount)."""
    statement = (
        select(
            Location.code.label("location_code"),
            Gate.code.label("gate_code"),
            Category.code.label("category"),
            DailyTotal.count.label("count"),
            DailyTotal.amount.label("amount"),
        )
        .select_from(DailyTotal)
        .join(Gate, Gate.id == DailyTotal.gate_id)
        .join(Location)
        .join(Category, Category.id == DailyTotal.category_id)
        .where(DailyTotal.day == day)
        .order_by(Location.code, Gate.code, Category.position)
    )
    return db.session.execute(where(statement, DailyTotal.gate_id)).all()


def hourly(day: date, where: Where = EVERYWHERE) -> list[Line]:
    """Always 24 lines, `00` to `23`."""
    statement = (
        select(HourlyTotal.hour, func.sum(HourlyTotal.count), func.sum(HourlyTotal.amount))
        .where(HourlyTotal.day == day)
        .group_by(HourlyTotal.hour)
    )
    found = {
        hour: (count, amount)
        for hour, count, amount in db.session.execute(where(statement, HourlyTotal.gate_id))
    }
    return [_line(f"{hour:02}", found.get(hour)) for hour in range(24)]


def daily(start: date, end: date, where: Where = EVERYWHERE) -> list[Line]:
    """One line for every date from `start` to `end`. Raises Invalid when that is backwards or over 366 days."""
    if end < start:
        raise Invalid({"end_date": "Must not be before start_date"})
    if (end - start).days >= MAX_DAYS:
        raise Invalid({"end_date": f"Must be within {MAX_DAYS} days of start_date"})
    statement = select(DailyTotal.day, _COUNT, _AMOUNT).where(DailyTotal.day.between(start, end))
    rows = db.session.execute(where(statement, DailyTotal.gate_id).group_by(DailyTotal.day))
    found = {day: (count, amount) for day, count, amount in rows}
    days = (start + timedelta(days=offset) for offset in range((end - start).days + 1))
    return [_line(day.isoformat(), found.get(day)) for day in days]


def by_category(day: date, where: Where = EVERYWHERE) -> list[Line]:
    """One line for every category there is, in their order."""
    statement = select(DailyTotal.category_id, _COUNT, _AMOUNT).where(DailyTotal.day == day)
    rows = db.session.execute(where(statement, DailyTotal.gate_id).group_by(DailyTotal.category_id))
    found = {category_id: (count, amount) for category_id, count, amount in rows}
    categories = db.session.execute(select(Category.id, Category.code).order_by(Category.position))
    return [_line(code, found.get(category_id)) for category_id, code in categories]


def by_gate(day: date, where: Where = EVERYWHERE) -> Sequence[Row[Any]]:
    """(location_code, gate_code, gate_name, count, amount) of the gates that had events, busiest first."""
    statement = (
        select(
            Location.code.label("location_code"),
            Gate.code.label("gate_code"),
            Gate.name.label("gate_name"),
            _COUNT.label("count"),
            _AMOUNT.label("amount"),
        )
        .select_from(DailyTotal)
        .join(Gate, Gate.id == DailyTotal.gate_id)
        .join(Location)
        .where(DailyTotal.day == day)
        .group_by(Location.code, Gate.code, Gate.name)
        .order_by(_COUNT.desc(), Location.code, Gate.code)
    )
    return db.session.execute(where(statement, DailyTotal.gate_id)).all()


def summary(day: date, where: Where = EVERYWHERE) -> Day:
    gates = by_gate(day, where)
    categories = [line for line in by_category(day, where) if line.count]
    return Day(
        sum(line.count for line in categories), sum(line.amount for line in categories), gates, categories
    )


def added_up(lines: Iterable[Line], label: str = "") -> Line:
    lines = list(lines)
    return Line(label, sum(line.count for line in lines), sum(line.amount for line in lines))


def so_far_last_week(day: date, hour: int, minute: int, where: Where = EVERYWHERE) -> Line:
    """The same weekday a week before `day`, up to the same time; the hour under way counts by its minutes."""
    hours = hourly(day - timedelta(days=7), where)
    whole = added_up(hours[:hour])
    current = hours[hour]
    return Line("", whole.count + current.count * minute // 60, whole.amount + current.amount * minute // 60)


def _line(label: str, found: tuple[Any, Any] | None) -> Line:
    count, amount = found or (0, 0)
    return Line(label, int(count), int(amount))
