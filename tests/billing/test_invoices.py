"""An invoice's life, and what the books say at each turn."""

import itertools
from datetime import date
from decimal import Decimal

import pytest

from tests.billing.books import FUTURE, PAST, Books
from tests.support.factories import Make
from webapp.billing import invoices
from webapp.billing.amounts import MOST, NewItem, tax_on, tax_within
from webapp.billing.models import CANCELLED, DRAFT, INVOICE_STATES, OPEN, OVERDUE, PAID
from webapp.errors import Conflict, Invalid, NotFound


def test_an_issued_invoice_is_owed_with_its_tax(books: Books, john: int) -> None:
    invoice = books.invoice(john, 250_000)
    assert (invoice.subtotal, invoice.tax, invoice.total) == (250_000, 27_500, 277_500)
    assert (invoice.status, invoice.balance) == (OPEN, 277_500)
    assert books.sums() == {"receivable": 277_500, "revenue": -250_000, "tax": -27_500}
    account = books.account(john)
    assert (account.owed, account.credit, account.oldest_due_on) == (277_500, 0, FUTURE)


def test_no_book_knows_a_draft_before_it_is_issued(books: Books, john: int) -> None:
    draft = books.invoice(john, status=DRAFT)
    assert (draft.status, books.sums(), books.account(john).owed) == (DRAFT, {}, 0)
    assert books.do(invoices.set_status, draft.id, OPEN).status == OPEN
    assert books.account(john).owed == draft.total


def test_paid_by_hand_takes_what_is_left_in_cash(books: Books, john: int) -> None:
    invoice = books.invoice(john)
    books.pay(john, 11_000, "transfer")
    assert books.now(invoice).status == OPEN
    paid = books.do(invoices.set_status, invoice.id, PAID)
    assert (paid.status, paid.balance) == (PAID, 0)
    assert paid.paid_at is not None
    assert books.sums() == {"cash": 100_000, "transfer": 11_000, "revenue": -100_000, "tax": -11_000}


def test_overdue_wants_the_due_date_to_have_passed(books: Books, john: int) -> None:
    early, late = books.invoice(john), books.invoice(john, due=PAST)
    assert late.status == OPEN
    with pytest.raises(Conflict):
        books.do(invoices.set_status, early.id, OVERDUE)
    assert books.do(invoices.set_status, late.id, OVERDUE).status == OVERDUE


def test_a_cancelled_invoice_leaves_the_books_even_and_what_was_paid_as_credit(
    books: Books, john: int
) -> None:
    invoice = books.invoice(john)
    books.pay(john, 11_000)
    cancelled = books.do(invoices.set_status, invoice.id, CANCELLED)
    assert (cancelled.status, cancelled.paid) == (CANCELLED, 0)
    assert books.sums() == {"cash": 11_000, "credit": -11_000}
    assert (books.account(john).owed, books.account(john).credit) == (0, 11_000)


POSSIBLE = {
    DRAFT: {OPEN, CANCELLED},
    OPEN: {PAID, OVERDUE, CANCELLED},
    OVERDUE: {PAID},
    PAID: set(),
    CANCELLED: set(),
}


@pytest.mark.parametrize("status", INVOICE_STATES)
def test_only_the_documents_moves_are_possible(books: Books, john: int, status: str) -> None:
    for wanted in INVOICE_STATES:
        invoice = books.invoice(john, due=PAST, status=DRAFT)
        for step in {OPEN: [OPEN], PAID: [OPEN, PAID], OVERDUE: [OPEN, OVERDUE]}.get(status, []):
            books.do(invoices.set_status, invoice.id, step)
        if status == CANCELLED:
            books.do(invoices.set_status, invoice.id, CANCELLED)
        if wanted in POSSIBLE[status]:
            assert books.do(invoices.set_status, invoice.id, wanted).status == wanted
        else:
            with pytest.raises(Conflict):
                books.do(invoices.set_status, invoice.id, wanted)
            assert books.now(invoice).status == status


def test_an_invoice_of_nothing_is_paid_as_it_is_issued(books: Books, john: int) -> None:
    assert books.invoice(john, 0).status == PAID
    assert books.kinds() == []


@pytest.mark.parametrize(
    ("subtotal", "percent", "tax"),
    [
        (500_000, "11", 55_000),
        (50, "1", 1),
        (49, "1", 0),
        (150, "1", 2),
        (333_333, "11", 36_667),
        (7, "0", 0),
    ],
)
def test_tax_is_rounded_half_up(subtotal: int, percent: str, tax: int) -> None:
    assert tax_on(subtotal, Decimal(percent)) == tax


def test_the_tax_of_what_is_taken_back_piece_by_piece_adds_up() -> None:
    total, tax = 111_111, 11_011
    taken = [tax_within(step, total, tax) for step in range(0, total + 1, 7)] + [
        tax_within(total, total, tax)
    ]
    parts = [after - before for before, after in itertools.pairwise(taken)]
    assert (taken[0], taken[-1], sum(parts)) == (0, tax, tax)
    assert all(0 <= part <= 7 for part in parts)


def test_what_cannot_be_invoiced_is_refused(books: Books, john: int, make: Make) -> None:
    for items in ([], [NewItem("x", 1000, MOST)]):
        with pytest.raises(Invalid):
            books.do(invoices.create_invoice, john, "2026-11", FUTURE, items)
    with pytest.raises(Invalid):
        books.do(invoices.create_invoice, john, "2026-13", FUTURE, [NewItem("x", 1, 1)])
    with pytest.raises(NotFound):
        books.invoice(john + 99)
    assert books.sums() == {}


def test_a_subscription_is_billed_once_a_period(books: Books, taxed: str, make: Make) -> None:
    customer = make.customer(make.package(taxed), started=date(2026, 1, 1))
    subscription = books.do(_subscription_of, customer)
    books.invoice(customer, subscription_id=subscription)
    with pytest.raises(Conflict):
        books.invoice(customer, subscription_id=subscription)


def _subscription_of(customer_id: int) -> int:
    from webapp.extensions import db
    from webapp.subscribers.models import Subscription

    found: int = db.session.scalars(
        db.select(Subscription.id).where(Subscription.customer_id == customer_id)
    ).one()
    return found
