"""The rows of a table, whatever kind of file they come in: CSV, XLSX or GeoJSON."""

import csv
import io
import zipfile
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson
from python_calamine import CalamineError, CalamineWorkbook

from webapp.errors import Invalid
from webapp.kit import csvsafe

MAX_UNPACKED = 300_000_000  # bytes that the parts of an XLSX file may come to
Records = Iterator[tuple[int, list[str]]]


class Table(NamedTuple):
    """Every row that isn't blank, with its number as a spreadsheet shows it; the first is the heading.

    `commas`: numbers may be written `6,9`, because the comma does not part the cells.
    """

    records: Records
    commas: bool


def read(data: bytes) -> Table:
    """The kind of a file is what it holds, not how it is called. Raises Invalid, also while the rows are read."""
    if data.startswith(b"PK\x03\x04"):
        return Table(_of_xlsx(data), commas=True)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return Table(_of_geojson(data), commas=False)
    text = _decoded(data)
    delimiter = _delimiter(text)
    return Table(_of_csv(text, delimiter), commas=delimiter != ",")


def _decoded(data: bytes) -> str:
    """By its byte order mark, else as UTF-8, else as Windows' western letters, which any bytes may be."""
    marked = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    for encoding in (marked, "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _delimiter(text: str) -> str:
    """The one that the first line has most of: spreadsheets of countries that write 6,9 use semicolons."""
    first = text.lstrip().partition("\n")[0]
    return max(",;\t", key=first.count)


def _of_csv(text: str, delimiter: str) -> Records:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    row = 0
    try:
        for row, cells in enumerate(reader, start=1):
            if any(cell.strip() for cell in cells):
                yield row, [csvsafe.plain(cell).strip() for cell in cells]
    except csv.Error as error:
        raise Invalid({"file": f"Is not CSV after row {row}: {error}"}) from None


def _of_xlsx(data: bytes) -> Records:
    """The first sheet."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            if sum(part.file_size for part in parts.infolist()) > MAX_UNPACKED:
                raise Invalid({"file": "Is too large once it is unpacked"})
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except (zipfile.BadZipFile, CalamineError, IndexError, ValueError):
        raise Invalid({"file": "Is not an XLSX file"}) from None
    for row, cells in enumerate(rows, start=1):
        written = [_written(cell) for cell in cells]
        if any(written):
            yield row, _trimmed(written)


def _trimmed(cells: list[str]) -> list[str]:
    """Without the empty cells at the end: a sheet is as wide as its widest row."""
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _written(cell: Any) -> str:
    """A cell as text; numbers without an exponent."""
    if isinstance(cell, float):
        return f"{cell:.12f}".rstrip("0").rstrip(".")
    return str(cell).strip()


def _of_geojson(data: bytes) -> Records:
    """Points as rows: their properties are the columns, the first feature is row 2."""
    features = _features(data)
    names = list(dict.fromkeys(name for one in features for name in one["properties"]))
    yield 1, names
    for row, one in enumerate(features, start=2):
        yield row, [_told(one["properties"].get(name)) for name in names]


def _features(data: bytes) -> list[dict[str, Any]]:
    try:
        found = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
        return [{"properties": _flat(feature)} for feature in found["features"]]
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        raise Invalid({"file": "Is not a GeoJSON FeatureCollection of points"}) from None


def _flat(feature: dict[str, Any]) -> dict[str, Any]:
    if feature["geometry"]["type"] != "Point":
        raise ValueError("not a point")
    longitude, latitude, *_ = feature["geometry"]["coordinates"]
    properties = {str(name).lower(): value for name, value in (feature.get("properties") or {}).items()}
    return properties | {"id": feature.get("id"), "longitude": longitude, "latitude": latitude}


def _told(value: Any) -> str:
    if value is None:
        return ""
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else _written(value)
