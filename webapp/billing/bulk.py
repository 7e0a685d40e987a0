"""Many issued invoices at once, for the monthly run: rows rather than objects, and a trip a table."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table, Update, case, func, select, text, true, update

from webapp import audit
from webapp.billing import announce, ledger, numbers, payments, totals
from webapp.billing.amounts import NewItem, Sums, sums_of
from webapp.billing.models import (
    OPEN,
    PAID,
    RECEIVABLE,
    REVENUE,
    TAX,
    CustomerAccount,
    Invoice,
    InvoiceItem,
    LedgerEntry,
    LedgerLine,
    new_token,
)
from webapp.billing.rows import insert_rows
from webapp.database import Base
from webapp.extensions import db
from webapp.kit import clock
from webapp.kit.chunks import chunks
from webapp.subscribers.models import Brand
from webapp.webhooks.service import publish_all

Row = dict[str, Any]
_CHUNK = 500


def _table(model: type[Base]) -> Table:
    return cast("Table", model.__table__)


INVOICES, ITEMS, ENTRIES, LINES = map(_table, (Invoice, InvoiceItem, LedgerEntry, LedgerLine))
ACCOUNTS = _table(CustomerAccount)


@dataclass(frozen=True)
class NewInvoice:
    """The month's invoice of a subscription: what `create_invoice` is told, and whose run makes it."""

    customer_id: int
    subscription_id: int
    brand_code: str
    period: str
    issued_on: date
    due_on: date
    items: Sequence[NewItem]
    run_id: uuid.UUID | None = None


@dataclass(frozen=True)
class Inserted:
    """What was made: the ids of the invoices and the rupiah that they come to."""

    ids: Sequence[int]
    amount: int


def insert_many(rows: Iterable[NewInvoice]) -> Inserted:
    """Issue these invoices (some thousands at most) in the current transaction, each as `create_invoice` would.

    Those of a subscription that has one for the period are left out and take no number, however many runs there are
    at once. Credit pays at once. Call it before anything else is locked. Raises Invalid as `sums_of` does.
    """
    rows = sorted(rows, key=lambda row: row.customer_id)
    credit = ledger.lock_accounts(row.customer_id for row in rows)
    fresh = _unbilled(rows)
    if not fresh:
        return Inserted([], 0)
    made = _invoices(fresh)
    _write(fresh, made)
    publish_all("invoice.issued", (announce.facts_of(Invoice(**row)) for row in made))
    for customer_id in dict.fromkeys(row.customer_id for row in fresh if credit[row.customer_id]):
        payments.apply_credit(customer_id)
    return Inserted([row["id"] for row in made], sum(row["total"] for row in made))


def _unbilled(rows: Sequence[NewInvoice]) -> list[NewInvoice]:
    """Once each, and without those billed before; the accounts' locks keep others from billing them meanwhile."""
    first = {(row.subscription_id, row.period): row for row in reversed(rows)}
    periods = {row.period for row in rows}
    ids = sorted({row.subscription_id for row in rows})
    columns = Invoice.subscription_id, Invoice.period
    of_periods = Invoice.period.in_(periods).is_(
        true()
    )  # so worded, no plan goes through all of the period's
    for some in chunks(ids, _CHUNK):
        wanted = Invoice.subscription_id.in_(some), of_periods
        for known in db.session.execute(select(*columns).where(*wanted)):
            first.pop((known.subscription_id, known.period), None)
    return list(reversed(first.values()))


def _invoices(rows: Sequence[NewInvoice]) -> list[Row]:
    """The invoices' rows, with their ids and numbers."""
    brands = {brand.code: brand for brand in db.session.scalars(select(Brand))}
    ids, taken, now = _next_ids(INVOICES, len(rows)), _numbers(rows, brands), clock.now()
    return [
        _invoice(row, sums_of(row.items, brands[row.brand_code].tax_percent), now)
        | {"id": id_, "number": number, "tax_percent": brands[row.brand_code].tax_percent}
        for row, id_, number in zip(rows, ids, taken, strict=True)
    ]


def _numbers(rows: Sequence[NewInvoice], brands: Mapping[str, Brand]) -> list[str]:
    """A number for each row, from the series of its brand and day; the series are locked in their order."""
    series = [
        numbers.series_of(brands[row.brand_code].invoice_pattern, row.brand_code, row.issued_on)
        for row in rows
    ]
    taken = {name: iter(numbers.take(name, series.count(name))) for name in sorted(set(series))}
    return [next(taken[name]) for name in series]


