"""Registering many markers at once, from a spreadsheet: all of them or none, and every fault at once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import Table, insert, select

from webapp import audit
from webapp.accounts.models import User
from webapp.database import lock
from webapp.extensions import db
from webapp.kit.chunks import chunks
from webapp.kit.geo import cell
from webapp.kit.threads import Lane, breathe
from webapp.markers import service, spreadsheet
from webapp.markers.models import Marker
from webapp.markers.spreadsheet import Fault, Line, Sheet

SAMPLE = 5
_TABLE = cast("Table", Marker.__table__)  # rows, not objects: half the time, and a note tells of them
_lane = Lane(politeness=10)  # large files are read one after the other, and nobody waits for them


@dataclass(frozen=True)
class Report:
    """What came of an import, or would come of it: nothing is `created` while there are `faults`."""

    rows: int
    created: int
    known: int  # rows whose id is there already; they were left as they are
    faults: list[Fault]
    ignored: list[str]
    sample: list[dict[str, Any]]

    @property
    def good(self) -> bool:
        return not self.faults


def read(data: bytes) -> Sheet:
    """The file, read in a thread of its own; call it before anything is locked. Raises Invalid."""
    return _lane.run(spreadsheet.read, data)


def import_markers(sheet: Sheet, *, by: User, dry_run: bool = False) -> Report:
    """Register the sheet's markers as `by`'s, or, if it has a fault, none; a dry run only says what would come.

    A row with the id of a marker that is there is left out, so that sending a file again never doubles; its
    `short_code` is kept, so that labels stay good.
    """
    lock("import of markers")
    owners = _owners(sheet.lines)
    fresh = [line for line in sheet.lines if line.values["id"] not in owners]
    faults = [*sheet.faults, *_twice(sheet.lines, "id"), *_twice(fresh, "short_code")]
    faults += _taken(sheet.lines, owners, by) + _taken_codes(fresh)
    if not faults and not dry_run:
        _insert(fresh, by)
    return Report(
        sheet.rows,
        0 if faults else len(fresh),
        len(sheet.lines) - len(fresh),
        sorted(faults),
        sheet.ignored,
        [line.values for line in sheet.lines[:SAMPLE]],
    )


def _owners(lines: Sequence[Line]) -> dict[UUID, int]:
    """Of the ids that are there already: whose they are."""
    ids = [line.values["id"] for line in lines if line.values["id"] is not None]
    found: dict[UUID, int] = {}
    for some in chunks(ids):
        statement = select(Marker.id, Marker.creator_id).where(Marker.id.in_(some))
        found |= {row.id: row.creator_id for row in db.session.execute(statement)}
    return found


def _taken(lines: Sequence[Line], owners: dict[UUID, int], by: User) -> list[Fault]:
    return [
        Fault(line.row, "id", "Belongs to another marker")
        for line in lines
        if not service.may_change_of(owners.get(line.values["id"], by.id), by)
    ]


def _taken_codes(lines: Sequence[Line]) -> list[Fault]:
    rows = {line.values["short_code"]: line.row for line in lines if line.values["short_code"] is not None}
    taken = [code for some in chunks(list(rows)) for code in _known_codes(some)]
    return [Fault(rows[code], "short_code", "Belongs to another marker") for code in taken]


def _twice(lines: Iterable[Line], name: str) -> Iterator[Fault]:
    first: dict[Any, int] = {}
    for line in lines:
        value = line.values[name]
        if value is not None and first.setdefault(value, line.row) != line.row:
            yield Fault(line.row, name, f"Is in row {first[value]} already")


def _insert(lines: Sequence[Line], by: User) -> None:
    audit.note("import", "markers", label=f"{len(lines)} markers", count=len(lines))
    statement = insert(_TABLE)
    used = {line.values["short_code"] for line in lines}
    for some in chunks(lines):
        codes = _new_codes(len(some), used)
        db.session.execute(statement, [_row(line.values, codes.pop(), by.id) for line in some])
        breathe()


def _row(values: dict[str, Any], code: str, creator_id: int) -> dict[str, Any]:
    return values | {
        "id": values["id"] or uuid4(),
        "short_code": values["short_code"] or code,
        "cell": cell(values["latitude"], values["longitude"]),
        "creator_id": creator_id,
    }


def _new_codes(count: int, used: set[str]) -> list[str]:
    """As many codes that nobody has; they join the `used` ones."""
    found: set[str] = set()
    while len(found) < count:
        made = {service.random_code() for _ in range(count - len(found))} - used
        found |= made - _known_codes(made)
        used |= found
    return list(found)


def _known_codes(codes: Iterable[str]) -> set[str]:
    return set(db.session.scalars(select(Marker.short_code).where(Marker.short_code.in_(list(codes)))))
