"""Stored photos that no marker shows: a process that dies between storing one and writing its marker leaves some."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice

from webapp.database import pause
from webapp.extensions import log
from webapp.kit import clock
from webapp.markers import photos, queries
from webapp.storage import storage

SETTLED = timedelta(days=1)  # a photo is younger than that while its marker is being written
AT_ONCE = 5_000  # photos asked about in one query, which reads all markers: no index is kept for this
MOST = 5_000  # photos deleted in one sweep; the next one goes on
DOUBTFUL = 100  # so many, and more than markers show: this is the store of another installation
_FILE = re.compile(r"markers/([0-9a-f]{32})-[a-z]+\.jpg")


def sweep() -> int:
    """Delete photos older than a day that no marker names; returns how many.

    Deletes nothing when most of what is stored seems to be lost, which a wrong DATABASE_URL would look like too.
    Raises Unavailable.
    """
    shown, orphans = _sorted()
    if len(orphans) > max(DOUBTFUL, shown):
        log.error("photo_sweep_refused", shown=shown, orphans=len(orphans))
        return 0
    for name in orphans:
        photos.delete(name)
    return len(orphans)


def _sorted() -> tuple[int, Sequence[str]]:
    """How many of the stored photos a marker shows, and those that none does. Holds no transaction while it lists."""
    stored, shown = _stored(), 0
    orphans: dict[str, None] = {}
    while len(orphans) < MOST and (batch := set(islice(stored, AT_ONCE))):
        named = queries.shown_photos(batch)
        pause()
        shown += len(named)
        orphans |= dict.fromkeys(sorted(batch - named))
    return shown, list(islice(orphans, MOST))


def _stored() -> Iterator[str]:
    """The names of photos that have been there for a day; twice, as each has two files."""
    before = clock.now() - SETTLED
    for entry in storage().entries("markers/"):
        match = _FILE.fullmatch(entry.name)
        if match and entry.stored_at < before:
            yield match[1]
