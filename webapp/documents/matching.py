"""How much a report would print: its transactions counted, without printing it and without keeping anyone waiting."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from webapp.database import pause
from webapp.documents import requests
from webapp.documents.requests import Assignment
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
    what = replace(what, wanted=replace(what.wanted, with_photos=False))
    pause()
    if not _turns.acquire(timeout=SECONDS):
        raise Unavailable("Too many are counting, please retry")
    try:
        missing = offload(what.source.missing, what.wanted)  # folders may lie on a slow network
        found, whole = _count(what, time.monotonic() + SECONDS)
    finally:
        _turns.release()
    return Match(found, whole, what.first, what.last, missing)


def _count(what: Assignment, deadline: float) -> tuple[int, bool]:
    found = 0
    for found, _transaction in enumerate(what.source.transactions(what.wanted), 1):
        if found % ROWS_AT_A_STRETCH == 0 and not _goes_on(deadline):
            return found, False
    return found, True


def _goes_on(deadline: float) -> bool:
    if cooperative():
        time.sleep(0)
    return time.monotonic() < deadline
