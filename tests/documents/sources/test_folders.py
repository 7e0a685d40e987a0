"""Reading Access databases as they are, and CSV files with the same columns."""

import csv
import subprocess
from datetime import date, datetime
from pathlib import Path

import pytest

from tests.support import needs
from webapp.documents.sources import PERIODIC, Wanted
from webapp.documents.sources.folders import DayFiles
from webapp.errors import Unreadable

ACCESS = Path(__file__).parents[2] / "data" / "access"
PATTERN = "{MM}-{YYYY}/{station_id}/{DD}{MM}{YYYY}.mdb"


def wanted(gate: int, day: int, station: int = 1, *, days: int = 1, status: str | None = None) -> Wanted:
    return Wanted(1, gate, station, datetime(2025, 12, day), datetime(2025, 12, day + days), status)


# (station, day): rows of gates 1, 2, 3, the same with PERIODIK only, photos (from the files' own README)
COUNTS = {
    (1, 15): ((38, 39, 43), (31, 30, 28), 105),
    (1, 16): ((14, 14, 12), (9, 11, 7), 19),
    (1, 17): ((1663, 1677, 1660), (1140, 1148, 1149), 0),
    (2, 15): ((18, 20, 22), (13, 16, 14), 23),
}


@needs.mdbtools
@pytest.mark.parametrize(("station", "day"), COUNTS)
def test_the_counts_are_what_the_files_hold(station: int, day: int) -> None:
    source = DayFiles(ACCESS, PATTERN)
    everything, periodic, photos = COUNTS[station, day]
    found = [list(source.transactions(wanted(gate, day, station))) for gate in (1, 2, 3)]
    assert tuple(map(len, found)) == everything
    assert sum(len(one.photos) for gate in found for one in gate) == photos
    only = [list(source.transactions(wanted(gate, day, station, status=PERIODIC))) for gate in (1, 2, 3)]
    assert tuple(map(len, only)) == periodic


@needs.mdbtools
def test_photos_are_whole_jpegs() -> None:
    photos = [photo for one in DayFiles(ACCESS, PATTERN).transactions(wanted(1, 15)) for photo in one.photos]
    assert photos
    assert all(photo.startswith(b"\xff\xd8\xff") and photo.endswith(b"\xff\xd9") for photo in photos)


@needs.mdbtools
def test_a_range_names_the_days_that_are_missing() -> None:
    source = DayFiles(ACCESS, PATTERN)
    assert len(list(source.transactions(wanted(1, 15, days=2)))) == 38 + 14
    assert source.missing(wanted(1, 14, days=5)) == [date(2025, 12, 14), date(2025, 12, 18)]


@needs.mdbtools
def test_the_window_may_begin_after_midnight() -> None:
    source = DayFiles(ACCESS, PATTERN)
    shifted = Wanted(1, 1, 1, datetime(2025, 12, 15, 6), datetime(2025, 12, 16, 6))
    found = [one.at for one in source.transactions(shifted)]
    assert min(found) >= shifted.start
    assert max(found) < shifted.end
    assert {moment.date() for moment in found} == {date(2025, 12, 15), date(2025, 12, 16)}


@needs.mdbtools
@pytest.mark.parametrize("content", [b"", b"not a database", b"\0\1\0\0Standard Jet DB\0" + b"x" * 9_000])
def test_a_corrupt_file_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "12-2025/01/15122025.mdb"
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    with pytest.raises(Unreadable, match=r"15122025\.mdb"):
        list(DayFiles(tmp_path, PATTERN).transactions(wanted(1, 15)))


@needs.mdbtools
def test_a_truncated_file_is_an_error_and_not_a_shorter_day(tmp_path: Path) -> None:
    whole = (ACCESS / "12-2025/01/15122025.mdb").read_bytes()
    file = tmp_path / "12-2025/01/15122025.mdb"
    file.parent.mkdir(parents=True)
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Unreadable):
        list(DayFiles(tmp_path, PATTERN).transactions(wanted(1, 15)))


@needs.mdbtools
def test_reading_may_stop_early_and_leaves_no_process() -> None:
    rows = DayFiles(ACCESS, PATTERN).transactions(wanted(1, 17))
    next(rows)
    rows.close()  # type: ignore[attr-defined]
    listed = subprocess.run(["/bin/ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert "17122025.mdb" not in listed


def test_csv_files_with_the_same_columns_are_read_too(tmp_path: Path) -> None:
    file = tmp_path / "12-2025/01/15122025.csv"
    file.parent.mkdir(parents=True)
    row = {"ID": 1, "CB": 1, "GB": 2, "GD": 1, "SHIFT": 1, "PERIODA": 1, "WAKTU": "2025-12-15 08:00:00"}
    row |= {"STATUS": "PERIODIK", "METODA": "PPC1", "IMAGE1": "FFD8FFD9"}
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, row)
        writer.writeheader()
        writer.writerow(row)
    [one] = DayFiles(tmp_path, PATTERN).transactions(wanted(2, 15))
    assert (one.method, one.card, one.photos) == ("PPC1", "", (b"\xff\xd8\xff\xd9",))


def test_a_bad_row_is_named(tmp_path: Path) -> None:
    file = tmp_path / "12-2025/01/15122025.csv"
    file.parent.mkdir(parents=True)
    file.write_text("ID,CB,GB,GD,SHIFT,PERIODA,WAKTU,STATUS\n1,1,1,1,1,1,2025-02-30 08:00:00,X\n")
    with pytest.raises(Unreadable, match=r"15122025\.csv: row 1"):
        list(DayFiles(tmp_path, PATTERN).transactions(wanted(1, 15)))


def test_a_row_that_breaks_off_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "12-2025" / "01" / "15122025.csv"
    path.parent.mkdir(parents=True)
    path.write_text("ID,CB,GB,GD,SHIFT,PERIODA,WAKTU,STATUS\n1,1,1,1,1,1,2025-12-15 08:00:00")
    with pytest.raises(Unreadable, match="15122025.csv: row 1 can't be read .it breaks off."):
        list(DayFiles(tmp_path, PATTERN).transactions(wanted(1, 15)))
