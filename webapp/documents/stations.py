"""Stations: the lanes that reports are printed for (contract 3, H). A batch is done whole or not at all."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select

from webapp.database import lock
from webapp.documents.models import Station
from webapp.errors import Conflict, NotFound
from webapp.extensions import db

LOCK = "stations"


def listed() -> list[Station]:
    """All of them, by number."""
    return list(db.session.scalars(select(Station).order_by(Station.id)))


def create(names: Sequence[tuple[int, str]]) -> list[Station]:
    """Stations by number and name. Raises Conflict when a number is taken, or comes twice."""
    lock(LOCK)
    numbers = [number for number, _ in names]
    if len(set(numbers)) < len(numbers):
        raise Conflict("A station comes twice")
    if taken := _found(numbers):
        raise Conflict(f"Station {min(taken)} already exists")
    made = [Station(id=number, name=name) for number, name in names]
    db.session.add_all(made)
    db.session.flush()
    return made


def rename(names: Sequence[tuple[int, str]]) -> list[Station]:
    """Raises NotFound for an unknown number, Conflict when one comes twice."""
    lock(LOCK)
    if len({number for number, _ in names}) < len(names):
        raise Conflict("A station comes twice")
    found = _all(number for number, _ in names)
    for number, name in names:
        found[number].name = name
    db.session.flush()
    return [found[number] for number, _ in names]


def delete(numbers: Sequence[int]) -> int:
    """How many there were; one that is named twice counts once. Raises NotFound for an unknown number."""
    lock(LOCK)
    found = _all(numbers)
    for station in found.values():
        db.session.delete(station)
    db.session.flush()
    return len(found)


def _all(numbers: Iterable[int]) -> Mapping[int, Station]:
    wanted = set(numbers)
    found = _found(wanted)
    if missing := wanted - set(found):
        raise NotFound(f"Station {min(missing)} not found")
    return found


def _found(numbers: Iterable[int]) -> dict[int, Station]:
    stations = db.session.scalars(select(Station).where(Station.id.in_(list(numbers))))
    return {station.id: station for station in stations}
