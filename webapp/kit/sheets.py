"""Spreadsheets: XLSX written row by row to a file, so that a long table is never in memory."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO

import xlsxwriter

from webapp.kit.threads import offload

Rows = Iterable[Sequence[object]]
_CHUNK = 1_000
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd hh:mm:ss",
}


def write(file: BinaryIO, header: Sequence[str], rows: Rows) -> int:
    """Write the table as XLSX, in a thread of its own, so that others are served meanwhile; its size in bytes."""
    book = xlsxwriter.Workbook(file, _OPTIONS)
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(header) - 1, 20)
    sheet.write_row(0, 0, header, book.add_format({"bold": True}))
    for first, chunk in _chunks(rows):
        offload(_write_rows, sheet, first, chunk)
    offload(book.close)
    file.seek(0, 2)
    size = file.tell()
    file.seek(0)
    return size


def _write_rows(sheet: Any, first: int, rows: Sequence[Sequence[object]]) -> None:
    for number, row in enumerate(rows, start=first):
        sheet.write_row(number, 0, row)


def _chunks(rows: Rows) -> Iterator[tuple[int, Sequence[Sequence[object]]]]:
    """The rows a thousand at a time, each with the sheet's row where it begins."""
    remaining, first = iter(rows), 1
    while chunk := list(islice(remaining, _CHUNK)):
        yield first, chunk
        first += len(chunk)
