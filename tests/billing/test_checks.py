"""The nightly check finds what was tampered with, by name, and nothing else."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Table, delete, insert, select, update

from tests.billing.books import PAST, Books
from webapp.billing import checks, evidence, invoices, payments
from webapp.billing.jobs import check_books
from webapp.billing.models import (
    OVERDUE,
    PAID,
    CustomerAccount,
    DailyCollections,
    DailyInvoices,
    Invoice,
    LedgerEntry,
    LedgerFinding,
    LedgerLine,
    NumberSeries,
    Payment,
    PaymentLink,
)
from webapp.billing.process_models import GatewayCallback
from webapp.database import Base, transaction
from webapp.extensions import db
from webapp.kit import clock
from webapp.notifications.models import Notification


@pytest.fixture
def busy(books: Books, john: int) -> int:
    """Books in which everything has happened once; the number of the first invoice's row."""
    first = books.invoice(john, due=PAST)
    books.do(invoices.set_status, first.id, OVERDUE)
    books.invoice(john)
    books.do(invoices.credit_note, first.id, 1_000, "goodwill")
    bounced = books.pay(john, 500_000, "transfer")
    books.pay(john, 1_000)
    books.do(payments.reverse_payment, bounced, "bounced")
    books.do(invoices.set_status, books.invoice(john).id, "Batal")
    return first.id


def table(model: type[Base]) -> Any:
    assert isinstance(model.__table__, Table)
    return model.__table__


def found(app: Flask) -> set[str]:
    with app.app_context():
        return {one.kind for one in checks.findings()}


def tamper(app: Flask, *statements: Any) -> None:
    with app.app_context(), transaction():
        for statement in statements:
            db.session.connection().execute(statement)


TAMPERED = {
    "invoice_tax": update(table(Invoice)).values(tax=Invoice.tax + 1),
    "invoice_paid": update(table(Invoice)).values(paid=Invoice.paid + 1),
    "invoice_credited": update(table(Invoice)).values(credited=Invoice.credited + 1),
    "invoice_status": update(table(Invoice)).where(Invoice.status == OVERDUE).values(status=PAID),
    "payment_ledger": update(table(Payment)).values(amount=Payment.amount + 1),
    "account_owed": update(table(CustomerAccount)).values(owed=5),
    "account_credit": update(table(CustomerAccount)).values(credit=5),
    "account_oldest_due": update(table(CustomerAccount)).values(oldest_due_on=None),
    "account_paid_late": update(table(CustomerAccount)).values(paid_late=True),
    "account_expired": update(table(CustomerAccount)).values(expired=1),
    "daily_invoices": update(table(DailyInvoices)).values(total=DailyInvoices.total + 1),
    "daily_collections": delete(table(DailyCollections)),
    "numbers": update(table(NumberSeries)).values(last=NumberSeries.last + 1),
    "invoice_ledger": update(table(Invoice)).values(total=Invoice.total + 1),
}


def test_books_in_which_everything_happened_agree(app: Flask, busy: int) -> None:
    assert busy
    assert found(app) == set()


def test_what_was_changed_behind_the_books_is_found(app: Flask, busy: int) -> None:
    assert busy
    tamper(app, *TAMPERED.values())
    assert found(app) == set(TAMPERED)


def test_the_gateway_and_we_know_the_same_payments(app: Flask, books: Books, john: int, busy: int) -> None:
    books.pay(john, 7, "xendit", reference="page-1")
    assert found(app) == {"gateway_payment"}
    told = {"brand_code": "JAKINET", "external_id": "x", "kind": "PAID", "body": "{}", "detail": ""}
    told |= {"status": "applied", "received_at": clock.now()}
    callbacks = insert(table(GatewayCallback))
    tamper(app, callbacks.values(gateway_id="page-1", **told))
    assert found(app) == set()
    tamper(app, callbacks.values(gateway_id="page-2", **told))
    with app.app_context(), transaction():
        db.session.merge(PaymentLink(invoice_id=busy, status="paid", gateway_id="page-3", amount=1))
    with app.app_context():
        pages = {one.subject for one in checks.findings() if one.kind == "gateway_page"}
    assert pages == {"page-2", "page-3"}


def test_every_proof_can_fail_but_for_the_ledgers_own(app: Flask, books: Books, john: int) -> None:
    assert set(TAMPERED) | {"gateway_page", "gateway_payment", "uneven_entry"} == set(evidence.PROOFS)
    with app.app_context(), transaction():
        entry = LedgerEntry(
            kind="issue",
            customer_id=john,
            brand_code="JAKINET",
            booked_on=PAST,
            lines=[LedgerLine(account="cash", amount=1)],
        )
        db.session.add(entry)
    assert found(app) == {"uneven_entry"}
    assert books.sums() == {"cash": 1}


def test_admins_are_told_once_and_a_finding_that_is_gone_is_resolved(app: Flask, busy: int) -> None:
    assert busy
    tamper(app, TAMPERED["account_expired"])
    for _ in range(2):
        with app.app_context():
            check_books()
    with app.app_context():
        told = db.session.scalars(select(Notification).where(Notification.kind == "system")).all()
        assert [one.message for one in told] == ["Pembukuan tidak cocok: 1 temuan baru"]
        (finding,) = checks.open_findings()
        assert (finding.kind, finding.expected, finding.found) == ("account_expired", "0", "1")
    tamper(app, update(table(CustomerAccount)).values(expired=0))
    with app.app_context():
        check_books()
        assert checks.open_findings() == []
        assert db.session.scalars(select(LedgerFinding.resolved_at)).one() is not None
