"""The gateway's callbacks: kept first, applied once, in whatever order they come."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest
import time_machine
from flask import Flask

from tests.support.factories import Make
from tests.support.xendit import FakeXendit
from webapp.billing import callbacks, invoices, links
from webapp.billing import gateway as asking
from webapp.billing.amounts import NewItem
from webapp.billing.models import OVERDUE, PAID, CustomerAccount, Invoice, Payment, PaymentLink
from webapp.billing.process_models import GatewayCallback
from webapp.database import transaction
from webapp.errors import Conflict, Malformed, Unauthorized
from webapp.extensions import db

TOKEN = "told-by-xendit"


@pytest.fixture(autouse=True)
def later(app: Flask) -> Iterator[Callable[[float], None]]:
    """It is New Year 2024 in Jakarta; `later(seconds)` moves the clock on."""
    start = datetime(2023, 12, 31, 17, tzinfo=UTC)
    with app.app_context(), time_machine.travel(start, tick=False) as traveller:
        yield traveller.shift


@pytest.fixture
def invoice(make: Make, gateway: FakeXendit) -> int:
    """An invoice over 500,000 whose page was made; its id."""
    make.brand()
    customer = make.customer()
    with transaction():
        item = NewItem("Internet 50Mbps", 1, 500_000)
        invoice = invoices.create_invoice(customer, "2024-01", date(2024, 1, 31), [item])
        invoice_id = invoice.id
    tend()
    return invoice_id


def tend() -> None:
    with transaction():
        asking.tend(callbacks.told_by_poll)


def number(invoice_id: int) -> str:
    return db.session.get_one(Invoice, invoice_id).number


def tell(told: dict[str, Any]) -> int:
    """What the gateway tells arrives, and is applied as the job does; the callback's id."""
    with transaction():
        callback_id = callbacks.receive(TOKEN, orjson.dumps(told)).id
    with transaction():
        callbacks.apply_waiting()
    return callback_id


def outcome(callback_id: int) -> tuple[str, str]:
    callback = db.session.get_one(GatewayCallback, callback_id, populate_existing=True)
    return callback.status, callback.detail


def status(invoice_id: int) -> str:
    return db.session.get_one(Invoice, invoice_id, populate_existing=True).status


def payments() -> list[int]:
    return list(db.session.scalars(db.select(Payment.amount)))


def test_a_paid_page_pays_its_invoice(invoice: int, gateway: FakeXendit) -> None:
    assert outcome(tell(gateway.pay(number(invoice)))) == ("applied", "Paid 500000")
    assert status(invoice) == PAID
    assert db.session.get_one(PaymentLink, invoice).status == "paid"


def test_a_repeated_callback_pays_once_and_is_kept_each_time(invoice: int, gateway: FakeXendit) -> None:
    told = gateway.pay(number(invoice))
    assert [outcome(tell(told))[0] for _ in range(3)] == ["applied", "ignored", "ignored"]
    assert payments() == [500_000]


def test_paid_after_expired_counts(invoice: int, gateway: FakeXendit) -> None:
    assert outcome(tell(gateway.expire(number(invoice))))[0] == "applied"
    account = db.session.scalars(db.select(CustomerAccount)).one()
    assert account.expired == 1
    assert outcome(tell(gateway.pay(number(invoice))))[0] == "applied"
    assert status(invoice) == PAID
    db.session.refresh(account)
    assert account.expired == 0


