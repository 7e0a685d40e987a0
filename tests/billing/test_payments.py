"""Where money goes that comes in, and where it comes from when it has not come after all."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from tests.billing.books import FUTURE, PAST, Books
from tests.support.factories import Make
from webapp.billing import invoices, payments
from webapp.billing.models import CANCELLED, OPEN, OVERDUE, PAID, LedgerEntry, Payment
from webapp.errors import Conflict, Invalid, NotFound
from webapp.extensions import db
from webapp.kit import clock

TOTAL = 111_000  # of an invoice of 100,000 with its tax


def test_a_part_does_not_make_it_paid(books: Books, john: int) -> None:
    invoice = books.invoice(john)
    books.pay(john, TOTAL - 1)
    assert (books.now(invoice).status, books.now(invoice).balance) == (OPEN, 1)
    books.pay(john, 1, "transfer")
    assert books.now(invoice).status == PAID


def test_the_named_invoice_comes_first_then_the_oldest_due_and_the_rest_is_credit(
    books: Books, john: int
) -> None:
    newest, oldest, named = (
        books.invoice(john, due=due) for due in (FUTURE, PAST, FUTURE - timedelta(days=31))
    )
    books.pay(john, TOTAL + 10, invoice_id=named.id)
    assert [books.now(one).paid for one in (named, oldest, newest)] == [TOTAL, 10, 0]
    books.pay(john, 2 * TOTAL, "transfer")
    assert {books.now(one).status for one in (named, oldest, newest)} == {PAID}
    account = books.account(john)
    assert (account.owed, account.credit, account.oldest_due_on) == (0, 10, None)


def test_credit_pays_the_next_invoice_as_it_is_issued(books: Books, john: int) -> None:
    books.pay(john, TOTAL + 1_000)
    first, second = books.invoice(john), books.invoice(john)
    assert (first.status, second.status, second.paid) == (PAID, OPEN, 1_000)
    assert books.account(john).credit == 0


def test_money_for_an_invoice_that_owes_nothing_is_taken_all_the_same(books: Books, john: int) -> None:
    invoice = books.invoice(john)
    books.do(invoices.set_status, invoice.id, CANCELLED)
    books.pay(john, 500, invoice_id=invoice.id)
    assert books.account(john).credit == 500


def test_a_reference_is_one_payment(books: Books, john: int, make: Make) -> None:
    books.pay(john, 100, "transfer", reference="BCA-1")
    with pytest.raises(Conflict):
        books.pay(make.customer(name="Siti"), 100, "transfer", reference=" BCA-1 ")
    books.pay(john, 100, "xendit", reference="BCA-1")
    books.pay(john, 100, "transfer")
    books.pay(john, 100, "transfer")
    assert books.account(john).credit == 400


def test_what_cannot_be_a_payment_is_refused(books: Books, john: int, make: Make) -> None:
    other = books.invoice(make.customer(name="Siti"))
    for amount, method in ((0, "cash"), (-5, "cash"), (10**13, "cash"), (5, "cheque")):
        with pytest.raises(Invalid):
            books.pay(john, amount, method)
    with pytest.raises(Invalid):
        books.pay(john, 5, received_at=clock.now() + timedelta(days=1))
    with pytest.raises(Invalid):
        books.pay(john, 5, invoice_id=other.id)
    for wrong in (lambda: books.pay(john + 99, 5), lambda: books.pay(john, 5, invoice_id=999)):
        with pytest.raises(NotFound):
            wrong()


def test_a_reversal_opens_again_what_was_paid(books: Books, john: int) -> None:
    early, late = books.invoice(john), books.invoice(john, due=PAST)
    payment = books.pay(john, 2 * TOTAL + 500)
    reversed_ = books.do(payments.reverse_payment, payment, "bounced")
    assert reversed_.reversed_at is not None
    assert [(one.status, one.paid, one.paid_at) for one in map(books.now, (early, late))] == [
        (OPEN, 0, None),
        (OVERDUE, 0, None),
    ]
    assert "cash" not in books.sums()
    assert books.account(john).oldest_due_on == PAST
    with pytest.raises(Conflict):
        books.do(payments.reverse_payment, payment, "again")


def test_a_reversal_takes_credit_back_from_what_it_paid_last(books: Books, john: int) -> None:
    payment = books.pay(john, 2 * TOTAL)
    first, second = books.invoice(john), books.invoice(john)
    books.pay(john, 300, "transfer")
    books.do(payments.reverse_payment, payment, "bounced")
    assert [books.now(one).paid for one in (first, second)] == [300, 0]
    assert (books.account(john).credit, books.account(john).owed) == (0, 2 * TOTAL - 300)


def test_other_credit_pays_what_a_reversal_opens(books: Books, john: int) -> None:
    invoice = books.invoice(john)
    payment = books.pay(john, TOTAL)
    books.pay(john, 400, "transfer")
    books.do(payments.reverse_payment, payment, "typed wrongly")
    assert books.now(invoice).paid == 400


def test_a_credit_note_lowers_what_is_owed_with_its_part_of_the_tax(books: Books, john: int) -> None:
    invoice = books.invoice(john)
    note = books.do(invoices.credit_note, invoice.id, 11_100, "two days down")
    assert (note.number, note.tax) == (f"CN-{invoice.number}", 1_100)
    assert books.now(invoice).balance == TOTAL - 11_100
    assert books.sums() == {"receivable": 99_900, "revenue": -90_000, "tax": -9_900}
    books.do(invoices.credit_note, invoice.id, TOTAL - 11_100, "all of it")
    assert (books.now(invoice).status, books.sums()) == (PAID, {})
    with pytest.raises(Invalid):
        books.do(invoices.credit_note, invoice.id, 1, "more than all")


def test_crediting_a_paid_invoice_leaves_it_paid_and_the_money_as_credit(books: Books, john: int) -> None:
    invoice = books.invoice(john)
    payment = books.pay(john, TOTAL)
    books.do(invoices.credit_note, invoice.id, 11_100, "two days down")
    now = books.now(invoice)
    assert (now.status, now.paid, now.credited, now.balance) == (PAID, 99_900, 11_100, 0)
    assert books.account(john).credit == 11_100
    books.do(payments.reverse_payment, payment, "bounced")
    assert (books.now(invoice).balance, books.account(john).credit) == (99_900, 0)


def test_a_draft_and_a_cancelled_one_cannot_be_credited(books: Books, john: int) -> None:
    invoice = books.invoice(john, status="Draft")
    for _ in range(2):
        with pytest.raises(Conflict):
            books.do(invoices.credit_note, invoice.id, 1, "no")
        if books.now(invoice).status != CANCELLED:
            books.do(invoices.set_status, invoice.id, CANCELLED)


@pytest.mark.parametrize(("hour", "late"), [(16, False), (17, True)])  # UTC; midnight in Jakarta lies between
def test_late_is_after_the_due_date_where_the_operator_is(
    books: Books, john: int, hour: int, late: bool
) -> None:
    books.invoice(john, due=date(2025, 3, 10))
    payment = books.pay(john, TOTAL, received_at=datetime(2025, 3, 10, hour, tzinfo=UTC))
    assert books.account(john).paid_late is late
    books.do(payments.reverse_payment, payment, "it never came, so it was not late either")
    assert books.account(john).paid_late is False


def test_the_database_refuses_to_change_what_is_booked(books: Books, john: int) -> None:
    books.pay(john, 500)
    for verb in (
        "UPDATE ledger_lines SET amount = 1",
        "DELETE FROM ledger_lines",
        "DELETE FROM ledger_entries",
    ):
        with pytest.raises(DBAPIError):
            books.do(lambda verb=verb: db.session.execute(text(verb)) and None)
    assert books.sums() == {"cash": 500, "credit": -500}


def test_every_entry_is_even(books: Books, john: int) -> None:
    from webapp.billing.ledger import account_of, book

    with pytest.raises(ValueError, match="sum to nothing"):
        books.do(lambda: book("issue", account_of(john), [("cash", 1)], brand_code="X"))
    count = books.do(lambda: db.session.scalar(select(func.count()).select_from(LedgerEntry)))
    assert count == 0
    assert books.do(lambda: db.session.scalar(select(func.count()).select_from(Payment))) == 0
