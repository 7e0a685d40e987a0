"""Listing locations, gates, tariffs and events."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, Row, Select, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from webapp.database import intent
from webapp.extensions import db
from webapp.gates.models import Category, DailyTotal, Gate, GateEvent, GatePulse, Location, Tariff
from webapp.kit import clock
from webapp.kit.paging import Page

_DAYS_AT_ONCE = 400  # days of totals that one page of events may look through


def _page(statement: Select[Any], number: int, size: int) -> Page[Any]:
    total = db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    rows = db.session.scalars(statement.limit(size).offset((number - 1) * size))
    return Page(list(rows), number, size, total)


def _where(statement: Select[Any], *pairs: tuple[Any, Any]) -> Select[Any]:
    """The statement with `column == value` for each pair whose value is not None."""
    for column, value in pairs:
        statement = statement if value is None else statement.where(column == value)
    return statement


def _sorted(statement: Select[Any], sort: str, columns: Mapping[str, Any], *ties: Any) -> Select[Any]:
    """By `sort`, a name of `columns` ("-name" for descending; any other means none), then by `ties`."""
    column = columns.get(sort.removeprefix("-"))
    if column is None:
        return statement.order_by(*ties)
    return statement.order_by(column.desc() if sort.startswith("-") else column, *ties)


def _matching(statement: Select[Any], search: str, *columns: Any) -> Select[Any]:
    words = search.split()
    for word in words:
        statement = statement.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return statement


def locations(
    number: int = 1,
    size: int = 20,
    *,
    code: str | None = None,
    search: str = "",
    active: bool | None = None,
    sort: str = "",
) -> Page[Location]:
    """Locations by code (or by `sort`), active or not."""
    statement = _matching(select(Location), search, Location.code, Location.name, Location.type)
    statement = _where(statement, (Location.code, code), (Location.is_active, active))
    columns = {"code": Location.code, "name": Location.name, "type": Location.type}
    return _page(_sorted(statement, sort, columns, Location.code), number, size)


def gates(
    number: int = 1,
    size: int = 20,
    *,
    location_code: str | None = None,
    search: str = "",
    active: bool | None = None,
    sort: str = "",
) -> Page[Gate]:
    """Gates by location and code (or by `sort`), active or not."""
    statement = select(Gate).join(Location).outerjoin(GatePulse, GatePulse.gate_id == Gate.id)
    statement = _matching(statement, search, Gate.code, Gate.name, Location.code, Location.name)
    statement = _where(statement, (Location.code, location_code), (Gate.is_active, active))
    columns = {
        "location": Location.code,
        "code": Gate.code,
        "name": Gate.name,
        "direction": Gate.direction,
        "heard": func.coalesce(GatePulse.last_heard_at, 0),
    }
    return _page(_sorted(statement, sort, columns, Location.code, Gate.code), number, size)


def gates_by_id(ids: Iterable[int | None]) -> dict[int, Gate]:
    wanted = {gate_id for gate_id in ids if gate_id is not None}
    return {gate.id: gate for gate in db.session.scalars(select(Gate).where(Gate.id.in_(wanted)))}


def last_heard(gates: Iterable[Gate]) -> dict[int, int]:
    """Gate id → Unix seconds at which its device was last heard; those never heard are missing."""
    ids = [gate.id for gate in gates]
    rows = db.session.execute(
        select(GatePulse.gate_id, GatePulse.last_heard_at).where(GatePulse.gate_id.in_(ids))
    )
    return {row.gate_id: row.last_heard_at for row in rows}


def count_gates(locations: Iterable[Location]) -> dict[int, int]:
    """Location id → how many gates it has; those without any are missing."""
    ids = [location.id for location in locations]
    statement = select(Gate.location_id, func.count()).where(Gate.location_id.in_(ids))
    return {row[0]: row[1] for row in db.session.execute(statement.group_by(Gate.location_id))}


def tariffs(
    number: int = 1,
    size: int = 20,
    *,
    location_code: str | None = None,
    gate_code: str | None = None,
    category: str | None = None,
    search: str = "",
    sort: str = "",
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
    statement = _where(
        statement, (Location.code, location_code), (Gate.code, gate_code), (Category.code, category)
    )
    named = (Gate.code, Gate.name, Location.code, Location.name)
    statement = _matching(statement, search, *named, Category.code, Category.name_id, Category.name_en)
    columns = {
        "location": Location.code,
        "gate": Gate.code,
        "category": Category.position,
        "price": Tariff.price,
        "since": Tariff.effective_from,
    }
    return _page(_sorted(statement, sort, columns, Location.code, Gate.code, Category.position), number, size)


def next_changes(tariffs: Iterable[Tariff]) -> dict[tuple[int, int], Tariff]:
    """(gate id, category id) → the first price after `tariffs` that has not begun yet, where there is one."""
    shown = {(tariff.gate_id, tariff.category_id): tariff.effective_from for tariff in tariffs}
    statement = select(Tariff).where(
        Tariff.gate_id.in_({gate_id for gate_id, _ in shown}), Tariff.effective_from > clock.unix()
    )
    found: dict[tuple[int, int], Tariff] = {}
    for tariff in db.session.scalars(statement.order_by(Tariff.effective_from)):
        key = tariff.gate_id, tariff.category_id
        if key in shown and tariff.effective_from > shown[key]:
            found.setdefault(key, tariff)
    return found


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

    @property
    def is_indexed(self) -> bool:
        """Whether an index leads straight from one such event to the next: all events, or those of one gate."""
        return self.category is None and (self.location_code is None or self.gate_code is not None)

    def __call__(self, statement: Select[Any], table: Any = GateEvent) -> Select[Any]:
        """Narrowed to the gates and category (not the time); the ids go in as values, so that indexes serve."""
        if self.location_code is not None or self.gate_code is not None:
            gates = select(Gate.id).join(Location)
            gates = _where(gates, (Location.code, self.location_code), (Gate.code, self.gate_code))
            ids = list(db.session.scalars(gates))
            statement = statement.where(table.gate_id == ids[0] if len(ids) == 1 else table.gate_id.in_(ids))
        if self.category is not None:
            category_id = db.session.scalar(select(Category.id).where(Category.code == self.category))
            statement = statement.where(table.category_id == category_id)
        return statement


Place = tuple[int, int]  # an event's (event_time, id): where it stands in the list
_PLACE: Any = tuple_(GateEvent.event_time + 0, GateEvent.id)  # + 0: the index is for the span, see _within
_EVENT: Any = (
    select(
        GateEvent.id,
        GateEvent.event_time,
        GateEvent.received_at,
        Location.code.label("location_code"),
        Gate.code.label("gate_code"),
        Gate.name.label("gate_name"),
        Category.code.label("category"),
        Category.name_id.label("category_id_name"),
        Category.name_en.label("category_en_name"),
        GateEvent.amount,
    )
    .select_from(GateEvent)
    .join(Gate, Gate.id == GateEvent.gate_id)
    .join(Location, Location.id == Gate.location_id)
    .join(Category, Category.id == GateEvent.category_id)
)


@dataclass(frozen=True)
class EventPage:
    """Events, newest first; `newer` and `older` are where the neighbouring pages begin, None where there is none."""

    items: Sequence[Row[Any]]
    newer: Place | None
    older: Place | None


def browse(
    chosen: EventFilter,
    zone: ZoneInfo,
    size: int = 50,
    *,
    before: Place | None = None,
    after: Place | None = None,
) -> EventPage:
    """The newest events of the filter, those older than `before`, or those newer than `after`."""
    if after is not None:
        return _newer(chosen, zone, size, after)
    rows = _older(chosen, zone, size, before)
    items = rows[:size]
    return EventPage(
        items,
        _place(items[0]) if before is not None and items else None,
        _place(items[-1]) if len(rows) > size else None,
    )


def _older(chosen: EventFilter, zone: ZoneInfo, size: int, before: Place | None) -> list[Row[Any]]:
    statement = chosen(_EVENT).order_by(GateEvent.event_time.desc(), GateEvent.id.desc())
    end = chosen.end
    if before is not None:
        statement, end = statement.where(before > _PLACE), min(end, before[0] + 1)
    days = _busy_days(chosen, zone, size + 1, chosen.start, end, newest_first=True)
    return _first(size + 1, statement, days)


def _newer(chosen: EventFilter, zone: ZoneInfo, size: int, after: Place) -> EventPage:
    statement = chosen(_EVENT).order_by(GateEvent.event_time, GateEvent.id).where(after < _PLACE)
    days = _busy_days(chosen, zone, size + 1, max(chosen.start, after[0]), chosen.end, newest_first=False)
    rows = _first(size + 1, statement, days)
    if len(rows) < size:
        return browse(chosen, zone, size)  # a full first page rather than its torn half
    items = rows[size - 1 :: -1]
    return EventPage(items, _place(items[0]) if len(rows) > size else None, _place(items[-1]))


def _place(row: Row[Any]) -> Place:
    return row.event_time, row.id


Span = tuple[int, int]  # [start, end), Unix seconds


def _first(size: int, statement: Select[Any], spans: Iterable[Span]) -> list[Row[Any]]:
    """The first rows of the statement in spans that are in its order; one span at a time, so that an index serves."""
    rows: list[Row[Any]] = []
    for span in spans:
        if len(rows) < size:
            rows += db.session.execute(_within(statement, span).limit(size - len(rows)))
    return rows


def _within(statement: Select[Any], span: Span) -> Select[Any]:
    return statement.where(GateEvent.event_time >= span[0], GateEvent.event_time < span[1])


def _busy_days(
    chosen: EventFilter, zone: ZoneInfo, size: int, start: int, end: int, newest_first: bool
) -> list[Span]:
    """Where in [start, end) the first `size` events of the filter lie, coming from its newer or its older end.

    The totals tell, so that looking for something rare doesn't read through millions of other events.
    """
    if start >= end or chosen.is_indexed:
        return [(start, end)]
    outer = [clock.business_hour(moment, zone)[0] for moment in (start, end - 1)]
    totals: Any = select(DailyTotal.day, func.sum(DailyTotal.count))
    totals = chosen(totals, DailyTotal).where(DailyTotal.day >= outer[0], DailyTotal.day <= outer[1])
    order = DailyTotal.day.desc() if newest_first else DailyTotal.day
    found, spans = 0, []
    for day, count in db.session.execute(
        totals.group_by(DailyTotal.day).order_by(order).limit(_DAYS_AT_ONCE)
    ):
        first, after = clock.day_bounds(day, zone)
        spans.append((max(first, start), min(after, end)))
        found += count if day not in outer else 0  # of the outer days, only a part may lie within
        if found >= size:
            return spans
    if len(spans) == _DAYS_AT_ONCE:
        spans.append((start, spans[-1][0]) if newest_first else (spans[-1][1], end))
    return spans


def count_events(chosen: EventFilter, limit: int) -> int:
    """How many events the filter has, counted no further than `limit`."""
    found: Any = select(GateEvent.id)
    statement = _within(chosen(found), (chosen.start, chosen.end)).limit(limit)
    return db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0


def latest_events(size: int, location_code: str | None = None) -> list[Row[Any]]:
    """The last ones to arrive, newest first. Looks at no more than the last 2,000 arrivals."""
    newest = db.session.scalar(select(func.max(GateEvent.id))) or 0
    statement = _EVENT.where(GateEvent.id > newest - 2_000).order_by(GateEvent.id.desc())
    if location_code is not None:
        statement = statement.where(Location.code == location_code)
    return list(db.session.execute(statement.limit(size)))


def stream_events(engine: Engine, chosen: EventFilter) -> Iterator[Row[Any]]:
    """All events of the filter, oldest first, a thousand at a time from the database: memory stays flat."""
    statement = chosen(_EVENT).order_by(GateEvent.event_time, GateEvent.id)
    return _read(engine, _within(statement, (chosen.start, chosen.end)))


def _read(engine: Engine, statement: Select[Any]) -> Iterator[Row[Any]]:
    with intent(write=False), engine.connect().execution_options(yield_per=1_000) as connection:
        yield from connection.execute(statement)