def _invoice(row: NewInvoice, sums: Sums, now: datetime) -> Row:
    return {
        "token": new_token(),
        "customer_id": row.customer_id,
        "subscription_id": row.subscription_id,
        "brand_code": row.brand_code,
        "run_id": row.run_id,
        "period": row.period,
        "issued_on": row.issued_on,
        "due_on": row.due_on,
        "subtotal": sums.subtotal,
        "tax": sums.tax,
        "total": sums.total,
        "paid": 0,
        "credited": 0,
        "status": OPEN if sums.total else PAID,
        "paid_at": None if sums.total else now,
        "created_at": now,
        "updated_at": now,
    }


def _write(rows: Sequence[NewInvoice], made: Sequence[Row]) -> None:
    insert_rows(INVOICES, made)
    insert_rows(ITEMS, [item for row, one in zip(rows, made, strict=True) for item in _items(row, one)])
    _book(made)
    _count(made)
    audit.note("issue", "invoices", label=f"{len(made)} invoices", count=len(made))


def _items(row: NewInvoice, made: Row) -> list[Row]:
    return [
        {
            "invoice_id": made["id"],
            "description": item.description,
            "quantity": item.quantity,
            "unit_price": item.unit_price,
            "amount": item.amount,
        }
        for item in row.items
    ]


def _book(made: Sequence[Row]) -> None:
    """An entry an invoice, as invoices.py books it, and what each customer owes by it."""
    owing = [row for row in made if row["total"]]
    if not owing:
        return
    ids, actor, now = _next_ids(ENTRIES, len(owing)), audit.current().name[:150], clock.now()
    entries = [_entry(row, id_, actor, now) for row, id_ in zip(owing, ids, strict=True)]
    insert_rows(ENTRIES, entries)
    lines = [line for row, id_ in zip(owing, ids, strict=True) for line in _lines(row, id_)]
    insert_rows(LINES, lines)
    db.session.execute(_owing_more([row["id"] for row in owing]))


def _entry(row: Row, id_: int, actor: str, now: datetime) -> Row:
    return {
        "id": id_,
        "kind": "issue",
        "customer_id": row["customer_id"],
        "brand_code": row["brand_code"],
        "invoice_id": row["id"],
        "booked_on": row["issued_on"],
        "memo": "",
        "actor_name": actor,
        "at": now,
    }


def _lines(row: Row, entry_id: int) -> list[Row]:
    amounts = {RECEIVABLE: row["total"], REVENUE: -row["subtotal"], TAX: -row["tax"]}
    return [
        {"entry_id": entry_id, "account": account, "amount": amount}
        for account, amount in amounts.items()
        if amount
    ]


def _owing_more(invoice_ids: Sequence[int]) -> Update:
    """Each customer owes what these invoices come to, since the first of their due dates."""
    wanted = INVOICES.c.id.in_(invoice_ids)
    sums = (
        select(
            INVOICES.c.customer_id,
            func.sum(INVOICES.c.total).label("more"),
            func.min(INVOICES.c.due_on).label("due"),
        )
        .where(wanted)
        .group_by(INVOICES.c.customer_id)
        .subquery()
    )
    oldest = ACCOUNTS.c.oldest_due_on
    return (
        update(ACCOUNTS)
        .where(ACCOUNTS.c.customer_id == sums.c.customer_id)
        .values(
            owed=ACCOUNTS.c.owed + sums.c.more,
            oldest_due_on=case((oldest < sums.c.due, oldest), else_=sums.c.due),
        )
    )


def _count(made: Sequence[Row]) -> None:
    """Into the figures by day, which the session does not do for rows."""
    deltas: dict[totals.Key, tuple[int, ...]] = {}
    for row in made:
        key, by = totals.figures_of(row)
        deltas[key] = tuple(map(sum, zip(deltas.get(key, (0, 0, 0, 0)), by, strict=True)))
    totals.fold(totals.INVOICES, deltas)


def _next_ids(table: Table, count: int) -> Sequence[int]:
    """Ids that nobody else gets; on SQLite because whoever writes is alone."""
    if db.engine.dialect.name == "postgresql":
        sequence = f"nextval(pg_get_serial_sequence('{table.name}', 'id'))"
        statement = text(f"SELECT {sequence} FROM generate_series(1, :count)")
        return db.session.scalars(statement, {"count": count}).all()
    last = db.session.scalar(select(func.max(table.c.id))) or 0
    return range(last + 1, last + count + 1)
