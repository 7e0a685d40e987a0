"""Reading markers: in a part of the map, as pages, one by its code. What a member sees is its own."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Float, Integer, and_, cast, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from webapp.accounts.models import Role, User
from webapp.database import AnySelect
from webapp.extensions import db
from webapp.kit.geo import Box
from webapp.kit.paging import Page
from webapp.markers.models import Marker

MAX_LIGHT = 10_000
MAX_GRID_ROWS = 60  # a taller box is cheaper to scan for than to ask row by row
SORTS: dict[str, InstrumentedAttribute[Any]] = {
    "name": Marker.name,
    "created_at": Marker.created_at,
    "updated_at": Marker.updated_at,
    "strain": Marker.strain,
    "quantity": Marker.quantity,
}


@dataclass(frozen=True)
class Wanted:
    """Which markers: `search` looks into name, code, strain and description; moments are from … until (excluded)."""

    search: str = ""
    strain: str = ""
    since: datetime | None = None
    until: datetime | None = None
    creator_id: int | None = None
    box: Box | None = None


def by_id(marker_id: uuid.UUID) -> Marker | None:
    return db.session.get(Marker, marker_id)


def by_code(short_code: str) -> Marker | None:
    return db.session.scalar(select(Marker).where(Marker.short_code == short_code.upper()))


def light(viewer: User, wanted: Wanted, limit: int = MAX_LIGHT) -> list[tuple[Any, ...]]:
    """`(id, short_code, name, latitude, longitude)` of at most `limit` markers, newest first."""
    columns = (Marker.id, Marker.short_code, Marker.name, Marker.latitude, Marker.longitude)
    statement = _visible(_where(select(*columns), wanted), viewer)
    return [
        tuple(row) for row in db.session.execute(statement.order_by(Marker.created_at.desc()).limit(limit))
    ]


def page(
    viewer: User, wanted: Wanted, number: int, size: int, *, sort: str = "created_at", descending: bool = True
) -> Page[Marker]:
    """A page of markers in the order of one of SORTS."""
    statement = _visible(_where(select(Marker), wanted), viewer)
    total = db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    order = SORTS[sort].desc() if descending else SORTS[sort].asc()
    rows = statement.order_by(order, Marker.id).limit(size).offset((number - 1) * size)
    return Page(db.session.scalars(rows).unique().all(), number, size, total)


def count(viewer: User, wanted: Wanted, at_most: int) -> int:
    """How many markers there are, counted no further than `at_most`."""
    some = _visible(_where(select(Marker.id), wanted), viewer).limit(at_most)
    return db.session.scalar(select(func.count()).select_from(some.subquery())) or 0


@dataclass(frozen=True)
class Cluster:
    """Markers that stand close together: how many, and their middle."""

    count: int
    latitude: float
    longitude: float


def clusters(viewer: User, wanted: Wanted, size: float) -> list[Cluster]:
    """The markers gathered in squares of `size` degrees."""
    row, column = (
        cast(func.floor(cast(axis, Float) / size), Integer) for axis in (Marker.latitude, Marker.longitude)
    )
    middle = (func.avg(cast(Marker.latitude, Float)), func.avg(cast(Marker.longitude, Float)))
    statement = _visible(_where(select(func.count(), *middle), wanted), viewer).group_by(row, column)
    return [Cluster(*found) for found in db.session.execute(statement.limit(MAX_LIGHT))]


def _visible(statement: AnySelect, viewer: User) -> AnySelect:
    """Contracts, All surfaces: a member sees its own markers and nothing else."""
    return statement.where(Marker.creator_id == viewer.id) if viewer.role < Role.VIEWER else statement


def _where(statement: AnySelect, wanted: Wanted) -> AnySelect:
    if wanted.search:
        pattern = f"%{_escaped(wanted.search.lower())}%"
        columns = (Marker.name, Marker.short_code, Marker.strain, Marker.description)
        matches = (func.lower(column).like(pattern, escape="\\") for column in columns)
        statement = statement.where(or_(*matches))
    if wanted.strain:
        statement = statement.where(Marker.strain == wanted.strain)
    if wanted.since is not None:
        statement = statement.where(Marker.created_at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(Marker.created_at < wanted.until)
    if wanted.creator_id is not None:
        statement = statement.where(Marker.creator_id == wanted.creator_id)
    return _within(statement, wanted.box) if wanted.box is not None else statement


def _within(statement: AnySelect, box: Box) -> AnySelect:
    statement = statement.where(
        and_(Marker.latitude.between(box.south, box.north), Marker.longitude.between(box.west, box.east))
    )
    if box.rows > MAX_GRID_ROWS:
        return statement
    return statement.where(or_(*(Marker.cell.between(first, last) for first, last in box.cells())))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
