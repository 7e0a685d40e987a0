"""Reading markers: in a part of the map, as pages, one by its code. What a member sees is its own."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Double,
    Float,
    Integer,
    Row,
    String,
    Uuid,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import InstrumentedAttribute

from webapp.accounts.models import Role, User
from webapp.database import AnySelect, UtcDateTime, stream
from webapp.extensions import db
from webapp.kit.geo import Box
from webapp.kit.like import containing
from webapp.kit.paging import Page
from webapp.markers.models import Marker

MAX_LIGHT = 10_000
MAX_GRID_ROWS = 60  # a taller box is cheaper to scan for than to ask row by row
Light = Sequence[Any]  # id as text, short_code, name, latitude and longitude as floats
_LIGHT = (
    cast(Marker.id, String),
    Marker.short_code,
    Marker.name,
    cast(Marker.latitude, Double),
    cast(Marker.longitude, Double),
)
EXPORTED = (
    Marker.id,
    Marker.short_code,
    Marker.name,
    Marker.description,
    Marker.strain,
    Marker.quantity,
    cast(Marker.latitude, Double).label("latitude"),
    cast(Marker.longitude, Double).label("longitude"),
    Marker.owner_name,
    Marker.owner_contact,
    Marker.photo,
    User.public_id.label("creator_id"),
    Marker.created_at,
    Marker.updated_at,
)
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
    creator: uuid.UUID | None = None  # by the id that the world knows


def by_id(marker_id: uuid.UUID) -> Marker | None:
    return db.session.get(Marker, marker_id)


def by_code(short_code: str) -> Marker | None:
    return db.session.scalar(select(Marker).where(Marker.short_code == short_code.upper()))


def shown_photos(names: Iterable[str]) -> set[str]:
    """Those of the photos (at most 5,000) that a marker shows."""
    wanted = select(Marker.photo).where(Marker.photo.in_(list(names)))
    return {name for name in db.session.scalars(wanted) if name is not None}


def light(viewer: User, wanted: Wanted, limit: int = MAX_LIGHT) -> Sequence[Light]:
    """At most `limit` markers, newest first; plain values in the driver's own words, because there may be many."""
    statement = _seen(select(*_LIGHT), viewer, wanted)
    rows: Sequence[Light] = db.session.execute(
        statement.order_by(Marker.created_at.desc()).limit(limit)
    ).all()
    if db.engine.dialect.name == "postgresql":
        return rows
    return [(_dashed(id), code, name, north, east) for id, code, name, north, east in rows]


def every(viewer: User, wanted: Wanted) -> Iterator[Row[Any]]:
    """All of the markers with EXPORTED's columns, newest first, for an answer that outlives the request."""
    statement = _seen(select(*EXPORTED).join(Marker.creator), viewer, wanted)
    return stream(db.engine, statement.order_by(Marker.created_at.desc(), Marker.id.desc()), _older)


def _older(last: Row[Any]) -> ColumnElement[bool]:
    place = tuple_(literal(last.created_at, UtcDateTime), literal(last.id, Uuid))
    return tuple_(Marker.created_at, Marker.id) < place


def _dashed(hexadecimal: str) -> str:
    """A UUID as people write it; a tenth of the time that a UUID object takes."""
    h = hexadecimal
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


def page(
    viewer: User, wanted: Wanted, number: int, size: int, *, sort: str = "created_at", descending: bool = True
) -> Page[Marker]:
    """A page of markers in the order of one of SORTS."""
    statement = _seen(select(Marker), viewer, wanted)
    total = db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    order = SORTS[sort].desc() if descending else SORTS[sort].asc()
    rows = statement.order_by(order, Marker.id).limit(size).offset((number - 1) * size)
    return Page(db.session.scalars(rows).unique().all(), number, size, total)


def count(viewer: User, wanted: Wanted, at_most: int) -> int:
    """How many markers there are, counted no further than `at_most`."""
    some = _seen(select(Marker.id), viewer, wanted).limit(at_most)
    return db.session.scalar(select(func.count()).select_from(some.subquery())) or 0


def some(viewer: User, ids: Sequence[uuid.UUID]) -> list[Marker]:
    """Those of the markers that the viewer may see, by name."""
    statement = _visible(select(Marker).where(Marker.id.in_(ids)), viewer)
    return list(db.session.scalars(statement.order_by(Marker.name, Marker.id)).unique())


def strains(viewer: User, limit: int = 200) -> list[str]:
    """The strains that there are, the most frequent first."""
    statement = _visible(select(Marker.strain).where(Marker.strain != ""), viewer).group_by(Marker.strain)
    return list(db.session.scalars(statement.order_by(func.count().desc(), Marker.strain).limit(limit)))


def extent(viewer: User, wanted: Wanted) -> Box | None:
    """The smallest box around all of the markers; None when there are none."""
    columns = [edge(axis) for edge in (func.min, func.max) for axis in (Marker.longitude, Marker.latitude)]
    found = db.session.execute(_seen(select(*columns), viewer, wanted)).one()
    return None if found[0] is None else Box(*(float(degrees) for degrees in found))


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
    statement = _seen(select(func.count(), *middle), viewer, wanted).group_by(row, column)
    return [Cluster(*found) for found in db.session.execute(statement.limit(MAX_LIGHT))]


def _visible(statement: AnySelect, viewer: User) -> AnySelect:
    """Contracts, All surfaces: a member sees its own markers and nothing else."""
    return statement.where(Marker.creator_id == viewer.id) if viewer.role < Role.VIEWER else statement


def _seen(statement: AnySelect, viewer: User, wanted: Wanted) -> AnySelect:
    """Those of the wanted markers that the viewer may see."""
    statement = _where(statement, wanted)
    if wanted.box is None or wanted.box.rows > MAX_GRID_ROWS or viewer.role >= Role.VIEWER:
        return _visible(statement, viewer)
    # The grid finds what is in a box sooner than the creator's index, which `+ 0` keeps SQLite's planner from taking.
    return statement.where(Marker.creator_id + 0 == viewer.id)


def _where(statement: AnySelect, wanted: Wanted) -> AnySelect:
    if wanted.search:
        pattern = containing(wanted.search.lower())
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
    if wanted.creator is not None:
        account = select(User.id).where(User.public_id == wanted.creator).scalar_subquery()
        statement = statement.where(Marker.creator_id == account)
    return _within(statement, wanted.box) if wanted.box is not None else statement


def _within(statement: AnySelect, box: Box) -> AnySelect:
    statement = statement.where(
        and_(Marker.latitude.between(box.south, box.north), Marker.longitude.between(box.west, box.east))
    )
    if box.rows > MAX_GRID_ROWS:
        return statement
    return statement.where(or_(*(Marker.cell.between(first, last) for first, last in box.cells())))
