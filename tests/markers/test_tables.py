"""Tables of three kinds of files, as rows with the numbers that a spreadsheet shows."""

import io
import json
from datetime import datetime
from typing import Any

import pytest
import xlsxwriter

from webapp.errors import Invalid
from webapp.markers import spreadsheet, tables


def xlsx(*rows: list[Any]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            if isinstance(cell, datetime):
                sheet.write_datetime(number, place, cell, day)
            else:
                sheet.write(number, place, cell)
    book.close()
    return buffer.getvalue()


def geojson(*features: dict[str, Any]) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def point(longitude: float, latitude: float, **properties: Any) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": [longitude, latitude]}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def test_cells_of_a_sheet_are_written_as_people_see_them() -> None:
    data = xlsx(
        ["name", "latitude", "n", "on"], ["Siti", -6.9, 25.0, datetime(2026, 1, 2)], ["x", 1e-7, None, True]
    )
    records, commas = tables.read(data)
    assert commas
    assert [row for _, row in records][1:] == [
        ["Siti", "-6.9", "25", "2026-01-02"],
        ["x", "0.0000001", "", "True"],
    ]


def test_rows_keep_the_numbers_that_the_sheet_shows() -> None:
    data = xlsx(["name", "latitude", "longitude"], [], ["a", 91, 2], [], ["b", "6,9", "107,6"])
    sheet = spreadsheet.read(data)
    assert [(fault.row, fault.field) for fault in sheet.faults] == [(3, "latitude")]
    assert [(line.row, str(line.values["latitude"])) for line in sheet.lines] == [(5, "6.90000000")]


def test_points_are_rows_and_their_properties_columns() -> None:
    data = geojson(point(107.6, -6.9, Name="a", colour="red"), point(200, 0, name="b", quantity=3))
    sheet = spreadsheet.read(data)
    assert sheet.ignored == ["colour"]
    assert [(fault.row, fault.field) for fault in sheet.faults] == [(3, "longitude")]
    assert sheet.lines[0].values["name"] == "a"


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b'{"features": 7}',
        b'{"features": [{}]}',
        b'{"features": [{"geometry": null}]}',
        b'{"features": [{"geometry": {"type": "Point", "coordinates": [1]}}]}',
        geojson(point(1, 2) | {"geometry": {"type": "LineString", "coordinates": []}}),
        geojson(point(1, 2) | {"properties": [1]}),
        b"PK\x03\x04 and no more",
    ],
)
def test_what_only_looks_like_a_table_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid):
        spreadsheet.read(data)
