"""Issuing 20,000 invoices against their bare rows; listing invoices among a million against ten thousand."""

import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, insert, select, text

from bench import growth, places
from bench.load import Failed
from bench.result import Result, compared
from webapp.billing import bulk
from webapp.billing.amounts import NewItem
from webapp.database import transaction
from webapp.extensions import db
from webapp.kit import clock
from webapp.subscribers.models import Customer, Package, Subscription

BRAND = "JAKINET"
RUN, SHORT_RUN = 20_000, 5_000  # invoices; the latter without --full
AT_ONCE = 500  # invoices a transaction
LISTS = {"many": 1_000_000, "few": 10_000}
SHORTER = 10  # times fewer among many without --full
MONTHS = 50  # of history, in either
TABLES = (bulk.INVOICES, bulk.ITEMS, bulk.ENTRIES, bulk.LINES)
DUE = date(2026, 1, 20)


def run(kind: str, redis_url: str, folder: Path, full: bool) -> Iterator[Result]:
    """The monthly run's way of issuing, numbers, ledger, accounts and figures by day included."""
    count = RUN if full else SHORT_RUN
    with places.place(kind, folder, redis_url) as place, places.application(place.environ):
        with transaction():
            wanted = _subscriptions(count)
        ours, bare = [], []
        for number in range(5 if full else 3):
            period = f"{2030 + number}-01"
            ours.append(_seconds(lambda period=period: _issue(wanted, period)))
            rows = _rows_of(period)
            bare.append(_seconds(lambda rows=rows: _write(rows)))
    yield compared(
        f"{kind}: {count:,} invoices issued ÷ their bare rows", ours, bare, 4.0, unit="s", at_most=True
    )


def _seconds(action: Any) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def _subscriptions(count: int) -> list[tuple[int, int]]:
    """(customer, subscription) of so many new ones."""
    session, now = db.session, clock.now()
    package = session.scalars(select(Package.id)).first()
    stamps = {"created_at": now, "updated_at": now}
    people = [{"name": f"Customer {number}", "brand_code": BRAND, **stamps} for number in range(count)]
    session.execute(insert(Customer.__table__), people)
    ids = session.scalars(select(Customer.id).order_by(Customer.id)).all()
    taken = {"package_id": package, "started_on": date(2024, 1, 1), **stamps}
    session.execute(insert(Subscription.__table__), [{"customer_id": one, **taken} for one in ids])
    rows = session.execute(select(Subscription.customer_id, Subscription.id).order_by(Subscription.id))
    return [(customer, subscription) for customer, subscription in rows]


def _issue(wanted: Sequence[tuple[int, int]], period: str) -> None:
    items = [NewItem("Internet 50Mbps", 1, 500_000)]
    for start in range(0, len(wanted), AT_ONCE):
        with transaction():
            made = bulk.insert_many(
                bulk.NewInvoice(customer, subscription, BRAND, period, DUE - timedelta(days=5), DUE, items)
                for customer, subscription in wanted[start : start + AT_ONCE]
            )
        if len(made.ids) != len(wanted[start : start + AT_ONCE]):
            raise Failed("Not every subscription was billed.")


def _rows_of(period: str) -> list[tuple[str, list[tuple[Any, ...]]]]:
    """The rows of a period's run as the driver wants them, with a statement for each table; others than those there."""
    of_period = text("SELECT id FROM invoices WHERE period = :period").bindparams(period=period)
    ids = set(db.session.scalars(of_period))
    first, last = min(ids), max(ids)
    made = []
    for table, chosen in zip(TABLES, _CHOSEN, strict=True):
        where = chosen.format(first=first, last=last)
        rows = db.session.connection().exec_driver_sql(f"SELECT * FROM {table.name} WHERE {where}")
        moved = [_other(dict(row), last + 1_000_000) for row in rows.mappings()]
        made.append((_statement(table, rows.keys()), moved))
    db.session.rollback()
    return made


_CHOSEN = (
    "id BETWEEN {first} AND {last}",
    "invoice_id BETWEEN {first} AND {last}",
    "invoice_id BETWEEN {first} AND {last}",
    "entry_id IN (SELECT id FROM ledger_entries WHERE invoice_id BETWEEN {first} AND {last})",
)


