"""How much a report would print: its transactions counted, without printing it and without keeping anyone waiting."""

import itertools
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from webapp.database import pause
from webapp.documents import requests
from webapp.documents.requests import Assignment
from webapp.documents.sources import Transaction, Wanted
from webapp.errors import Unavailable
from webapp.kit.threads import cooperative, offload

SECONDS = 4.0
ROWS_AT_A_STRETCH = 50  # then other requests have their turn
_turns = threading.BoundedSemaphore(2)


@dataclass(frozen=True)
class Match:
    """`transactions` were found for the days `first` to `last`; not `whole`: time was up, and there may be more."""

    transactions: int
    whole: bool
    first: date
    last: date
    missing: list[date]


def count(payload: Mapping[str, Any]) -> Match:
    """Reads for four seconds at most. Raises Invalid, NotFound, Unreadable, and Unavailable when too many count."""
    what = requests.assignment(payload)
    pause()
    if not _turns.acquire(timeout=SECONDS):
        raise Unavailable("Too many are counting, please retry")
    try:
        missing = offload(what.source.missing, what.wanted)  # folders may lie on a slow network
        found, whole = _count(what)
    finally:
        _turns.release()
    return Match(found, whole, what.first, what.last, missing)


def _count(what: Assignment) -> tuple[int, bool]:
    found = 0
    wanted = _Hurried(**{**vars(what.wanted), "with_photos": False}, deadline=time.monotonic() + SECONDS)
    try:
        for _transaction in what.source.transactions(wanted):
            found += 1
    except _TimeIsUp:
        return found, False
    return found, True


class _TimeIsUp(Exception):
    pass


@dataclass(frozen=True)
class _Hurried(Wanted):
    """Looks at the clock now and then; at every row, for those that don't fit take time as well."""

    deadline: float = 0.0
    rows: Iterator[int] = field(default_factory=itertools.count)

    def takes(self, one: Transaction) -> bool:
        if next(self.rows) % ROWS_AT_A_STRETCH == ROWS_AT_A_STRETCH - 1:
            if cooperative():
                time.sleep(0)
            if time.monotonic() >= self.deadline:
                raise _TimeIsUp
        return super().takes(one)
