"""Boxes and the grid."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from webapp.kit.geo import Box, cell

latitudes = some.floats(-90, 90)
longitudes = some.floats(-180, 180)


@given(*[latitudes] * 3, *[longitudes] * 3)
def test_whatever_lies_in_a_box_lies_in_its_cells(
    a: float, b: float, c: float, d: float, e: float, f: float
) -> None:
    south, latitude, north = sorted((a, b, c))
    west, longitude, east = sorted((d, e, f))
    cells = list(Box(west, south, east, north).cells())
    assert any(first <= cell(latitude, longitude) <= last for first, last in cells)
    assert len(cells) == Box(west, south, east, north).rows


def test_the_ends_of_the_earth_are_in_its_last_cells() -> None:
    assert cell(90, 180) == 1_800 * 3_600 - 1
    assert cell(-90, -180) == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1,2,3",
        "1,2,3,4,5",
        "a,b,c,d",
        "nan,0,1,1",
        "2,0,1,1",
        "0,2,1,1",
        "-181,0,1,1",
        "0,0,1,91",
        "inf,0,1,1",
    ],
)
def test_what_is_no_box_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Box.parse(text)


def test_a_box_is_written_west_south_east_north() -> None:
    assert Box.parse(" 107.5,-7,107.75 , -6.5") == Box(107.5, -7, 107.75, -6.5)
