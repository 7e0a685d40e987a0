"""Reading a table of customers (contract 2, Import Pelanggan): whoever wrote it, and naming every fault by its row."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from webapp.errors import Invalid
from webapp.kit import tables
from webapp.kit.packed import Packed
from webapp.kit.tables import Records
from webapp.subscribers import fields
from webapp.subscribers.customers import search_text_of

T = TypeVar("T")
MAX_BYTES = 10_000_000
MAX_ROWS = 50_000
MAX_FAULTS = 1_000  # that are kept; more are counted
# The template's headings, in its order, and what each is called here. Exports have the same.
COLUMNS = {
    "name": "Nama",
    "national_id": "No KTP",
    "email": "Email",
    "phone": "No Telepon",
    "package": "Layanan",
    "address": "Alamat",
    "installed_on": "Tanggal Instalasi (YYYY-MM-DD)",
    "brand": "ID Brand",
}
_OTHER_NAMES = {"phone": ("notelp",), "package": ("paket", "namapaket")}
_NOT_IN_NAMES = re.compile(r"\(.*?\)|[\W_]")
_AS_TEXT = re.compile(r'="([^"]*)"')  # how programs keep a spreadsheet from taking digits for a number
_ROUNDED = re.compile(r"\d([.,]\d+)?E\+\d+", re.IGNORECASE)
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)
_WITH_TIME = re.compile(r"(.*\d)[ T]\d{1,2}[:.]\d\d([:.]\d\d)?(\.\d+)?")
_SERIAL = re.compile(r"\d{5}", re.ASCII)
_SERIALS_BEGIN = date(1899, 12, 30)


class Fault(NamedTuple):
    """What is wrong in a row, numbered as the spreadsheet shows it: the first row of data is 2."""

    row: int
    column: str
    message: str


class Line(NamedTuple):
    """A row that is right: where it was, what it subscribes to, and the columns of Customer."""

    row: int
    package_id: int | None
    name: str
    national_id: str
    email: str | None
    phone: str
    address: str
    installed_on: date | None
    brand_code: str
    search_text: str


@dataclass(frozen=True)
class Known:
    """What rows may name: a brand's code → a package's name, as it is and in lower case → its id; the latest start."""

    offers: Mapping[str, Mapping[str, int]]
    latest: date


class Survey(NamedTuple):
    """How many rows of data a file has, and which columns say nothing to us."""

    rows: int
    ignored: list[str]


@dataclass
class Sheet:
    """What a file says: the rows that are right, the faults of the others, the columns that say nothing to us."""

    rows: int = 0
    lines: Packed[Line] = field(default_factory=Packed)
    faults: list[Fault] = field(default_factory=list)
    fault_count: int = 0
    ignored: list[str] = field(default_factory=list)
    emails: dict[str, int] = field(default_factory=dict)  # and the first row that has each
    national_ids: dict[str, int] = field(default_factory=dict)

    def note(self, *faults: Fault) -> None:
        """Remember faults; of very many, only how many there are."""
        self.fault_count += len(faults)
        self.faults += faults[: max(0, MAX_FAULTS - len(self.faults))]

    def forget(self) -> None:
        """Let go of the values that were compared; what is stored next takes its own memory."""
        self.emails, self.national_ids = {}, {}

    def recall(self) -> None:
        """The values again, of the rows that are right."""
        self.emails = {line.email: line.row for line in self.lines if line.email}
        self.national_ids = {line.national_id: line.row for line in self.lines}


def survey(data: bytes) -> Survey:
    """A quick first look. Raises Invalid for what can't be a table of customers, whatever its rows say."""
    if len(data) > MAX_BYTES:
        raise Invalid({"file": "Must be at most 10 MB"})
    try:
        records = tables.read(data).records
        heading = next(records, (0, []))[1]
        ignored = _ignored(heading, _columns(heading))
        rows = sum(1 for _ in islice(records, MAX_ROWS + 1))
    except tables.NotATable as error:
        raise Invalid({"file": str(error)}) from None
    if not rows:
        raise Invalid({"file": "Has no rows of data"})
    if rows > MAX_ROWS:
        raise Invalid({"file": f"Must have at most {MAX_ROWS} rows"})
    return Survey(rows, ignored)


def read(data: bytes, known: Known, progress: Callable[[int], None] = lambda _rows: None) -> Sheet:
    """A file that `survey` has let pass; `progress` hears of every thousandth row. Raises Invalid."""
    records = tables.read(data).records
    heading = next(records, (0, []))[1]
    columns = _columns(heading)
    sheet = Sheet(ignored=_ignored(heading, columns))
    reader = _Reader(sheet, columns, known)
    try:
        _take_all(reader, records, len(heading), progress)
    except tables.NotATable as error:
        raise Invalid({"file": str(error)}) from None
    return sheet


def _take_all(reader: "_Reader", records: Records, width: int, progress: Callable[[int], None]) -> None:
    for count, (row, cells) in enumerate(records, start=1):
        if any(cells[width:]):
            reader.sheet.note(Fault(row, "", "Has more cells than the heading"))
        else:
            reader.take(row, cells)
        if count % 1_000 == 0:
            progress(count)
        reader.sheet.rows = count


