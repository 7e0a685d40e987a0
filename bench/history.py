"""Years of events in seconds: raw rows and totals written by the database itself, no request involved."""

import time

from sqlalchemy import Connection, Engine, text

from bench import places
from webapp.gates import partitions

DAY = 86_400
A_DAY = 27_400  # events: a million are 36 days, ten million a year
CHUNK = 500_000
OFFSET = 7 * 3600  # the business zone has no daylight saving time

# Each event differs from the one before in gate and category, and is a few seconds later.
_COLUMNS = "(gate_id, category_id, event_time, amount, received_at, api_key_id)"
_TIME = f"{{begin}} + i * {DAY} / {A_DAY}"
_ROW = f"1 + i % {{gates}}, 1 + i % 3, {_TIME}, 1000 * (1 + i % 3), {_TIME}, 1"
_SERIES = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT :low UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :high)",
    "postgresql": "WITH n AS (SELECT generate_series(CAST(:low AS bigint), CAST(:high AS bigint) - 1) AS i)",
}
_DAY_AND_HOUR = {
    "sqlite": (
        "date(event_time + {o}, 'unixepoch')",
        "CAST(strftime('%H', event_time + {o}, 'unixepoch') AS INTEGER)",
    ),
    "postgresql": (
        "CAST(to_timestamp(event_time + {o}) AT TIME ZONE 'UTC' AS date)",
        "(event_time + {o}) / 3600 % 24",
    ),
}


def fill(engine: Engine, events: int) -> None:
    """Write `events` events that end now, evenly over all gates and categories, and their totals."""
    begin = int(time.time()) - events * DAY // A_DAY - 60
    kind = engine.dialect.name
    with engine.connect() as connection:
        if kind == "sqlite":
            for pragma in ("journal_mode=WAL", "synchronous=OFF", "cache_size=-400000"):
                connection.exec_driver_sql(f"PRAGMA {pragma}")
        partitions.forget()
        for _ in range(2):  # it remembers a partition only when it sees it again
            partitions.ensure(connection, range(begin, int(time.time()) + DAY, 10 * DAY))
        connection.commit()
        row = _ROW.format(gates=len(places.GATES), begin=begin)
        insert = f"{_SERIES[kind]} INSERT INTO gate_events {_COLUMNS} SELECT {row} FROM n"
        for low in range(0, events, CHUNK):
            connection.execute(text(insert), {"low": low, "high": min(low + CHUNK, events)})
            connection.commit()
        _add_up(connection, kind)
        connection.commit()


def _add_up(connection: Connection, kind: str) -> None:
    day, hour = (expression.format(o=OFFSET) for expression in _DAY_AND_HOUR[kind])
    connection.execute(
        text(
            "INSERT INTO hourly_totals (day, gate_id, category_id, hour, count, amount)"
            f" SELECT {day}, gate_id, category_id, {hour}, count(*), sum(amount) FROM gate_events GROUP BY 1, 2, 3, 4"
        )
    )
    connection.execute(
        text(
            "INSERT INTO daily_totals (day, gate_id, category_id, count, amount)"
            " SELECT day, gate_id, category_id, sum(count), sum(amount) FROM hourly_totals GROUP BY 1, 2, 3"
        )
    )
    connection.execute(
        text("INSERT INTO gate_pulses SELECT gate_id, max(received_at) FROM gate_events GROUP BY gate_id")
    )
    if kind == "postgresql":
        connection.execute(text("ANALYZE"))  # as autovacuum does sooner or later
