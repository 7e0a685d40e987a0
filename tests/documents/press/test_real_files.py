"""What the Access files hold comes out on paper: each file, gate, status and range, with every photo as it was."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from tests.documents.press.paper import lines, opened, photos, sheet, texts
from tests.support import needs
from webapp.documents.press import Printed, print_evidence
from webapp.documents.sources import PERIODIC, Transaction, Wanted
from webapp.documents.sources.folders import DayFiles

ACCESS = Path(__file__).parents[2] / "data" / "access"
SOURCE = DayFiles(ACCESS, "{MM}-{YYYY}/{station_id}/{DD}{MM}{YYYY}.mdb")
pytestmark = needs.mdbtools

# (station, day): transactions of gates 1, 2, 3; the same with PERIODIK only; photos (from the files' own README)
COUNTS = {
    (1, 15): ((38, 39, 43), (31, 30, 28), 105),
    (1, 16): ((14, 14, 12), (9, 11, 7), 19),
    (1, 17): ((1663, 1677, 1660), (1140, 1148, 1149), 0),
    (2, 15): ((18, 20, 22), (13, 16, 14), 23),
}
CASES = [
    (station, day, gate, status)
    for station, day in COUNTS
    for gate in (1, 2, 3)
    for status in (None, PERIODIC)
]


def wanted(gate: int, day: int, station: int = 1, *, days: int = 1, status: str | None = None) -> Wanted:
    return Wanted(1, gate, station, datetime(2025, 12, day), datetime(2025, 12, day + days), status)


def reading(*orders: Wanted) -> Callable[[], Iterator[Transaction]]:
    return lambda: (one for order in orders for one in SOURCE.transactions(order))


def printed(target: Path, *orders: Wanted) -> Printed:
    """On A3, where a page takes the most."""
    return print_evidence(sheet(page_size="A3"), reading(*orders), target)


def blocks(pdf: Path) -> int:
    return sum(line.startswith("KARTU") for line in lines(pdf))


@pytest.mark.parametrize(("station", "day", "gate", "status"), CASES)
def test_each_gate_comes_out_whole(
    tmp_path: Path, station: int, day: int, gate: int, status: str | None
) -> None:
    order = wanted(gate, day, station, status=status)
    result = printed(tmp_path / "report.pdf", order)
    expected = COUNTS[station, day][0 if status is None else 1][gate - 1]
    assert result.transactions == expected
    assert blocks(tmp_path / "report.pdf") == expected
    source = [photo for one in reading(order)() for photo in one.photos]
    assert photos(tmp_path / "report.pdf") == source
    assert result.photos == len(source)
    assert len(opened(tmp_path / "report.pdf").pages) == result.pages


@pytest.mark.parametrize(("station", "day"), COUNTS)
def test_all_photos_of_a_file_are_printed(tmp_path: Path, station: int, day: int) -> None:
    result = printed(tmp_path / "report.pdf", *(wanted(gate, day, station) for gate in (1, 2, 3)))
    assert result.photos == len(photos(tmp_path / "report.pdf")) == COUNTS[station, day][2]


def test_a_range_makes_one_document(tmp_path: Path) -> None:
    order = wanted(1, 15, days=2)
    printed(tmp_path / "report.pdf", order)
    assert blocks(tmp_path / "report.pdf") == 38 + 14
    assert photos(tmp_path / "report.pdf") == [photo for one in reading(order)() for photo in one.photos]


def test_the_days_without_a_file_are_listed(tmp_path: Path) -> None:
    order = wanted(1, 14, days=5)
    target = tmp_path / "report.pdf"
    print_evidence(sheet(page_size="A3", missing_days=SOURCE.missing(order)), reading(order), target)
    assert SOURCE.missing(order) == [date(2025, 12, 14), date(2025, 12, 18)]
    last = texts(target)[-1]
    assert "Hari tanpa data\n14 Desember 2025\n18 Desember 2025" in last


def test_every_field_stands_beside_its_label(tmp_path: Path) -> None:
    order = wanted(1, 15)
    printed(tmp_path / "report.pdf", order)
    found = Counter(
        line for line in lines(tmp_path / "report.pdf") if re.match(r"(NIK P|SERI|ASAL|KARTU)", line)
    )
    expected: Counter[str] = Counter()
    for one in reading(order)():
        expected[f"NIK PUL : {one.collector or '--'}"] += 1
        expected[f"NIK PAS : {one.passer or '--'}"] += 1
        expected[f"SERI : {one.serial or '000000'}"] += 1
        expected[f"ASAL : {one.origin or '00'}"] += 1
        expected[f"KARTU : {one.card or '--'}"] += 1
    assert found == expected


def test_the_summary_adds_up(tmp_path: Path) -> None:
    orders = [wanted(gate, 15) for gate in (1, 2, 3)]
    printed(tmp_path / "report.pdf", *orders)
    summary = [" ".join(line.split()) for line in texts(tmp_path / "report.pdf")[-1].splitlines()]
    everything = list(reading(*orders)())
    differing = sum(one.vehicle_class != one.detected_class for one in everything)
    assert "Jumlah transaksi 120" in summary
    assert "Jumlah foto 105" in summary
    assert any(line.startswith(f"GOL ≠ AVC {differing} ") for line in summary)
    for kinds, prefix in (
        (Counter(one.status for one in everything), ""),
        (Counter(one.vehicle_class for one in everything), "Golongan "),
        (Counter(f"{one.gate:02}" for one in everything), "Gerbang "),
    ):
        for kind, count in kinds.items():
            assert any(line.startswith(f"{prefix}{kind} {count} ") for line in summary), (kind, count)
    assert sum(line.startswith("Jumlah 120 100,0%") for line in summary) == 4
