"""Printing 1,000 invoices at once against one by one in cold workers; figures among a million invoices.

`python -m bench.invoices WHAT COUNT` is the work of one cold worker (its installation in the environment).
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

import sqlalchemy
from sqlalchemy import Connection, insert, select, text

from bench import growth, places
from bench.billing import _SERIES, BRAND
from bench.places import Place
from bench.press_work import _peak
from bench.processes import ROOT
from bench.result import Result, compared
from webapp.billing import bulkprints, invoices, papers
from webapp.billing.amounts import NewItem
from webapp.billing.models import Invoice
from webapp.billing.queries import InvoiceFilter
from webapp.database import transaction
from webapp.demo.people import people
from webapp.extensions import db
from webapp.kit import clock
from webapp.subscribers.models import Customer, Package, Subscription

PRINTED, FEWER = 1_000, 200  # the latter without --full, and to see whether memory grows
COLD = 3  # single prints a round
DUE = date(2099, 1, 1)


def prints(kind: str, redis_url: str, folder: Path, full: bool) -> Iterator[Result]:
    """Invoices a second, and the memory of a thousand beside that of a few. The press asks little of a database."""
    if kind != "SQLite":
        return
    count = PRINTED if full else FEWER
    with places.place(kind, folder, redis_url) as place:
        _issue(place, count)
        for what, name in (("pdf", "one PDF"), ("files", "files")):
            pairs = [(_work(place, what, count), _work(place, "one", COLD)) for _ in range(3 if full else 2)]
            ours, cold = ([pair[side]["per_second"] for pair in pairs] for side in (0, 1))
            yield compared(
                f"{count:,} invoices as {name} ÷ one by one in cold workers", ours, cold, 5.0, unit="/s"
            )
            small, large = _work(place, what, count // 5)["megabytes"], pairs[0][0]["megabytes"]
            what_grew = f"the same: peak memory of {count:,} ÷ of {count // 5:,}"
            yield compared(what_grew, [large], [small], 1.2, unit="MB", at_most=True)


def _issue(place: Place, count: int) -> None:
    with places.application(place.environ), transaction():
        for person in people(count):
            customer = Customer(
                name=person.name, phone=person.phone, address=person.address, brand_code=BRAND
            )
            db.session.add(customer)
            db.session.flush()
            invoices.create_invoice(customer.id, "2026-11", DUE, [NewItem("Internet 50Mbps", 1, 500_000)])


def _work(place: Place, what: str, count: int) -> dict[str, float]:
    """What a process of its own tells: invoices a second, and its peak memory. `one`: so many processes, one each."""
    runs, each = (count, 1) if what == "one" else (1, count)
    told = [_process(place, what, each) for _ in range(runs)]
    return {
        "per_second": count / sum(one["seconds"] for one in told),
        "megabytes": max(one["megabytes"] for one in told),
    }


def _process(place: Place, what: str, count: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.invoices", what, str(count)]
    environ = {**os.environ, **place.environ}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _cold(what: str, count: int) -> None:
    """Print, the application loaded but nothing printed yet; a worker's start is not counted."""
    with places.application(os.environ):
        ids = db.session.scalars(select(Invoice.id).order_by(Invoice.id).limit(count)).all()
        began = time.perf_counter()
        if what == "one":
            papers.invoice_pdf(db.session.get_one(Invoice, ids[0]))
        else:
            with transaction():
                made = bulkprints.request(InvoiceFilter(), ids=ids, as_files=what == "files").id
            with transaction():
                bulkprints.run(made)
        print(json.dumps({"seconds": time.perf_counter() - began, "megabytes": _peak()}))


