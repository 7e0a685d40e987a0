"""Numbers without gaps and without doubles, whoever takes them at the same time and whoever gives up."""

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date

import pytest
from flask import Flask

from tests.billing.books import FUTURE, Books
from tests.support.factories import Make
from webapp.billing import invoices, numbers
from webapp.billing.amounts import NewItem
from webapp.billing.models import Invoice
from webapp.database import transaction
from webapp.extensions import db

DAY = date(2024, 3, 5)
THREADS, EACH = 6, 12


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        ("INV-{year}-{sequence}", "INV-2024-001"),
        ("{sequence}/{brand}/{month}/{year}", "001/JAKINET/03/2024"),
        ("F{sequence}", "F001"),
    ],
)
def test_a_number_follows_the_brands_pattern(books: Books, make: Make, pattern: str, written: str) -> None:
    make.brand(invoice_pattern=pattern)
    assert books.do(_next, "JAKINET", DAY) == written


def test_a_series_ends_with_the_year_and_grows_past_three_digits(books: Books, make: Make) -> None:
    make.brand()
    series = "INV-2024-{sequence}"
    assert books.do(numbers.take, series, 999)[-1] == "INV-2024-999"
    assert books.do(_next, "JAKINET", DAY) == "INV-2024-1000"
    assert books.do(_next, "JAKINET", date(2025, 1, 1)) == "INV-2025-001"


def test_brands_with_the_same_pattern_share_a_series(books: Books, make: Make) -> None:
    for code in ("JAKINET", "JELANTIK"):
        make.brand(code)
    make.brand("OTHER", invoice_pattern="{brand}-{sequence}")
    taken = [books.do(_next, code, DAY) for code in ("JAKINET", "JELANTIK", "OTHER", "JAKINET")]
    assert taken == ["INV-2024-001", "INV-2024-002", "OTHER-001", "INV-2024-003"]


def _next(brand: str, on: date) -> str:
    from webapp.subscribers.catalogue import get_brand

    return numbers.next_number(get_brand(brand), on)


def test_many_at_once_and_some_that_give_up_leave_no_gap(app: Flask, books: Books, make: Make) -> None:
    make.brand()
    customers = [make.customer(name=f"Customer {number}") for number in range(THREADS)]

    def bill(customer: int) -> None:
        chance = random.Random(customer)
        for _ in range(EACH):
            with app.app_context(), suppress(_GaveUp), transaction():
                items = [NewItem("Internet", 1, 1_000)]
                invoices.create_invoice(customer, "2026-11", FUTURE, items)
                _perhaps_give_up(chance)

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(bill, customers))
    with app.app_context():
        taken = sorted(
            int(number.rsplit("-", 1)[1]) for number in db.session.scalars(db.select(Invoice.number))
        )
    assert 0 < len(taken) < THREADS * EACH
    assert taken == list(range(1, len(taken) + 1))


class _GaveUp(Exception):
    pass


def _perhaps_give_up(chance: random.Random) -> None:
    if chance.random() < 0.4:
        raise _GaveUp
