"""Reading the activity log, newest first, by what its indexes find; a page costs the same however long it grows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, func, select

from webapp.activity.models import Activity
from webapp.database import intent
from webapp.extensions import db

WINDOW = 50_000  # lines that one look for something without an index (a word, a door) goes through
MAX_SKIP = 100_000
COUNTED = 10_000


@dataclass(frozen=True)
class ActivityFilter:
    """Which lines; None or "" means any. `start` is included, `end` is not."""

    user_id: int | None = None
    key_id: int | None = None
    action: str = ""
    object_type: str = ""
    object_id: str = ""
    door: str = ""
    start: datetime | None = None
    end: datetime | None = None
    search: str = ""

    @property
    def looks_at_each(self) -> bool:
        """Whether no index says which lines these are."""
        return bool(self.door or self.search)

    def found(self) -> list[ColumnElement[bool]]:
        """What an index finds."""
        equal = (
            (Activity.user_id, self.user_id),
            (Activity.key_id, self.key_id),
            (Activity.action, self.action),
            (Activity.object_type, self.object_type),
            (Activity.object_id, self.object_id),
        )
        return [*(column == value for column, value in equal if value), *self._between()]

    def seen(self) -> list[ColumnElement[bool]]:
        """What only a look at the line tells."""
        conditions: list[ColumnElement[bool]] = []
        if self.door:
            conditions.append(Activity.door == self.door)
        if self.search:
            conditions.append(
                func.lower(Activity.object_label).contains(self.search.lower(), autoescape=True)
            )
        return conditions

    def _between(self) -> Iterator[ColumnElement[bool]]:
        """The days by the lines' own times: a clock that was wrong for a while must not hide a line."""
        if self.start is not None:
            yield Activity.at >= self.start
        if self.end is not None:
            yield Activity.at < self.end


@dataclass(frozen=True)
class ActivityPage:
    """`newer` and `older` are the ids to go on from, if there is (or may be) more.

    `searched_to`: when nothing had been found, or little, and the look ended at a line of this moment.
    """

    items: Sequence[Activity]
    newer: int | None
    older: int | None
    searched_to: datetime | None = None


def browse(
    chosen: ActivityFilter, size: int = 50, *, before: int | None = None, after: int | None = None
) -> ActivityPage:
    """The newest lines of the filter, those older than the id `before`, or those newer than `after`."""
    if after is not None:
        return _newer(chosen, size, after)
    floor = _floor(chosen, before)
    statement = _lines(chosen).order_by(Activity.id.desc())
    if before is not None:
        statement = statement.where(Activity.id < before)
    if floor is not None:
        statement = statement.where(Activity.id >= floor.id)
    rows = db.session.scalars(statement.limit(size + 1)).all()
    items = rows[:size]
    newer = None if before is None else items[0].id if items else before - 1
    if len(rows) > size:
        return ActivityPage(items, newer, items[-1].id)
    return ActivityPage(items, newer, floor.id if floor else None, floor.at if floor else None)


def _newer(chosen: ActivityFilter, size: int, after: int) -> ActivityPage:
    beyond = Activity.id > after
    ceiling = _edge(chosen, [beyond], Activity.id.asc(), func.max)
    statement = _lines(chosen).where(beyond).order_by(Activity.id)
    if ceiling is not None:
        statement = statement.where(Activity.id <= ceiling.id)
    rows = db.session.scalars(statement.limit(size + 1)).all()
    if len(rows) < size and ceiling is None:
        return browse(chosen, size)  # a full first page rather than its torn half
    items = rows[:size][::-1]
    newer = items[0].id if len(rows) > size else ceiling.id if ceiling else None
    return ActivityPage(items, newer, items[-1].id if items else after + 1)


def _floor(chosen: ActivityFilter, before: int | None) -> Activity | None:
    beyond = [] if before is None else [Activity.id < before]
    return _edge(chosen, beyond, Activity.id.desc(), func.min)


def _edge(
    chosen: ActivityFilter, beyond: list[ColumnElement[bool]], order: ColumnElement[int], farthest: Any
) -> Activity | None:
    """Where a look at each line ends: the last of WINDOW lines. None when there are fewer, or an index knows."""
    if not chosen.looks_at_each:
        return None
    reach = select(Activity.id).where(*chosen.found(), *beyond).order_by(order).limit(WINDOW).subquery()
    count, line_id = db.session.execute(select(func.count(), farthest(reach.c.id)).select_from(reach)).one()
    return db.session.get(Activity, line_id) if count == WINDOW else None


def latest(chosen: ActivityFilter, skip: int = 0, limit: int = 50) -> Sequence[Activity]:
    """Lines of the filter, newest first, from the `skip`th (at most 100,000) on."""
    statement = _lines(chosen).order_by(Activity.id.desc()).offset(min(skip, MAX_SKIP)).limit(limit)
    return db.session.scalars(statement).all()


def count(chosen: ActivityFilter) -> int:
    """How many lines of the filter there are, counted up to 10,000."""
    some = _lines(chosen).with_only_columns(Activity.id).limit(COUNTED).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def last_changes(object_type: str, object_ids: Sequence[str]) -> dict[str, Activity]:
    """Object id → the last line about it, for a handful of objects."""
    newest = (
        select(func.max(Activity.id))
        .where(Activity.object_type == object_type, Activity.object_id.in_(object_ids))
        .group_by(Activity.object_id)
    )
    lines = db.session.scalars(select(Activity).where(Activity.id.in_(newest)))
    return {line.object_id: line for line in lines}


def stream(engine: Engine, chosen: ActivityFilter, limit: int) -> Iterator[Any]:
    """Lines of the filter, newest first, at most `limit`, a thousand at a time from the database."""
    columns = [column for column in Activity.__table__.columns if column.name not in ("user_id", "key_id")]
    statement = (
        select(*columns).where(*chosen.found(), *chosen.seen()).order_by(Activity.id.desc()).limit(limit)
    )
    with intent(write=False), engine.connect().execution_options(yield_per=1_000) as connection:
        yield from connection.execute(statement)


def _lines(chosen: ActivityFilter) -> Select[Activity]:
    return select(Activity).where(*chosen.found(), *chosen.seen())
