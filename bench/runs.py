"""The monthly run of 20,000 subscriptions against the same rows written by the driver's bare executemany.

The run selects, prices, numbers, books and counts, in batches that each are durable, with a progress that survives a
crash; the baseline is handed its rows and writes them in one transaction into a database like the first.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Table, insert, select

from bench import places
from bench.places import Place
from bench.result import Result, compared
from webapp.billing import runs, runworker, selection
from webapp.billing.models import Invoice, InvoiceItem, LedgerEntry, LedgerLine
from webapp.billing.process_models import BillingRun
from webapp.database import transaction
from webapp.kit import clock
from webapp.subscribers.models import Customer, Package, Subscription, SubscriptionChange

COUNT = 20_000
AT_MOST = 4.0
STARTED = date(2020, 1, 1)
TABLES: Sequence[Any] = (Invoice, InvoiceItem, LedgerEntry, LedgerLine)


def monthly(kind: str, redis_url: str, folder: Path, full: bool) -> Iterator[Result]:
    with ExitStack() as stack:
        ours, raw = (
            stack.enter_context(places.place(kind, folder / name, redis_url)) for name in ("ours", "raw")
        )
        for place in (ours, raw):
            with place.engine() as engine:
                fill(engine)
        pairs = [_round(ours, raw, f"{clock.now():%Y}-{month:02}") for month in range(1, 6 if full else 4)]
    milliseconds = ([1000 * pair[side] for pair in pairs] for side in (0, 1))
    what = f"{kind}: monthly run of {COUNT:,} ÷ bare executemany of its rows"
    yield compared(what, *milliseconds, AT_MOST, unit="ms", at_most=True)


def _round(ours: Place, raw: Place, period: str) -> tuple[float, float]:
    """Seconds that a month took: the run, and its rows written barely."""
    with places.application(ours.environ):
        with transaction():
            run_id = runs.start(selection.whole(period)).id
        began = time.perf_counter()
        with transaction():
            runworker.carry_out(run_id)
        seconds = time.perf_counter() - began
        run = runs.get(run_id)
        assert (run.status, run.created) == ("done", COUNT)
    with ours.engine() as source, raw.engine() as target:
        return seconds, _copied(source, target, period)


def _copied(source: sqlalchemy.Engine, target: sqlalchemy.Engine, period: str) -> float:
    """Write the month's rows into the other database; only the writing counts."""
    tables: list[Table] = [model.__table__ for model in TABLES]
    invoices, items, entries, lines = tables
    of_month = select(invoices.c.id).where(invoices.c.period == period)
    of_entries = select(entries.c.id).where(entries.c.invoice_id.in_(of_month))
    wanted = (
        invoices.c.period == period,
        items.c.invoice_id.in_(of_month),
        entries.c.invoice_id.in_(of_month),
        lines.c.entry_id.in_(of_entries),
    )
    with source.connect() as reading:
        rows = [_read(reading, table, where) for table, where in zip(tables, wanted, strict=True)]
        made = (
            reading.execute(select(BillingRun.__table__).where(BillingRun.period == period)).mappings().all()
        )
    with target.begin() as connection:
        connection.execute(insert(BillingRun.__table__), [dict(row) for row in made])
    return _written(target, tables, rows)


def _read(reading: sqlalchemy.Connection, table: Table, where: Any) -> list[tuple[Any, ...]]:
    """As the driver has them, so that the baseline converts nothing."""
    compiled = select(table).where(where).compile(reading, compile_kwargs={"literal_binds": True})
    raw: Any = reading.connection.dbapi_connection
    return [tuple(row) for row in raw.execute(str(compiled)).fetchall()]


def _written(
    target: sqlalchemy.Engine, tables: Sequence[Table], rows: Sequence[list[tuple[Any, ...]]]
) -> float:
    mark = "?" if target.dialect.name == "sqlite" else "%s"
    connection = target.raw_connection()
    try:
        cursor: Any = connection.cursor()
        began = time.perf_counter()
        for table, some in zip(tables, rows, strict=True):
            marks = ", ".join([mark] * len(table.columns))
            names = ", ".join(column.name for column in table.columns)
            cursor.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", some)
        connection.commit()
        return time.perf_counter() - began
    finally:
        connection.close()


def fill(engine: sqlalchemy.Engine) -> None:
    """So many customers of the brand that a fresh install has, each with its package."""
    now = clock.now()
    stamps = {"created_at": now, "updated_at": now}
    with engine.begin() as connection:
        package = connection.execute(select(Package.__table__.c.id, Package.__table__.c.price)).first()
        assert package is not None
        numbers = range(1, COUNT + 1)
        _insert(
            connection,
            Customer,
            [
                {"id": number, "name": f"Customer {number}", "brand_code": "JAKINET", "search_text": ""}
                | stamps
                for number in numbers
            ],
        )
        terms = {"package_id": package.id, "started_on": STARTED} | stamps
        _insert(
            connection,
            Subscription,
            [{"id": number, "customer_id": number, "due_day": 1 + number % 28} | terms for number in numbers],
        )
        begun = {"effective_on": STARTED, "kind": "start", "package_id": package.id, "price": package.price}
        _insert(
            connection,
            SubscriptionChange,
            [{"subscription_id": number, "at": now} | begun for number in numbers],
        )
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _insert(connection: sqlalchemy.Connection, model: Any, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), 5_000):
        connection.execute(insert(model.__table__), rows[start : start + 5_000])
