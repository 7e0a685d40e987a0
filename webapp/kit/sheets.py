"""Spreadsheets: XLSX written row by row to a file, so that a long table is never in memory."""

from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

import xlsxwriter

from webapp.kit.chunks import CHUNK, chunks
from webapp.kit.threads import offload

Rows = Iterable[Sequence[object]]
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
    for number, chunk in enumerate(chunks(rows)):
        offload(_write_rows, sheet, 1 + number * CHUNK, chunk)
    offload(book.close)
    file.seek(0, 2)
    size = file.tell()
    file.seek(0)
    return size


def _write_rows(sheet: Any, first: int, rows: Sequence[Sequence[object]]) -> None:
    for number, row in enumerate(rows, start=first):
        sheet.write_row(number, 0, row)
