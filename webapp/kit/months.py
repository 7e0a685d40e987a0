"""Months of the calendar; written `YYYY-MM`."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date


def ahead(day: date, count: int) -> date:
    """The first day of the month so many months after the day's; before it, when `count` is negative."""
    months = day.year * 12 + day.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


def last_day(day: date) -> date:
    """The last day of the day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def between(start: date, end: date) -> Iterator[str]:
    """`YYYY-MM` of every month from one day's to another's."""
    while (start.year, start.month) <= (end.year, end.month):
        yield f"{start.year}-{start.month:02}"
        start = ahead(start, 1)
