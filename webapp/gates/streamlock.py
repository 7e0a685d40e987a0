"""The lock that orders the stream of events (docs/decisions/0003-stream-order.md)."""

import sqlite3
from typing import Any

STREAM_LOCK = 0x6761746573  # "gates"


def lock_stream(cursor: Any) -> None:
    """From here to the commit, nobody else gives out event ids, so ids become visible in their order.

    `cursor` is of either driver and in a writing transaction; on SQLite that is the lock.
    """
    if not isinstance(cursor, sqlite3.Cursor):
        cursor.execute(f"SELECT pg_advisory_xact_lock({STREAM_LOCK})")
