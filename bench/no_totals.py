"""Gerbang whose ingest keeps no totals: a switch that exists only here, to see what totals cost."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from webapp import create_app
from webapp.gates import partitions, store


def _append(
    connection: Connection, rows: Sequence[store.Row], keys: Sequence[tuple[int, str]], zone: ZoneInfo
) -> None:
    del zone  # only totals have days and hours
    if not rows:
        return
    partitions.ensure(connection, (row.event_time for row in rows))
    store.EVENTS.insert(connection, rows)
    if keys:
        store.EVENT_KEYS.insert(connection, keys)
    store.PULSES.insert(connection, sorted({row.gate_id: row.received_at for row in rows}.items()))


store.append = _append
app = create_app()
