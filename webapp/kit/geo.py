"""Places in a grid of tenths of a degree (about 11 km): a box on a map is then a few ranges of an index."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from math import floor
from typing import Self

COLUMNS = 3_600  # tenths of a degree around the earth
Degrees = Decimal | float


def cell(latitude: Degrees, longitude: Degrees) -> int:
    """The number of the grid cell that holds the place."""
    return _row(latitude) * COLUMNS + _column(longitude)


def _row(latitude: Degrees) -> int:
    return min(floor((latitude + 90) * 10), 1_799)


def _column(longitude: Degrees) -> int:
    return min(floor((longitude + 180) * 10), COLUMNS - 1)


@dataclass(frozen=True)
class Box:
    """A part of the map, in degrees; edges included. It never crosses the date line."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def parse(cls, text: str) -> Self:
        """`west,south,east,north` as GeoJSON orders them. Raises ValueError."""
        west, south, east, north = (float(part) for part in text.split(","))
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):  # NaN is never between
            raise ValueError("not west,south,east,north in degrees")
        return cls(west, south, east, north)

    @property
    def rows(self) -> int:
        """How many rows of the grid it touches."""
        return _row(self.north) - _row(self.south) + 1

    def cells(self) -> Iterator[tuple[int, int]]:
        """For each row of the grid: the first and the last cell that the box touches."""
        for row in range(_row(self.south), _row(self.north) + 1):
            yield row * COLUMNS + _column(self.west), row * COLUMNS + _column(self.east)