def _statement(table: sqlalchemy.Table, names: Any) -> str:
    mark = "%s" if db.engine.dialect.name == "postgresql" else "?"
    columns = list(names)
    return f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({', '.join([mark] * len(columns))})"


def _other(row: dict[str, Any], shift: int) -> tuple[Any, ...]:
    moved = {name: row[name] + shift for name in ("id", "invoice_id", "entry_id") if row.get(name)}
    if "number" in row:
        moved |= {"number": f"X{row['number']}", "token": f"X{row['token']}"[:40], "period": "0000-00"}
        moved |= {"subscription_id": None}
    return tuple((row | moved).values())


def _write(rows: Sequence[tuple[str, list[tuple[Any, ...]]]]) -> None:
    raw = db.engine.raw_connection()
    try:
        cursor = raw.cursor()
        if db.engine.dialect.name == "sqlite":
            cursor.execute("BEGIN IMMEDIATE")
        for statement, values in rows:
            cursor.executemany(statement, values)
        raw.commit()
    finally:
        raw.close()


def lists(kind: str, redis_url: str, folder: Path, full: bool) -> Iterator[Result]:
    """The list of invoices, unfiltered and by each filter; as many months of them in either."""
    counts = dict(LISTS)
    counts["many"] //= 1 if full else SHORTER
    with growth.served(kind, redis_url, folder, counts, fill) as servers:
        for query in ("", "?status_invoice=Lunas", "?periode=2024-03", "?pelanggan_id=7"):
            what = f"{kind}: invoices{query} among {counts['many']:,} ÷ {counts['few']:,}"
            rounds = 9 if full else 5
            yield growth.many_over_few(what, servers, f"/api/invoices/{query}", 1.5, rounds=rounds)


_SERIES = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count})",
    "postgresql": "WITH n AS (SELECT generate_series(0, {count} - 1) AS i)",
}
_STATUS = "CASE i % 20 WHEN 0 THEN 'Jatuh Tempo' WHEN 1 THEN 'Menunggu Pembayaran' ELSE 'Lunas' END"


def fill(engine: sqlalchemy.Engine, count: int) -> None:
    """So many invoices over MONTHS months, every customer with one a month, and the figures by day."""
    customers = count // MONTHS
    with engine.begin() as connection:
        rows = [
            {
                "name": f"Customer {number}",
                "brand_code": BRAND,
                "created_at": clock.now(),
                "updated_at": clock.now(),
            }
            for number in range(customers)
        ]
        connection.execute(insert(Customer.__table__), rows)
        _fill_invoices(connection, count, customers)
    if engine.dialect.name == "postgresql":  # its autovacuum would do that within a minute; SQLite never does
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _fill_invoices(connection: Connection, count: int, customers: int) -> None:
    first = connection.scalar(text("SELECT min(id) FROM customers"))
    year, month = f"(2022 + i / {customers} / 12)", f"(1 + i / {customers} % 12)"
    if connection.dialect.name == "sqlite":
        period = f"printf('%04d-%02d', {year}, {month})"
        day, now = f"{period} || '-05'", "'2026-01-01 00:00:00.000000'"
    else:
        period = f"to_char(make_date({year}, {month}, 1), 'YYYY-MM')"
        day, now = f"make_date({year}, {month}, 5)", "now()"
    columns = (
        "number, token, customer_id, brand_code, period, issued_on, due_on, subtotal, tax_percent, tax, total,"
        " paid, credited, status, created_at, updated_at"
    )
    values = (
        f"'INV-' || i, 'token-' || i, {first} + i % {customers}, '{BRAND}', {period}, {day}, {day}, 500000, 0, 0,"
        f" 500000, 0, 0, {_STATUS}, {now}, {now}"
    )
    series = _SERIES[connection.dialect.name].format(count=count)
    connection.execute(text(f"{series} INSERT INTO invoices ({columns}) SELECT {values} FROM n"))
    figures = "issued_on, brand_code, status, count(*), sum(total), sum(paid), sum(credited)"
    connection.execute(
        text(
            f"INSERT INTO daily_invoices SELECT {figures} FROM invoices GROUP BY issued_on, brand_code, status"
        )
    )


def money(kind: str, redis_url: str, folder: Path, full: bool) -> Iterator[Result]:
    yield from run(kind, redis_url, folder / "run", full)
    yield from lists(kind, redis_url, folder / "lists", full)