def _columns(heading: Sequence[str]) -> dict[str, int]:
    """The place of each field. Raises Invalid when a column is missing, or is there twice."""
    if not heading:
        raise Invalid({"file": "Is empty"})
    names = [_bare(name) for name in heading]
    places: dict[str, int] = {}
    missing = []
    for wanted, title in COLUMNS.items():
        called = {_bare(title), *_OTHER_NAMES.get(wanted, ())}
        found = [place for place, name in enumerate(names) if name in called]
        if len(found) > 1:
            raise Invalid({"file": f"Has two columns {title}"})
        if found:
            places[wanted] = found[0]
        else:
            missing.append(title)
    if missing:
        raise Invalid({"file": f"Has no column {', '.join(missing)}"})
    return places


def _ignored(heading: Sequence[str], columns: Mapping[str, int]) -> list[str]:
    return [name for place, name in enumerate(heading) if place not in columns.values() and name]


def _bare(name: str) -> str:
    """`Tanggal Instalasi (YYYY-MM-DD)`, `tanggal_instalasi`: the same."""
    return _NOT_IN_NAMES.sub("", name.casefold())


class _Reader:
    """Checks rows one after the other; what it has seen before it remembers."""

    def __init__(self, sheet: Sheet, columns: dict[str, int], known: Known) -> None:
        self.sheet = sheet
        self._places = [columns[name] for name in COLUMNS]
        self._width = max(self._places) + 1
        self._known = known
        self._days: dict[str, date | None] = {}

    def take(self, row: int, cells: Sequence[str]) -> None:
        if len(cells) < self._width:
            cells = [*cells, *[""] * (self._width - len(cells))]
        texts = [_cleaned(cells[place]) for place in self._places]
        name, national_id, email, phone, package, address, day, brand = texts
        before = self.sheet.fault_count
        checked = (
            self._checked(row, "name", name, _name),
            self._once(row, "national_id", national_id, _national_id, self.sheet.national_ids),
            self._once(row, "email", email, fields.email, self.sheet.emails),
            self._checked(row, "phone", phone.removeprefix("'"), fields.phone),
            self._checked(row, "address", address, _address),
            self._checked(row, "installed_on", day, self._day),
            self._checked(row, "brand", brand, self._brand),
        )
        package_id = (
            self._package(row, checked[-1], package, checked[-2]) if package and checked[-1] else None
        )
        if self.sheet.fault_count == before:
            found_by = search_text_of(checked[0], checked[2], checked[3])
            self.sheet.lines.append(Line(row, package_id, *checked, found_by))

    def _checked(self, row: int, name: str, text: str, check: Callable[[str], T]) -> Any:
        try:
            return check(text)
        except ValueError as error:
            self.sheet.note(Fault(row, COLUMNS[name], str(error)))
            return None

    def _once(self, row: int, name: str, text: str, check: Callable[[str], T], seen: dict[str, int]) -> Any:
        value = self._checked(row, name, text, check)
        if value is not None and (first := seen.setdefault(value, row)) != row:
            self.sheet.note(Fault(row, COLUMNS[name], f"Is in row {first} already"))
        return value

    def _day(self, text: str) -> date | None:
        if text not in self._days:
            self._days[text] = fields.day(_iso(text))
        return self._days[text]

    def _brand(self, text: str) -> str:
        code = fields.brand_code(text)
        if code not in self._known.offers:
            raise ValueError("There is no such brand")
        return code

    def _package(self, row: int, brand: str, name: str, start: date | None) -> int | None:
        packages = self._known.offers[brand]
        found = packages.get(name) or packages.get(name.lower())
        if found is None:
            self.sheet.note(Fault(row, COLUMNS["package"], "The brand has no such package"))
        if start is not None and start > self._known.latest:
            self.sheet.note(Fault(row, COLUMNS["installed_on"], "Must be within a year from today"))
        return found


def _cleaned(cell: str) -> str:
    """A cell in one line, as its writer meant it."""
    as_text = _AS_TEXT.fullmatch(cell)
    return " ".join((as_text[1] if as_text else cell).split())


def _name(text: str) -> str:
    return fields.plain_text(text, 150, required=True)


def _address(text: str) -> str:
    return fields.plain_text(text, 300, required=True)


def _national_id(text: str) -> str:
    if _ROUNDED.fullmatch(text):
        raise ValueError("Was rounded by a spreadsheet: make the column text and write it again")
    if (found := fields.national_id(text.removeprefix("'"))) is None:
        raise ValueError("Must have 16 digits")
    return found


def _iso(text: str) -> str:
    """2024-01-15, 15/01/2024 (the day comes first in Indonesia), 45306 (how Excel counts days), as YYYY-MM-DD."""
    if with_time := _WITH_TIME.fullmatch(text):
        text = with_time[1]
    if found := _DAY_FIRST.fullmatch(text):
        return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"
    if _SERIAL.fullmatch(text):
        return (_SERIALS_BEGIN + timedelta(days=int(text))).isoformat()
    return text
