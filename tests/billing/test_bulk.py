"""The monthly run's way of issuing: the same as one by one, only many at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

from flask import Flask
from sqlalchemy import select

from tests.billing.books import FUTURE, Books
from tests.support.factories import Make
from webapp.activity.models import Activity
from webapp.billing.amounts import NewItem
from webapp.billing.bulk import NewInvoice, insert_many
from webapp.billing.models import OPEN, PAID, DailyInvoices, Invoice, InvoiceItem, LedgerEntry, LedgerLine
from webapp.database import transaction
from webapp.extensions import db
from webapp.subscribers.models import Subscription

TODAY = date(2026, 1, 15)


def rows(app: Flask, price: int = 100_000) -> list[NewInvoice]:
    """An invoice for every subscription."""
    with app.app_context():
        found = db.session.execute(select(Subscription.customer_id, Subscription.id)).all()
    items = [NewItem("Internet 50Mbps", 1, price), NewItem("Modem", 2, 500)]
    return [
        NewInvoice(customer, subscription, "JAKINET", "2026-12", TODAY, FUTURE, items)
        for customer, subscription in found
    ]


def fill(make: Make, taxed: str, count: int) -> list[int]:
    package = make.package(taxed)
    return [make.customer(package, name=f"Customer {number}") for number in range(count)]


def test_it_is_what_one_by_one_would_be(app: Flask, books: Books, make: Make, taxed: str) -> None:
    customers = fill(make, taxed, 3)
    made = books.do(insert_many, rows(app))
    single = books.do(_single, customers[0])
    with app.app_context():
        many = db.session.get_one(Invoice, made.ids[0])
        assert _facts(many) == _facts(db.session.get_one(Invoice, single))
        assert made.amount == 3 * many.total
        assert many.number == "INV-2026-001"
        day = db.session.get_one(DailyInvoices, (TODAY, taxed, OPEN))
        assert (day.count, day.total) == (3, made.amount)
    account = books.account(customers[1])
    assert (account.owed, account.oldest_due_on) == (many.total, FUTURE)


def _single(customer: int) -> int:
    from webapp.billing.invoices import create_invoice

    items = [NewItem("Internet 50Mbps", 1, 100_000), NewItem("Modem", 2, 500)]
    return create_invoice(customer, "2026-12", FUTURE, items).id


def _facts(invoice: Invoice) -> list[Any]:
    """What must be the same, with its items and what was booked for it."""
    same = [invoice.subtotal, invoice.tax_percent, invoice.tax, invoice.total, invoice.status, invoice.paid]
    items = db.session.scalars(select(InvoiceItem).where(InvoiceItem.invoice_id == invoice.id)).all()
    lines = db.session.execute(
        select(LedgerEntry.kind, LedgerLine.account, LedgerLine.amount)
        .join(LedgerLine)
        .where(LedgerEntry.invoice_id == invoice.id)
        .order_by(LedgerLine.id)
    ).all()
    return [*same, [(item.description, item.quantity, item.amount) for item in items], lines]


def test_credit_pays_at_once(app: Flask, books: Books, make: Make, taxed: str) -> None:
    rich, poor = fill(make, taxed, 2)
    books.pay(rich, 1_000_000)
    books.do(insert_many, rows(app))
    with app.app_context():
        states = dict(db.session.execute(select(Invoice.customer_id, Invoice.status)).all())
    assert states == {rich: PAID, poor: OPEN}
    assert books.account(rich).credit == 1_000_000 - 112_110


def test_what_is_billed_already_takes_no_number(app: Flask, books: Books, make: Make, taxed: str) -> None:
    fill(make, taxed, 2)
    assert len(books.do(insert_many, rows(app)[:1]).ids) == 1
    again = rows(app)
    assert len(books.do(insert_many, [*again, *again]).ids) == 1
    assert books.do(insert_many, again).ids == []
    with app.app_context():
        assert set(db.session.scalars(select(Invoice.number))) == {"INV-2026-001", "INV-2026-002"}
        notes = db.session.scalars(select(Activity.object_label).where(Activity.action == "issue"))
        assert list(notes)[-2:] == ["1 invoices", "1 invoices"]


def test_runs_at_the_same_time_bill_once(app: Flask, books: Books, make: Make, taxed: str) -> None:
    fill(make, taxed, 20)
    wanted = rows(app)

    def run(order: int) -> int:
        with app.app_context(), transaction():
            return len(insert_many(wanted[::order]).ids)

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(run, (1, -1, 1, -1))) == 20
    with app.app_context():
        numbers = sorted(db.session.scalars(select(Invoice.number)))
    assert numbers == [f"INV-2026-{number:03}" for number in range(1, 21)]
