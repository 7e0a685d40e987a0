"""Time: UTC inside, business days and hours in the operator's own zone at the edges."""

import re
import time
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

QUARTER = (
    900  # every zone's offset is a multiple of a quarter of an hour, so a quarter lies within one local hour
)
BEGINNING = int(datetime.min.replace(tzinfo=UTC).timestamp())  # in Unix seconds: the first there can be
_WRITTEN = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d", re.ASCII)


def now() -> datetime:
    """The current time, aware, in UTC."""
    return datetime.now(UTC)


def unix() -> int:
    """The current time in whole Unix seconds."""
    return int(time.time())


def from_unix(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def today(zone: ZoneInfo) -> date:
    """The business day it is now."""
    return now().astimezone(zone).date()


@lru_cache(maxsize=100_000)
def _hour_of_quarter(quarter: int, zone: ZoneInfo) -> tuple[date, int]:
    local = datetime.fromtimestamp(quarter * QUARTER, zone)
    return local.date(), local.hour


def business_hour(seconds: int, zone: ZoneInfo) -> tuple[date, int]:
    """The business day and hour (0-23) that the Unix time `seconds` falls into."""
    return _hour_of_quarter(seconds // QUARTER, zone)


def day_bounds(day: date, zone: ZoneInfo) -> tuple[int, int]:
    """The business day as Unix seconds: first second included, last second excluded."""
    after = (
        day + timedelta(days=1) if day < date.max else day
    )  # the calendar ends there, and so does its last day
    return _midnight(day, zone), _midnight(after, zone)


def _midnight(day: date, zone: ZoneInfo) -> int:
    """Never before the first second that `from_unix` can write, as the first day east of Greenwich begins."""
    return max(int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()), BEGINNING)


def parse_local(text: str, zone: ZoneInfo) -> int:
    """`YYYY-MM-DD HH:MM:SS` in `zone` as Unix seconds. Raises ValueError for any other form."""
    if _WRITTEN.fullmatch(text) is None:  # fromisoformat alone also takes weeks and, to be ignored, offsets
        raise ValueError("not YYYY-MM-DD HH:MM:SS")
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())
