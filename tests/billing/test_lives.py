"""An invoice's life: everything that happened to it, in order."""

from datetime import UTC, date, datetime, timedelta

import time_machine
from flask import Flask

from tests.billing.books import Books
from webapp.billing import dunning, invoices, lives, messages
from webapp.billing.messages import Kind
from webapp.billing.models import CANCELLED, Invoice
from webapp.billing.process_models import OutboxMessage
from webapp.extensions import db
from webapp.subscribers.models import Customer

START = datetime(2024, 1, 10, 5, tzinfo=UTC)


def life(app: Flask, invoice_id: int) -> list[tuple[str, int, str]]:
    with app.app_context():
        found = lives.life_of(db.session.get_one(Invoice, invoice_id))
        return [(moment.kind, moment.amount, moment.memo) for moment in found]


def letter(invoice_id: int) -> None:
    db.session.scalars(db.select(Customer)).one().email = "ani@example.com"
    messages.write(Kind("reminder_due", "email"), [invoice_id], lambda _id: "reminder")
    sent = db.session.scalars(db.select(OutboxMessage)).one()
    sent.status, sent.sent_at = messages.SENT, sent.created_at


def test_a_life_has_its_issue_letters_due_date_promises_and_payments_in_order(
    app: Flask, books: Books, john: int
) -> None:
    with time_machine.travel(START, tick=False) as now:
        invoice = books.invoice(john, 100_000, date(2024, 1, 11)).id
        now.shift(timedelta(hours=1))
        books.do(letter, invoice)
        now.shift(timedelta(days=2))
        books.do(dunning.promise, invoice, date(2024, 1, 20))
        now.shift(timedelta(days=1))
        books.pay(john, 111_000)
        assert life(app, invoice) == [
            ("issue", 111_000, ""),
            ("letter", 0, "email"),
            ("overdue", 0, ""),
            ("promise", 0, "2024-01-20"),
            ("payment", -111_000, ""),
        ]


def test_what_is_not_due_or_was_cancelled_is_never_overdue(app: Flask, books: Books, john: int) -> None:
    with time_machine.travel(START, tick=False) as now:
        waiting, cancelled = (books.invoice(john, due=date(2024, 1, 11)).id for _ in range(2))
        books.do(invoices.set_status, cancelled, CANCELLED)
        assert [kind for kind, *_ in life(app, waiting)] == ["issue"]
        now.shift(timedelta(days=5))
        assert [kind for kind, *_ in life(app, cancelled)] == ["issue", "cancel"]
