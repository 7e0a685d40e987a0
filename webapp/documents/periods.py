"""Which days a report covers (contracts, 3 datalane)."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

MAX_DAYS = 366
LONGEST_NAME = 120  # characters of a file's name


def days(mode: str, today: date, given: Mapping[str, date | None]) -> tuple[date, date]:
    """First and last business day: mode `daily` (date), `range` (range_start…range_end), `yesterday` or `today`.

    `today` is the business day on which the report runs. Raises ValueError, in words for people.
    """
    if mode in ("today", "yesterday"):
        day = today if mode == "today" else today - timedelta(days=1)
        return day, day
    names = ("date", "date") if mode == "daily" else ("range_start", "range_end")
    first, last = (given.get(name) for name in names)
    if first is None or last is None:
        raise ValueError(f"{' and '.join(dict.fromkeys(names))} must be given for {mode}")
    if last < first:
        raise ValueError("range_end must not be before range_start")
    if (last - first).days >= MAX_DAYS:
        raise ValueError(f"Must be at most {MAX_DAYS} days")
    return first, last


def window(first: date, last: date, overlap_minutes: int) -> tuple[datetime, datetime]:
    """The local times that business days cover: from the first + overlap to, and without, the last's end + overlap."""
    overlap = timedelta(minutes=overlap_minutes)
    after = datetime.combine(last, time.min) + timedelta(days=1)
    return datetime.combine(first, time.min) + overlap, after + overlap
