"""Reading a table of markers: whoever wrote it, and naming every fault by its row."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pydantic import ValidationError

from webapp.errors import Invalid
from webapp.markers import tables
from webapp.markers.fields import ImportedMarker

MAX_BYTES = 10_000_000
MAX_ROWS = 100_000  # on SQLite all other writers wait for an import, and after 5 s they give up
REQUIRED = ("name", "latitude", "longitude")
_FIELDS = tuple(ImportedMarker.model_fields)
# What people call the columns; the export's own names count first.
_OTHER_NAMES = {
    "name": ("nama", "address", "alamat"),
    "description": ("keterangan", "deskripsi"),
    "strain": ("jenis",),
    "quantity": ("jumlah",),
    "latitude": ("lat", "lintang"),
    "longitude": ("lon", "lng", "long", "bujur"),
    "owner_name": ("pemilik", "owner"),
    "owner_contact": ("kontak", "contact"),
}


class Fault(NamedTuple):
    """What is wrong in a row, numbered as the spreadsheet shows it: the first row of data is 2."""

    row: int
    field: str
    message: str


class Line(NamedTuple):
    """A row that is right: its number, and its fields."""

    row: int
    values: dict[str, Any]


@dataclass
class Sheet:
    """What a file says: the rows that are right, the faults of the others, and the columns that say nothing to us."""

    lines: list[Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows of data there are, right or wrong."""
        return len(self.lines) + len({fault.row for fault in self.faults})


def read(data: bytes) -> Sheet:
    """CSV of whatever encoding and delimiter, XLSX or GeoJSON. Raises Invalid for what is no such table at all."""
    if len(data) > MAX_BYTES:
        raise Invalid({"file": "Must be at most 10 MB"})
    records, commas = tables.read(data)
    heading = next(records, (0, []))[1]
    columns = _columns(heading)
    sheet = Sheet(ignored=[name for place, name in enumerate(heading) if place not in columns and name])
    for count, (row, cells) in enumerate(records, start=1):
        if count > MAX_ROWS:
            raise Invalid({"file": f"Must have at most {MAX_ROWS} rows"})
        _take(sheet, row, cells, columns, len(heading), commas=commas)
    return sheet


def _columns(heading: Sequence[str]) -> dict[int, str]:
    """The field that each place holds. Raises Invalid when a required one is missing, or one is there twice."""
    names = [name.lower().replace(" ", "_") for name in heading]
    columns: dict[int, str] = {}
    for wanted in _FIELDS:
        found = next((name for name in (wanted, *_OTHER_NAMES.get(wanted, ())) if name in names), None)
        if found is None and wanted in REQUIRED:
            raise Invalid({"file": f"Has no column {wanted}"})
        if found is not None:
            if names.count(found) > 1:
                raise Invalid({"file": f"Has two columns {found}"})
            columns[names.index(found)] = wanted
    return columns


def _take(
    sheet: Sheet, row: int, cells: Sequence[str], columns: dict[int, str], width: int, *, commas: bool
) -> None:
    if any(cells[width:]):
        sheet.faults.append(Fault(row, "row", "Has more cells than the heading"))
        return
    given = {name: cells[place] if place < len(cells) else "" for place, name in columns.items()}
    if commas:
        given |= {name: given[name].replace(",", ".") for name in ("latitude", "longitude")}
    try:
        sheet.lines.append(Line(row, ImportedMarker.model_validate(given).model_dump()))
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            message = str(fault["msg"]).removeprefix("Value error, ")
            sheet.faults.append(Fault(row, str(fault["loc"][0]), message))