def figures(kind: str, redis_url: str, folder: Path, full: bool) -> Iterator[Result]:
    """The revenue report and the dashboard, as many customers and a hundred times the invoices: more history."""
    customers, many, few = (20_000, 1_000_000, 10_000) if full else (2_000, 100_000, 1_000)
    counts = {"many": many, "few": few}
    with growth.served(kind, redis_url, folder, counts, partial(fill, customers=customers)) as servers:
        for what, path in _PATHS.items():
            told = f"{kind}: {what} among {many:,} ÷ {few:,} invoices"
            yield growth.many_over_few(told, servers, path, 1.5, rounds=9 if full else 5)


_PATHS = {
    "dashboard": "/api/dashboard/",
    "revenue by month": "/api/reports/revenue?start_date=2022-01-01&end_date=2026-12-31",
    "revenue by status": "/api/reports/revenue?start_date=2022-01-01&end_date=2026-12-31&group_by=status",
}


def fill(engine: sqlalchemy.Engine, count: int, *, customers: int) -> None:
    """So many customers with a subscription, and their invoices, the latest month's first; only that is owed yet."""
    now, started = clock.now(), date(2020, 1, 1)
    stamps = {"created_at": now, "updated_at": now}
    with engine.begin() as connection:
        rows = [
            {"name": f"Customer {n}", "brand_code": BRAND, "installed_on": started, **stamps}
            for n in range(customers)
        ]
        connection.execute(insert(Customer.__table__), rows)
        package = connection.scalar(select(Package.__table__.c.id))
        first = connection.scalar(text("SELECT min(id) FROM customers")) or 1
        taken = {"package_id": package, "started_on": started, **stamps}
        places_ = range(first, first + customers)
        connection.execute(insert(Subscription.__table__), [{"customer_id": one, **taken} for one in places_])
        _invoices(connection, first, customers, count)
    if engine.dialect.name == "postgresql":  # its autovacuum would do that within a minute; SQLite never does
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _invoices(connection: Connection, first: int, customers: int, count: int) -> None:
    back = f"(12 * 2026 + 10 - i / {customers})"  # months, the latest is November 2026
    year, month = f"({back} / 12)", f"({back} % 12 + 1)"
    if connection.dialect.name == "sqlite":
        period = f"printf('%04d-%02d', {year}, {month})"
        day, now = f"{period} || '-05'", "'2026-01-01 00:00:00.000000'"
    else:
        period = f"to_char(make_date({year}, {month}, 1), 'YYYY-MM')"
        day, now = f"make_date({year}, {month}, 5)", "now()"
    owed = f"i < {customers} AND i % 10 = 0"
    columns = (
        "number, token, customer_id, brand_code, period, issued_on, due_on, subtotal, tax_percent, tax, total,"
        " paid, credited, status, created_at, updated_at"
    )
    values = (
        f"'INV-' || i, 'token-' || i, {first} + i % {customers}, '{BRAND}', {period}, {day}, {day}, 500000, 0, 0,"
        f" 500000, CASE WHEN {owed} THEN 0 ELSE 500000 END, 0, CASE WHEN {owed} THEN 'Jatuh Tempo' ELSE 'Lunas' END,"
        f" {now}, {now}"
    )
    series = _SERIES[connection.dialect.name].format(count=count)
    connection.execute(text(f"{series} INSERT INTO invoices ({columns}) SELECT {values} FROM n"))
    sums = "issued_on, brand_code, status, count(*), sum(total), sum(paid), sum(credited)"
    keys = "issued_on, brand_code, status"
    connection.execute(text(f"INSERT INTO daily_invoices SELECT {sums} FROM invoices GROUP BY {keys}"))
    accounts = (
        "SELECT customer_id, 0, sum(total - paid), min(CASE WHEN paid = 0 THEN due_on END), false, 0"
        " FROM invoices GROUP BY customer_id"
    )
    names = "customer_id, credit, owed, oldest_due_on, paid_late, expired"
    connection.execute(text(f"INSERT INTO customer_accounts ({names}) {accounts}"))


if __name__ == "__main__":
    _cold(sys.argv[1], int(sys.argv[2]))
