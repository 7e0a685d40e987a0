"""Reading XLSX that anybody may have made: how far it would unfold is known before it is opened.

A few kilobytes can name a cell in the last row and column of a sheet, and the reader would make room for all between.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

MAX_UNPACKED = 150_000_000  # bytes that the parts of a file may come to
MAX_CELLS = 2_000_000  # of the rectangle that holds all cells of a sheet; each takes 32 bytes
_CELL = re.compile(rb"<(?:\w+:)?c(?:[\s/>](?<! )| (?:r=\"([A-Z]{1,3})(\d{1,7})\")?)")
_PIECE = 1_000_000
_LONGEST = 40  # bytes of what _CELL looks for
_OTHERS = {"content.xml", "xl/workbook.bin"}  # other kinds of workbook, which unfold in ways of their own


class Unreadable(ValueError):
    """Why the file can't be read as a workbook, in a sentence about it."""


def rows(data: bytes) -> Iterator[list[Any]]:
    """Every row of the first sheet from row 1 on, its cells as Python has them. Raises Unreadable."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            _check(parts)
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
    except (
        zipfile.BadZipFile,
        CalamineError,
        IndexError,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
    ):
        raise Unreadable("Is not an XLSX file") from None
    return iter(sheet.iter_rows())


def _check(parts: zipfile.ZipFile) -> None:
    if sum(part.file_size for part in parts.infolist()) > MAX_UNPACKED:
        raise Unreadable("Is too large once it is unpacked")
    if _OTHERS & set(parts.namelist()):
        raise Unreadable("Is not an XLSX file")
    for part in parts.infolist():
        _check_extent(parts, part)


def _check_extent(parts: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """How far the cells of a part reach; every program that writes sheets names a cell's place first."""
    columns = last_row = 0
    for found in _cells(parts, part):
        if found[1] is None:
            raise Unreadable("Has cells without a place; save it with a spreadsheet program")
        columns, last_row = max(columns, _number(found[1])), max(last_row, int(found[2]))
        if columns * last_row > MAX_CELLS:
            raise Unreadable("Has cells too far down or to the right")


def _cells(parts: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[re.Match[bytes]]:
    """Whatever begins a cell. (A ZIP that says less about a part's size than there is fails its checksum.)"""
    with parts.open(part) as file:
        piece = file.read(_PIECE)
        while piece:
            following = file.read(_PIECE)
            end = len(piece) - _LONGEST if following else len(piece)
            for found in _CELL.finditer(piece):
                if found.start() < end:
                    yield found
            piece = piece[end:] + following if following else b""


def _number(column: bytes) -> int:
    """A: 1, B: 2, AA: 27."""
    number = 0
    for letter in column:
        number = number * 26 + letter - 64
    return number