def test_expired_after_paid_changes_nothing(invoice: int, gateway: FakeXendit) -> None:
    expired = gateway.expire(number(invoice))
    tell(gateway.pay(number(invoice)))
    assert outcome(tell(expired))[0] == "ignored"
    assert status(invoice) == PAID


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"paid_amount": 400_000}, "Paid 400000, but the page was for 500000"),
        ({"paid_amount": 1, "amount": 1}, "Paid 1, but 500000 was asked for"),
        ({"paid_amount": 1, "amount": 1, "id": "of another page"}, "Paid 1, but 500000 was asked for"),
        ({"paid_amount": 0.5}, "Has no amount that was paid"),
        ({"amount": "abc"}, "Has no amount that was paid"),
        ({"paid_amount": None, "amount": None}, "Has no amount that was paid"),
        ({"external_id": "INV-1999-001"}, "There is no invoice INV-1999-001"),
        ({"id": ""}, "Has no id"),
    ],
    ids=["underpaid", "another page", "unknown page", "cents", "no number", "no amount", "unknown", "no id"],
)
def test_what_does_not_fit_stays_in_the_inbox(
    invoice: int, gateway: FakeXendit, change: dict[str, Any], reason: str
) -> None:
    assert outcome(tell(gateway.pay(number(invoice)) | change)) == ("failed", reason)
    assert payments() == []
    assert status(invoice) != PAID


