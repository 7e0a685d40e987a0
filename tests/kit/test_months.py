"""Months of the calendar."""

from datetime import date

from webapp.kit import months


def test_months_go_over_the_ends_of_years() -> None:
    assert months.ahead(date(2024, 11, 30), 3) == date(2025, 2, 1)
    assert months.ahead(date(2024, 1, 31), -1) == date(2023, 12, 1)
    assert list(months.between(date(2023, 11, 30), date(2024, 1, 1))) == ["2023-11", "2023-12", "2024-01"]


def test_february_ends_when_it_does() -> None:
    assert months.last_day(date(2024, 2, 1)) == date(2024, 2, 29)
    assert months.last_day(date(2023, 2, 28)) == date(2023, 2, 28)
