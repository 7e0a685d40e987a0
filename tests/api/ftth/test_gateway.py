"""The gateway's callbacks over HTTP, and their inbox (contracts, 2 ftth, Xendit)."""

from datetime import date
from typing import Any

import pytest
from flask import Flask

from tests.callers import Ftth
from tests.support.factories import Make
from tests.support.xendit import FakeXendit
from webapp.billing import gateway_jobs, invoices
from webapp.billing.amounts import NewItem
from webapp.database import transaction

CALLBACK, INBOX = "/api/invoices/xendit-callback", "/api/gateway-callbacks"
TOKEN = {"x-callback-token": "told-by-xendit"}


@pytest.fixture
def xendit(app: Flask) -> Ftth:
    return Ftth(app.test_client())


@pytest.fixture
def number(app: Flask, make: Make, gateway: FakeXendit) -> str:
    """An invoice over 500,000 whose page was made."""
    make.brand()
    customer = make.customer()
    with app.app_context():
        with transaction():
            item = NewItem("Internet 50Mbps", 1, 500_000)
            made = invoices.create_invoice(customer, "2024-01", date(2024, 1, 31), [item])
            name = made.number
        gateway_jobs.tend_links()
    return name


def test_a_callback_is_received_and_applied_behind_it(
    app: Flask, xendit: Ftth, boss: Ftth, gateway: FakeXendit, number: str
) -> None:
    assert xendit.post(CALLBACK, json=gateway.pay(number), headers=TOKEN) == {"status": "received"}
    assert boss.call("GET", f"{INBOX}?status=waiting")["total_count"] == 1
    with app.app_context():
        gateway_jobs.apply_callbacks()
    [told] = boss.call("GET", INBOX)["data"]
    assert (told["external_id"], told["jenis"], told["status"]) == (number, "PAID", "applied")


def test_a_failed_callback_is_replayed_from_the_inbox(
    app: Flask, xendit: Ftth, boss: Ftth, gateway: FakeXendit, number: str
) -> None:
    xendit.post(CALLBACK, json=gateway.pay(number) | {"external_id": "INV-0"}, headers=TOKEN)
    with app.app_context():
        gateway_jobs.apply_callbacks()
    [told] = boss.call("GET", f"{INBOX}?status=failed")["data"]
    assert boss.post(f"{INBOX}/{told['id']}/replay")["keterangan"] == "There is no invoice INV-0"
    assert boss.post(f"{INBOX}/999/replay", 404)["error_code"] == "NOT_FOUND"


@pytest.mark.parametrize("headers", [{}, {"x-callback-token": "wrong"}], ids=["none", "wrong"])
def test_a_callback_without_its_token_is_401(
    xendit: Ftth, gateway: FakeXendit, headers: dict[str, str]
) -> None:
    xendit.post(CALLBACK, 401, json={"id": "x"}, headers=headers)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"data": b"{", "content_type": "application/json"}, 422),
        ({"data": b"[1]", "content_type": "application/json"}, 422),
        ({"data": b" " * 200_000, "content_type": "application/json"}, 413),
    ],
    ids=["torn", "list", "large"],
)
def test_what_is_no_callback_is_refused(
    xendit: Ftth, boss: Ftth, gateway: FakeXendit, sent: dict[str, Any], status: int
) -> None:
    xendit.post(CALLBACK, status, headers=TOKEN, **sent)
    assert boss.call("GET", INBOX)["total_count"] == 0


def test_odd_values_are_kept_as_they_came_and_break_nothing(
    app: Flask, xendit: Ftth, boss: Ftth, gateway: FakeXendit
) -> None:
    odd = {"id": "a\x00b", "external_id": "x" * 5_000, "status": {"a": 1}, "amount": 1e300}
    xendit.post(CALLBACK, json=odd, headers=TOKEN)
    with app.app_context():
        gateway_jobs.apply_callbacks()
    assert boss.call("GET", INBOX)["data"][0]["status"] == "failed"


def test_the_inbox_is_for_operators_and_replaying_for_admins(staff: Ftth, xendit: Ftth) -> None:
    staff.call("GET", INBOX)
    staff.post(f"{INBOX}/1/replay", 403)
    xendit.call("GET", INBOX, 401)
