"""The rows of a table, whatever kind of file they come in: CSV of any encoding and delimiter, or XLSX."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from webapp.kit import csvsafe, workbooks

Records = Iterator[tuple[int, list[str]]]
_PIECE = 1_000_000
_SEPARATOR = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)  # how a file tells Excel what parts its cells


class Table(NamedTuple):
    """Every row that isn't blank, with its number as a spreadsheet shows it; the first is the heading.

    `commas`: numbers may be written `6,9`, because the comma does not part the cells.
    """

    records: Records
    commas: bool


class NotATable(ValueError):
    """What the file is not, in a sentence about it: `Is not CSV after row 3: …`."""


def read(data: bytes) -> Table:
    """The kind of a file is what it holds, not how it is called. Raises NotATable, also while the rows are read."""
    if data.startswith(b"PK\x03\x04"):
        return Table(_of_xlsx(data), commas=True)
    text = io.TextIOWrapper(io.BytesIO(data), _encoding(data), newline="")
    first = next((line for line in text if line.strip()), "")
    separator = _SEPARATOR.fullmatch(first)
    delimiter = separator[1] if separator else _delimiter(first)
    if not separator:
        text.seek(0)
    return Table(_of_csv(text, delimiter), commas=delimiter != ",")


def written(cell: Any) -> str:
    """A cell as text; numbers without an exponent."""
    if isinstance(cell, float):
        return f"{cell:.12f}".rstrip("0").rstrip(".")
    return str(cell).strip()


def _encoding(data: bytes) -> str:
    """By its byte order mark, else as UTF-8, else as Windows' western letters, which any bytes may be."""
    marked = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    for encoding in (marked, "cp1252"):
        try:
            _decode(data, encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "latin-1"


def _decode(data: bytes, encoding: str) -> None:
    """Only to see whether it can be, in pieces: the whole would take up to four times the memory of `data`."""
    decoder = codecs.getincrementaldecoder(encoding)()
    for start in range(0, len(data), _PIECE):
        decoder.decode(data[start : start + _PIECE])
    decoder.decode(b"", final=True)


def _delimiter(first: str) -> str:
    """The one that the first line has most of: spreadsheets of countries that write 6,9 use semicolons."""
    return max(",;\t", key=first.count)


def _of_csv(lines: io.TextIOWrapper, delimiter: str) -> Records:
    row = 0
    try:
        for row, cells in enumerate(csv.reader(lines, delimiter=delimiter), start=1):
            if any(cell.strip() for cell in cells):
                yield row, [csvsafe.plain(cell).strip() for cell in cells]
    except csv.Error as error:
        raise NotATable(f"Is not CSV after row {row}: {error}") from None


def _of_xlsx(data: bytes) -> Records:
    try:
        for row, cells in enumerate(workbooks.rows(data), start=1):
            texts = [written(cell) for cell in cells]
            if any(texts):
                yield row, _trimmed(texts)
    except workbooks.Unreadable as error:
        raise NotATable(str(error)) from None


def _trimmed(cells: list[str]) -> list[str]:
    """Without the empty cells at the end: a sheet is as wide as its widest row."""
    while cells and not cells[-1]:
        cells.pop()
    return cells
