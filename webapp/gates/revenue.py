"""What a gate, a location or all of them took in on a day or in a month, read from totals in one go."""

from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from webapp import config
from webapp.extensions import db
from webapp.gates import queries, service
from webapp.gates.models import DailyTotal, Gate, HourlyTotal, Location
from webapp.gates.totals import EVERYWHERE, Line, Where


@dataclass(frozen=True)
class Revenue:
    """Figures of the days `first` to `last`, all from one reading, so that every table has the same sum.

    `lines` are hours (`00` to `23`) of a day, or days (ISO) of a month as far as it has come. Categories are in their
    order, by their codes; the gate with most comes first. `place` is empty for all of them.
    `is_over`: the last day has ended.
    """

    place: str
    first: date
    last: date
    is_day: bool
    is_over: bool
    lines: Sequence[Line]
    by_category: Sequence[Line]
    by_gate: Sequence[Line]

    @property
    def total(self) -> Line:
        return Line("", sum(line.count for line in self.lines), sum(line.amount for line in self.lines))


def of_day(day: date, where: Where = EVERYWHERE) -> Revenue:
    """By the hour. Raises NotFound for a place that isn't there."""
    statement = select(
        HourlyTotal.hour, HourlyTotal.gate_id, HourlyTotal.category_id, HourlyTotal.count, HourlyTotal.amount
    ).where(HourlyTotal.day == day)
    rows = db.session.execute(where(statement, HourlyTotal.gate_id)).all()
    return _revenue((day, day), where, rows, [(hour, f"{hour:02}") for hour in range(24)])


def of_month(first: date, where: Where = EVERYWHERE) -> Revenue:
    """By the day; `first` is the month's. Raises NotFound for a place that isn't there."""
    last = first.replace(day=monthrange(first.year, first.month)[1])
    statement = select(
        DailyTotal.day, DailyTotal.gate_id, DailyTotal.category_id, DailyTotal.count, DailyTotal.amount
    ).where(DailyTotal.day.between(first, last))
    rows = db.session.execute(where(statement, DailyTotal.gate_id)).all()
    latest = max([first, min(last, config.today()), *(row.day for row in rows)])
    days = [first + timedelta(days=offset) for offset in range((latest - first).days + 1)]
    return _revenue((first, last), where, rows, [(day, day.isoformat()) for day in days])


def _revenue(
    span: tuple[date, date], where: Where, rows: Sequence[Any], slots: Sequence[tuple[Any, str]]
) -> Revenue:
    by_slot = _summed(rows, lambda row: row[0])
    by_gate = _summed(rows, lambda row: row.gate_id)
    by_category = _summed(rows, lambda row: row.category_id)
    names = _gate_names(by_gate)
    gates = [Line(names[id], *figures) for id, figures in by_gate.items()]
    return Revenue(
        _place(where),
        *span,
        is_day=span[0] == span[1],
        is_over=span[1] < config.today(),
        lines=[Line(label, *by_slot.get(slot, (0, 0))) for slot, label in slots],
        by_category=[Line(one.code, *by_category.get(one.id, (0, 0))) for one in queries.categories()],
        by_gate=sorted(gates, key=lambda line: (-line.amount, line.label)),
    )


def _summed(rows: Iterable[Any], key: Callable[[Any], Any]) -> Mapping[Any, tuple[int, int]]:
    found: dict[Any, tuple[int, int]] = {}
    for row in rows:
        count, amount = found.get(key(row), (0, 0))
        found[key(row)] = count + row[3], amount + row[4]
    return found


def _gate_names(ids: Iterable[int]) -> dict[int, str]:
    statement = select(Gate.id, Location.name, Gate.name).join(Location).where(Gate.id.in_(list(ids)))
    return {id: f"{location} · {gate}" for id, location, gate in db.session.execute(statement)}


def _place(where: Where) -> str:
    if where.location_code is None:
        return ""
    if where.gate_code is None:
        return service.get_location(where.location_code).name
    gate = service.get_gate(where.location_code, where.gate_code)
    return f"{gate.location.name} · {gate.name}"
