"""Rows of files that people and programs have made, and of those that somebody made to do harm."""

import io
import re
import zipfile
from typing import Any

import pytest
import xlsxwriter

from webapp.kit import tables, workbooks


def rows(data: bytes) -> list[tuple[int, list[str]]]:
    return list(tables.read(data).records)


def xlsx(cells: dict[tuple[int, int], Any]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet()
    for (row, column), value in cells.items():
        sheet.write(row, column, value)
    book.close()
    return buffer.getvalue()


def repacked(data: bytes, change: re.Pattern[bytes], to: bytes) -> bytes:
    """The workbook with something else in its sheet."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(buffer, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            after.writestr(name, change.sub(to, content) if "sheet1" in name else content)
    return buffer.getvalue()


def refused(data: bytes) -> str:
    with pytest.raises(tables.NotATable) as refusal:
        rows(data)
    return str(refusal.value)


@pytest.mark.parametrize(
    "data",
    [
        "a,é\n1,2\n".encode(),
        "a;é\r\n1;2\r\n".encode("cp1252"),
        "\ufeffa\té\n1\t2".encode(),
        "\ufeffa,é\r1,2\r".encode("utf-16-le"),
        "sep=;\r\na;é\r\n1;2\r\n".encode("utf-8-sig"),
    ],
    ids=["plain", "cp1252", "tabs", "utf-16", "sep"],
)
def test_a_table_is_read_whoever_wrote_it(data: bytes) -> None:
    assert rows(data) == [(1, ["a", "é"]), (2, ["1", "2"])]


def test_rows_have_the_numbers_that_a_spreadsheet_shows() -> None:
    assert rows(b'a,b\n\n"two\nlines",2\n , \nx,\'=1') == [
        (1, ["a", "b"]),
        (3, ["two\nlines", "2"]),
        (5, ["x", "=1"]),
    ]
    assert [row for row, _ in rows(xlsx({(0, 0): "a", (2, 1): 3.5, (6, 0): "b"}))] == [1, 3, 7]


def test_a_zip_of_something_else_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as parts:
        parts.writestr("a.txt", "hello")
    assert refused(buffer.getvalue()) == "Is not an XLSX file"
    assert refused(b"PK\x03\x04 and no more") == "Is not an XLSX file"


def test_a_bomb_is_not_unpacked() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", bytes(workbooks.MAX_UNPACKED + 1))
    assert refused(buffer.getvalue()) == "Is too large once it is unpacked"


def test_a_cell_in_the_farthest_corner_is_refused_before_room_is_made_for_all_between() -> None:
    assert refused(xlsx({(0, 0): "a", (1_048_575, 16_383): "b"})) == "Has cells too far down or to the right"


@pytest.mark.parametrize("tag", [b"<c>", b"<c/>", b'<c x="" r="A1">', b"<c\tr='A1'>", b"<x:c>"])
def test_cells_that_do_not_say_where_they_are_are_refused(tag: bytes) -> None:
    data = repacked(xlsx({(0, 0): 1}), re.compile(rb"<c r=\"A1\">"), tag)
    assert refused(data).startswith("Has cells without a place")
