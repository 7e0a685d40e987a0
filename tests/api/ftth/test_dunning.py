"""Dunning over the API: who is late, promises, exemptions, rules, texts and messages."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine
from flask import Flask

from tests.callers import Ftth
from tests.support.factories import Make
from webapp.billing import dunning, invoices, messages
from webapp.database import transaction

RULE = {"hari": -3, "saluran": "email", "template": "reminder_before"}
TEXT = "/api/dunning/templates/reminder_due/email/id"


@pytest.fixture(autouse=True)
def _late_january(app: Flask) -> Iterator[None]:
    with time_machine.travel(datetime(2024, 1, 25, 5, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def late(app: Flask, make: Make) -> tuple[int, int]:
    """A customer and the invoice that was due 15 days ago."""
    make.brand()
    customer = make.customer(make.package(), date(2023, 1, 1), email="ani@example.com")
    with app.app_context(), transaction():
        items = [invoices.NewItem("Internet", 1, 500_000)]
        invoice = invoices.create_invoice(customer, "2024-01", date(2024, 1, 10), items).id
    with app.app_context(), transaction():
        dunning.mark_overdue()
    return customer, invoice


def get(caller: Ftth, path: str, status: int = 200, **query: object) -> object:
    response = caller.raw("GET", path, query_string=query)
    assert response.status_code == status, response.get_data(as_text=True)
    return response.json


def gone(caller: Ftth, path: str, status: int = 204) -> None:
    assert caller.raw("DELETE", path).status_code == status


def test_overdue_invoices_are_listed_by_age(looker: Ftth, late: tuple[int, int]) -> None:
    found = looker.call("GET", "/api/dunning/overdue", query_string={"umur": "30"})
    [row] = found["data"]
    assert (row["nomor_invoice"], row["hari_terlambat"], row["sisa_tagihan"]) == ("INV-2024-001", 15, 500_000)
    assert row["dijanjikan_sampai"] is None
    assert looker.call("GET", "/api/dunning/overdue", query_string={"umur": "7"})["total_count"] == 0
    looker.call("GET", "/api/dunning/overdue", 422, query_string={"umur": "8"})


def test_a_promise_is_made_listed_and_withdrawn(looker: Ftth, staff: Ftth, late: tuple[int, int]) -> None:
    wanted = {"invoice_id": late[1], "sampai": "2024-02-01", "catatan": "Gajian"}
    looker.post("/api/dunning/promises", 403, wanted)
    made = staff.post("/api/dunning/promises", 201, wanted)
    assert get(looker, "/api/dunning/promises") == [made]
    refused = staff.post("/api/dunning/promises", 422, wanted | {"sampai": "2024-01-24"})
    assert refused["detail"]["errors"][0]["field"] == "sampai"
    staff.post("/api/dunning/promises", 404, wanted | {"invoice_id": 999})
    gone(staff, f"/api/dunning/promises/{made['id']}")
    gone(staff, f"/api/dunning/promises/{made['id']}", 404)


def test_a_customer_is_exempted_and_back(staff: Ftth, late: tuple[int, int]) -> None:
    path = f"/api/dunning/exemptions/{late[0]}"
    assert staff.call("PUT", path)["dikecualikan"] is True
    gone(staff, path)
    gone(staff, "/api/dunning/exemptions/999", 404)


def test_rules_are_an_admins(boss: Ftth, staff: Ftth) -> None:
    staff.post("/api/dunning/rules", 403, RULE)
    made = boss.post("/api/dunning/rules", 201, RULE)
    assert made == {"id": made["id"], "id_brand": None, "aktif": True} | RULE
    boss.post("/api/dunning/rules", 409, RULE)
    unknown = boss.post("/api/dunning/rules", 422, RULE | {"id_brand": "NOBODY"})
    assert unknown["detail"]["errors"][0]["field"] == "id_brand"
    one = f"/api/dunning/rules/{made['id']}"
    assert boss.call("PUT", one, json=RULE | {"hari": 0})["hari"] == 0
    gone(boss, one)
    assert get(staff, "/api/dunning/rules") == []


def test_texts_are_replaced_and_ours_again(boss: Ftth, looker: Ftth) -> None:
    own = {"subjek": "Bayar {number}", "isi": "Halo {name}"}
    assert boss.call("PUT", TEXT, json=own)["diubah"] is True
    listed = get(looker, "/api/dunning/templates")
    assert isinstance(listed, list)
    assert [one["subjek"] for one in listed if one["diubah"]] == ["Bayar {number}"]
    refused = boss.call("PUT", TEXT, 422, json=own | {"isi": "{secret}"})
    assert refused["detail"]["errors"][0]["field"] == "isi"
    boss.call("PUT", "/api/dunning/templates/x/email/id", 404, json=own)
    gone(boss, TEXT)


def test_messages_are_listed_and_tried_again(
    app: Flask, staff: Ftth, looker: Ftth, late: tuple[int, int]
) -> None:
    with app.app_context(), transaction():
        messages.write(messages.Kind("reminder_due", "email"), [late[1]], lambda _id: "x")
    [message] = looker.call("GET", "/api/dunning/messages", query_string={"status": "dropped"})["data"]
    retry = f"/api/dunning/messages/{message['id']}/retry"
    assert staff.post(retry)["status"] == "waiting"
    staff.post(retry, 409)
