"""A report is there, whole and with the sum that was told, or there is nothing."""

import hashlib
import resource
import signal
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.documents.press.paper import passage, photograph, sheet
from webapp.documents.press import print_evidence
from webapp.documents.sources import Transaction
from webapp.errors import Unreadable


class Cancelled(Exception):
    pass


def passages(count: int) -> Iterator[Transaction]:
    for number in range(count):
        at = datetime(2025, 12, 15) + timedelta(seconds=86_400 * number / count)
        yield passage(
            id=number, at=at, photos=(photograph(quality=90) + bytes(8), bytes(bytearray(photograph())))
        )


def test_what_is_told_is_what_lies_there(tmp_path: Path) -> None:
    result = print_evidence(sheet(), lambda: passages(5), tmp_path / "report.pdf")
    content = (tmp_path / "report.pdf").read_bytes()
    assert result.size == len(content)
    assert result.sha256 == hashlib.sha256(content).hexdigest()
    assert [path.name for path in tmp_path.iterdir()] == ["report.pdf"]


def test_a_cancelled_print_leaves_nothing_and_stops_the_reading(tmp_path: Path) -> None:
    ended = []

    def read() -> Iterator[Transaction]:
        try:
            yield from passages(100)
        finally:
            ended.append(True)

    def cancel(stage: str, percent: int) -> None:
        if percent >= 50:
            raise Cancelled

    with pytest.raises(Cancelled):
        print_evidence(sheet(), read, tmp_path / "report.pdf", cancel)
    assert list(tmp_path.iterdir()) == []
    assert ended


def test_cancelling_at_the_very_end_leaves_nothing_either(tmp_path: Path) -> None:
    def cancel(stage: str, percent: int) -> None:
        if stage == "summary":
            raise Cancelled

    with pytest.raises(Cancelled):
        print_evidence(sheet(), lambda: passages(1), tmp_path / "report.pdf", cancel)
    assert list(tmp_path.iterdir()) == []


def test_a_source_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    def read() -> Iterator[Transaction]:
        yield from passages(10)
        raise Unreadable("15122025.mdb: breaks off")

    with pytest.raises(Unreadable):
        print_evidence(sheet(), read, tmp_path / "report.pdf")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing_and_spares_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(b"before")
    with at_most(50_000), pytest.raises(OSError, match="File too large"):
        print_evidence(sheet(), lambda: passages(500), tmp_path / "report.pdf")
    assert [path.name for path in tmp_path.iterdir()] == ["report.pdf"]
    assert (tmp_path / "report.pdf").read_bytes() == b"before"


@contextmanager
def at_most(size: int) -> Iterator[None]:
    """No file of this process may grow beyond `size`: the kernel refuses to write, as it does on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def test_progress_is_told_in_order_and_ends_before_a_hundred(tmp_path: Path) -> None:
    told: list[tuple[str, int]] = []
    print_evidence(
        sheet(),
        lambda: passages(200),
        tmp_path / "report.pdf",
        lambda stage, percent: told.append((stage, percent)),
    )
    percents = [percent for _, percent in told]
    assert percents == sorted(percents)
    assert (percents[0], percents[-1]) == (0, 99)
    assert {stage for stage, _ in told} == {"printing", "summary"}
    assert len(told) > 200


def test_a_long_report_takes_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    assert peak(tmp_path / "long.pdf", 3_000) < peak(tmp_path / "short.pdf", 300) + 1_000_000
    assert (tmp_path / "long.pdf").stat().st_size > 6_000_000


def peak(target: Path, count: int) -> int:
    tracemalloc.start()
    try:
        print_evidence(sheet(), lambda: passages(count), target)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
