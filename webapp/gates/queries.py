"""Listing locations, gates, tariffs and events."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Row, Select, func, or_, select
from sqlalchemy.orm import aliased

from webapp.database import intent
from webapp.extensions import db
from webapp.gates.models import Category, Gate, GateEvent, Location, Tariff
from webapp.kit import clock
from webapp.kit.paging import Page


def _page(statement: Select[Any], number: int, size: int) -> Page[Any]:
    total = db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    rows = db.session.scalars(statement.limit(size).offset((number - 1) * size))
    return Page(list(rows), number, size, total)


def _matching(statement: Select[Any], search: str, *columns: Any) -> Select[Any]:
    words = search.split()
    for word in words:
        statement = statement.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return statement


def locations(
    number: int = 1, size: int = 20, *, code: str | None = None, search: str = ""
) -> Page[Location]:
    """Locations by code, active or not."""
    statement = _matching(
        select(Location).order_by(Location.code), search, Location.code, Location.name, Location.type
    )
    return _page(statement if code is None else statement.where(Location.code == code), number, size)


def gates(
    number: int = 1, size: int = 20, *, location_code: str | None = None, search: str = ""
) -> Page[Gate]:
    """Gates by location and code, active or not."""
    statement = select(Gate).join(Location).order_by(Location.code, Gate.code)
    statement = _matching(statement, search, Gate.code, Gate.name, Location.code, Location.name)
    return _page(
        statement if location_code is None else statement.where(Location.code == location_code), number, size
    )


def tariffs(
    number: int = 1,
    size: int = 20,
    *,
    location_code: str | None = None,
    gate_code: str | None = None,
    category: str | None = None,
    search: str = "",
) -> Page[Tariff]:
    """The price in force now for each category at each gate (or the first one, when it lies in the future)."""
    later = aliased(Tariff)
    now = clock.unix()
    in_force = (
        select(
            func.coalesce(
                func.max(later.effective_from).filter(later.effective_from <= now),
                func.min(later.effective_from),
            )
        )
        .where(later.gate_id == Tariff.gate_id, later.category_id == Tariff.category_id)
        .scalar_subquery()
    )
    statement = select(Tariff).join(Gate, Gate.id == Tariff.gate_id).join(Location).join(Category)
    statement = statement.where(Tariff.effective_from == in_force)
    for column, value in ((Location.code, location_code), (Gate.code, gate_code), (Category.code, category)):
        statement = statement if value is None else statement.where(column == value)
    statement = _matching(
        statement, search, Gate.code, Gate.name, Location.code, Location.name, Category.code
    )
    return _page(statement.order_by(Location.code, Gate.code, Category.position), number, size)


def categories() -> list[Category]:
    return list(db.session.scalars(select(Category).order_by(Category.position)))


@dataclass(frozen=True)
class EventFilter:
    """Events of [start, end), Unix seconds, at a location or gate, of one category."""

    start: int
    end: int
    location_code: str | None = None
    gate_code: str | None = None
    category: str | None = None

    def __call__(self, statement: Select[Any]) -> Select[Any]:
        statement = (
            statement.select_from(GateEvent)
            .join(Gate, Gate.id == GateEvent.gate_id)
            .join(Location, Location.id == Gate.location_id)
            .join(Category, Category.id == GateEvent.category_id)
            .where(GateEvent.event_time >= self.start, GateEvent.event_time < self.end)
        )
        chosen = (
            (Location.code, self.location_code),
            (Gate.code, self.gate_code),
            (Category.code, self.category),
        )
        for column, value in chosen:
            statement = statement if value is None else statement.where(column == value)
        return statement


_EVENT_COLUMNS = (
    GateEvent.id,
    GateEvent.event_time,
    GateEvent.received_at,
    Location.code.label("location_code"),
    Gate.code.label("gate_code"),
    Gate.name.label("gate_name"),
    Category.code.label("category"),
    GateEvent.amount,
)


def events(chosen: EventFilter, size: int, before: tuple[int, int] | None = None) -> list[Row[Any]]:
    """Newest first; `before` is the (event_time, id) of the last row of the page before."""
    statement = chosen(select(*_EVENT_COLUMNS)).order_by(GateEvent.event_time.desc(), GateEvent.id.desc())
    if before is not None:
        moment, event_id = before
        older = (GateEvent.event_time < moment) | (
            (GateEvent.event_time == moment) & (GateEvent.id < event_id)
        )
        statement = statement.where(GateEvent.event_time <= moment, older)
    return list(db.session.execute(statement.limit(size)))


def latest_events(size: int, location_code: str | None = None) -> list[Row[Any]]:
    """The last ones to arrive, newest first. Looks at no more than the last 2,000 arrivals."""
    newest = db.session.scalar(select(func.max(GateEvent.id))) or 0
    statement = (
        select(*_EVENT_COLUMNS)
        .select_from(GateEvent)
        .join(Gate, Gate.id == GateEvent.gate_id)
        .join(Location, Location.id == Gate.location_id)
        .join(Category, Category.id == GateEvent.category_id)
        .where(GateEvent.id > newest - 2_000)
        .order_by(GateEvent.id.desc())
    )
    if location_code is not None:
        statement = statement.where(Location.code == location_code)
    return list(db.session.execute(statement.limit(size)))


def stream_events(engine: Engine, chosen: EventFilter) -> Iterator[Row[Any]]:
    """All events of the filter, oldest first, a thousand at a time from the database: memory stays flat."""
    statement = chosen(select(*_EVENT_COLUMNS)).order_by(GateEvent.event_time, GateEvent.id)
    with intent(write=False), engine.connect().execution_options(yield_per=1_000) as connection:
        yield from connection.execute(statement)