def test_a_callback_of_another_brand_pays_nothing(
    invoice: int, gateway: FakeXendit, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = {"JAKINET": "another", "OTHER": TOKEN}
    changed = app.config["GERBANG"].model_copy(update={"XENDIT_CALLBACK_TOKEN": tokens})
    monkeypatch.setitem(app.config, "GERBANG", changed)
    assert outcome(tell(gateway.pay(number(invoice))))[0] == "failed"
    assert payments() == []


@pytest.mark.parametrize("token", ["", "wrong", "told-by-xendit ", "\udcff"])
def test_a_wrong_token_is_turned_away_and_keeps_nothing(invoice: int, token: str) -> None:
    with pytest.raises(Unauthorized):
        callbacks.receive(token, b"{}")
    assert db.session.scalar(db.select(db.func.count()).select_from(GatewayCallback)) == 0


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_object_is_malformed(gateway: FakeXendit, body: bytes) -> None:
    with pytest.raises(Malformed):
        callbacks.receive(TOKEN, body)


def test_a_callback_that_failed_is_applied_by_hand_when_its_reason_is_gone(
    invoice: int, gateway: FakeXendit
) -> None:
    told = gateway.pay(number(invoice))
    failed = tell(told | {"paid_amount": 1})
    with transaction(), pytest.raises(Conflict):
        callbacks.replay(tell(told))
    with transaction():
        assert callbacks.replay(failed).status == "ignored"
    assert payments() == [500_000]


def test_money_for_an_invoice_that_was_paid_in_cash_becomes_credit(invoice: int, gateway: FakeXendit) -> None:
    with transaction():
        invoices.set_status(invoice, PAID)
    assert outcome(tell(gateway.pay(number(invoice))))[0] == "applied"
    assert db.session.scalars(db.select(CustomerAccount)).one().credit == 500_000


def test_a_lost_callback_is_found_by_looking(
    invoice: int, gateway: FakeXendit, later: Callable[[float], None]
) -> None:
    gateway.pay(number(invoice))
    later(asking.LOOK_AGAIN.seconds + 1)
    tend()
    assert status(invoice) == PAID
    assert payments() == [500_000]


def test_a_page_is_closed_when_its_invoice_is_paid_otherwise(invoice: int, gateway: FakeXendit) -> None:
    with transaction():
        invoices.set_status(invoice, PAID)
    tend()
    assert gateway.of(number(invoice))[0]["status"] == "EXPIRED"
    assert db.session.get_one(PaymentLink, invoice).status == "closed"


def test_a_page_is_made_anew_for_what_is_left(invoice: int, gateway: FakeXendit) -> None:
    from webapp.billing.payments import record_payment

    customer = db.session.get_one(Invoice, invoice).customer_id
    with transaction():
        record_payment(customer, 200_000, "cash")
    tend()
    assert [(page["amount"], page["status"]) for page in gateway.of(number(invoice))] == [
        (300_000, "PENDING"),
        (500_000, "EXPIRED"),
    ]


def test_a_gateway_that_is_down_gets_asked_again_and_makes_one_page(
    make: Make, gateway: FakeXendit, later: Callable[[float], None]
) -> None:
    make.brand()
    customer = make.customer()
    gateway.forgetful = True
    with transaction():
        made = invoices.create_invoice(customer, "2024-01", date(2024, 1, 31), [NewItem("Internet", 1, 100)])
        invoice_id = made.id
    tend()
    link = db.session.get_one(PaymentLink, invoice_id)
    assert (link.status, link.error) == ("wanted", "Xendit answered 502: bad gateway")
    gateway.forgetful = False
    tend()
    assert link.status == "wanted", "not before its time"
    later(3_600)
    tend()
    db.session.refresh(link)
    assert link.status == "created"
    assert len(gateway.of(number(invoice_id))) == 1


def test_a_page_that_the_gateway_refuses_can_be_renewed(make: Make, gateway: FakeXendit) -> None:
    make.brand()
    customer = make.customer()
    gateway.keys = {"another"}
    with transaction():
        made = invoices.create_invoice(customer, "2024-01", date(2024, 1, 31), [NewItem("Internet", 1, 100)])
        invoice_id = made.id
    tend()
    assert db.session.get_one(PaymentLink, invoice_id).status == "failed"
    gateway.keys = {"xnd_test"}
    with transaction():
        links.renew(invoice_id)
    tend()
    assert db.session.get_one(PaymentLink, invoice_id).status == "created"


def test_an_invoice_of_a_brand_without_account_gets_no_link(make: Make, gateway: FakeXendit) -> None:
    make.brand("OTHER")
    customer = make.customer(brand_code="OTHER")
    with transaction():
        invoices.create_invoice(customer, "2024-01", date(2024, 1, 31), [NewItem("Internet", 1, 100)])
    tend()
    assert gateway.calls == []
    assert db.session.scalar(db.select(db.func.count()).select_from(PaymentLink)) == 0


def test_an_overdue_invoice_is_paid_late(
    invoice: int, gateway: FakeXendit, later: Callable[[float], None]
) -> None:
    later(31 * 86_400)
    with transaction():
        invoices.set_status(invoice, OVERDUE)
    tell(gateway.pay(number(invoice)))
    assert db.session.scalars(db.select(CustomerAccount)).one().paid_late


def test_a_page_that_was_paid_just_before_credit_changed_the_balance_counts(
    invoice: int, gateway: FakeXendit
) -> None:
    from webapp.billing.payments import record_payment

    told = gateway.pay(number(invoice))
    customer = db.session.get_one(Invoice, invoice).customer_id
    with transaction():
        record_payment(customer, 200_000, "cash")
    assert outcome(tell(told))[0] == "applied"
    assert db.session.scalars(db.select(CustomerAccount)).one().credit == 200_000


def test_when_such_a_page_is_found_by_looking_it_counts_once_and_since_it_was_paid(
    invoice: int, gateway: FakeXendit, later: Callable[[float], None]
) -> None:
    from webapp.billing.payments import record_payment

    gateway.pay(number(invoice))["paid_at"] = "2023-12-31T17:00:01Z"
    gateway.of(number(invoice))[0]["paid_at"] = "2023-12-31T17:00:01Z"
    later(60)
    customer = db.session.get_one(Invoice, invoice).customer_id
    with transaction():
        record_payment(customer, 200_000, "cash")
    for _ in range(3):
        tend()
        later(asking.LOOK_AGAIN.seconds + 1)
    assert sorted(payments()) == [200_000, 500_000]
    paid_at = db.session.scalar(db.select(Payment.received_at).where(Payment.method == "xendit"))
    assert paid_at == datetime(2023, 12, 31, 17, 0, 1, tzinfo=UTC)
    assert [one.status for one in db.session.scalars(db.select(GatewayCallback))] == ["applied"]
