"""Segments, reports and the dashboard: the figures equal what the invoices say."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from tests.support.factories import Make
from webapp.billing import dashboard, invoices, payments, reports, segments
from webapp.billing.amounts import NewItem
from webapp.database import transaction
from webapp.errors import Invalid
from webapp.extensions import db
from webapp.subscribers.models import ENDED, Subscription

Bill = Callable[..., int]


@pytest.fixture(autouse=True)
def today(app: Flask, make: Make) -> Iterator[Callable[[date], None]]:
    """It is noon in Jakarta on 15 January 2024; `today(day)` moves there. JAKINET sells one package."""
    with (
        app.app_context(),
        time_machine.travel(datetime(2024, 1, 15, 5, tzinfo=UTC), tick=False) as traveller,
    ):
        make.brand()
        yield lambda day: traveller.move_to(datetime(day.year, day.month, day.day, 5, tzinfo=UTC))


@pytest.fixture
def package(make: Make, today: object) -> int:
    return make.package()


@pytest.fixture
def bill(today: object) -> Bill:
    def billed(customer: int, amount: int = 500_000, due: date = date(2024, 1, 31)) -> int:
        with transaction():
            made = invoices.create_invoice(customer, f"{due:%Y-%m}", due, [NewItem("Internet", 1, amount)])
            return made.id

    return billed


def pay(customer: int, amount: int = 500_000) -> None:
    with transaction():
        payments.record_payment(customer, amount, "cash")


def segment_of(customer: int) -> str | None:
    return {one.customer.id: one.segment for one in segments.members(None)}.get(customer)


def test_who_owes_nothing_and_was_never_late_is_loyal(make: Make, package: int, bill: Bill) -> None:
    fresh, paid, waiting = (make.customer(package) for _ in range(3))
    bill(paid)
    pay(paid)
    bill(waiting)
    assert [segment_of(one) for one in (fresh, paid, waiting)] == ["setia"] * 3


def test_who_pays_on_the_due_date_is_not_late(
    make: Make, package: int, bill: Bill, today: Callable[[date], None]
) -> None:
    customer = make.customer(package)
    bill(customer)
    today(date(2024, 1, 31))
    pay(customer)
    assert segment_of(customer) == "setia"


def test_who_is_past_the_due_date_is_in_arrears_and_then_late(
    make: Make, package: int, bill: Bill, today: Callable[[date], None]
) -> None:
    customer = make.customer(package)
    bill(customer)
    today(date(2024, 2, 1))
    assert segment_of(customer) == "menunggak"
    pay(customer)
    assert segment_of(customer) == "lunas-telat"
    bill(customer, due=date(2024, 2, 28))
    assert segment_of(customer) == "lunas-telat", "what is not due yet is no arrears"


def test_who_has_no_active_subscription_is_in_no_segment(make: Make, package: int) -> None:
    customer, without = make.customer(package), make.customer()
    with transaction():
        db.session.scalars(db.select(Subscription)).one().status = ENDED
    assert segment_of(customer) is None
    assert segment_of(without) is None
    assert segments.counts() == {"setia": 0, "lunas-telat": 0, "menunggak": 0}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("setia", "setia"),
        ("Setia On-Time", "setia"),
        ("Lunas (Tapi Telat)", "lunas-telat"),
        (" MENUNGGAK ", "menunggak"),
        ("x", None),
    ],
)
def test_old_clients_labels_are_understood(text: str, name: str | None) -> None:
    assert segments.named(text) == name


def test_revenue_by_month_has_every_month_and_no_cancelled_invoice(
    make: Make, bill: Bill, today: Callable[[date], None]
) -> None:
    customer = make.customer()
    bill(customer)
    pay(customer, 200_000)
    with transaction():
        invoices.set_status(bill(make.customer(), 9_000), "Batal")
    today(date(2024, 3, 1))
    bill(customer, 300_000, due=date(2024, 3, 31))
    lines = reports.revenue(date(2024, 1, 1), date(2024, 3, 31))
    assert [(line.group, line.invoices, line.billed, line.paid) for line in lines] == [
        ("2024-01", 1, 500_000, 200_000),
        ("2024-02", 0, 0, 0),
        ("2024-03", 1, 300_000, 0),
    ]
    assert reports.collected(date(2024, 1, 1), date(2024, 3, 31))["2024-01"] == 200_000


def test_a_credit_note_lowers_revenue(make: Make, bill: Bill) -> None:
    invoice = bill(make.customer())
    with transaction():
        invoices.credit_note(invoice, 100_000, "an outage")
    [line] = reports.revenue(date(2024, 1, 1), date(2024, 1, 31), "brand")
    assert (line.group, line.billed) == ("JAKINET", 400_000)


def test_revenue_by_status_and_of_one_brand(make: Make, bill: Bill) -> None:
    make.brand("OTHER")
    bill(make.customer(brand_code="OTHER"), 70_000)
    paid = make.customer()
    bill(paid)
    pay(paid)
    year = date(2024, 1, 1), date(2024, 12, 31)
    assert {line.group: line.billed for line in reports.revenue(*year, "status")} == {
        "Lunas": 500_000,
        "Menunggu Pembayaran": 70_000,
    }
    assert [line.billed for line in reports.revenue(*year, "status", "other")] == [70_000]


@pytest.mark.parametrize(
    ("start", "end", "group", "field"),
    [
        (date(2024, 2, 1), date(2024, 1, 1), "month", "end_date"),
        (date(2000, 1, 1), date(2024, 1, 1), "month", "end_date"),
        (date(2024, 1, 1), date(2024, 1, 1), "week", "group_by"),
    ],
)
def test_what_can_not_be_reported_is_refused(start: date, end: date, group: str, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        reports.revenue(start, end, group)
    assert list(refusal.value.fields) == [field]


def test_arrears_by_age(make: Make, bill: Bill, today: Callable[[date], None]) -> None:
    """The due date itself is not past; from 0 to 30 days after it is the first bucket."""
    for days_past in (0, 1, 30, 31, 60, 61, 90, 91):
        bill(make.customer(), 1_000, date(2024, 4, 14) - timedelta(days=days_past))
    today(date(2024, 4, 14))
    assert [(bucket.label, bucket.invoices, bucket.amount) for bucket in reports.aging()] == [
        ("0-30", 2, 2_000),
        ("31-60", 2, 2_000),
        ("61-90", 2, 2_000),
        ("90+", 1, 1_000),
    ]


def test_churn_is_what_ended_of_what_there_was(make: Make, package: int) -> None:
    for _ in range(3):
        make.customer(package, started=date(2023, 12, 1))
    make.customer(package, started=date(2024, 1, 10))
    with transaction():
        gone = db.session.scalars(db.select(Subscription).order_by(Subscription.id)).first()
        assert gone is not None
        gone.status, gone.ended_on = ENDED, date(2024, 1, 20)
    january, february = reports.churn(date(2024, 1, 1), date(2024, 2, 1))
    assert (january.at_start, january.ended, january.started, str(january.rate)) == (3, 1, 1, "33.3")
    assert (february.at_start, february.ended) == (3, 0)


def test_the_dashboard_says_what_the_invoices_say(
    make: Make, package: int, bill: Bill, today: Callable[[date], None]
) -> None:
    late, paying = make.customer(package), make.customer(package)
    overdue = bill(late, due=date(2024, 1, 20))
    bill(paying)
    pay(paying)
    today(date(2024, 1, 21))
    with transaction():
        invoices.mark_overdue(overdue)
    board = dashboard.board()
    assert (board.customers, board.active, board.suspended) == (2, 2, 0)
    assert (board.waiting.count, board.overdue.count, board.overdue.amount) == (0, 1, 500_000)
    assert board.this_month == reports.RevenueLine("2024-01", 2, 1_000_000, 500_000)
    assert board.received == {"cash": 500_000}
    assert board.segments == {"setia": 1, "lunas-telat": 0, "menunggak": 1}
    assert len(board.revenue) == len(board.collected) == 12
