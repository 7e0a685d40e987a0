"""The lock that orders the stream of events (docs/decisions/0003-stream-order.md)."""

from sqlalchemy import Connection

STREAM_LOCK = 0x6761746573  # "gates"


def lock_stream(connection: Connection) -> None:
    """From here to the commit, nobody else gives out event ids, so ids become visible in their order.

    SQLite's write lock does it by itself.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({STREAM_LOCK})")
