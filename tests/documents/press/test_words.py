"""Dates and figures as Indonesians write them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from webapp.documents.press import words

MOMENT = datetime(2025, 8, 17, 1, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "written"),
    [
        ("Asia/Jakarta", "17 Agustus 2025 pukul 08.02.03 WIB"),
        ("Asia/Makassar", "17 Agustus 2025 pukul 09.02.03 WITA"),
        ("Asia/Jayapura", "17 Agustus 2025 pukul 10.02.03 WIT"),
        ("Asia/Singapore", "17 Agustus 2025 pukul 09.02.03 UTC+08"),
    ],
)
def test_a_moment_names_its_zone(zone: str, written: str) -> None:
    assert words.moment(MOMENT.astimezone(ZoneInfo(zone))) == written


@pytest.mark.parametrize(
    ("first", "last", "written"),
    [
        (date(2025, 12, 15), date(2025, 12, 15), "15 Desember 2025"),
        (date(2025, 12, 15), date(2025, 12, 17), "15–17 Desember 2025"),
        (date(2025, 12, 30), date(2026, 1, 2), "30 Desember 2025 – 2 Januari 2026"),
    ],
)
def test_days_are_written_together(first: date, last: date, written: str) -> None:
    assert words.days(first, last) == written


@pytest.mark.parametrize(("part", "whole", "written"), [(1, 8, "12,5%"), (0, 0, "0,0%"), (3, 3, "100,0%")])
def test_a_share_has_a_comma(part: int, whole: int, written: str) -> None:
    assert words.percent(part, whole) == written


def test_a_text_becomes_one_line() -> None:
    assert words.plain(" a\r\n b\t\0c  ") == "a b c"
