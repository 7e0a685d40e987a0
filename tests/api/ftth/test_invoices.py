"""Invoices, payments and balances as contract 2's clients see them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.billing.books import Books
from tests.callers import Ftth
from tests.support.factories import Make
from webapp.database import transaction
from webapp.extensions import db
from webapp.kit import clock
from webapp.notifications.models import Notification
from webapp.subscribers.models import Customer

INVOICES, PAYMENTS = "/api/invoices/", "/api/payments/"


@pytest.fixture
def john(make: Make) -> int:
    make.brand()
    return make.customer(name="John Doe")


def example(customer: int, **changes: Any) -> dict[str, Any]:
    """The document's own."""
    return {
        "pelanggan_id": customer,
        "periode": "2024-01",
        "tanggal_jatuh_tempo": "2024-01-31",
        "items": [{"deskripsi": "Internet 50Mbps", "jumlah": 1, "harga": 500000}],
    } | changes


def test_the_documents_invoice_is_made_and_read(staff: Ftth, john: int) -> None:
    made = staff.post(INVOICES, 201, example(john))
    assert list(made)[:10] == [
        "id",
        "nomor_invoice",
        "pelanggan_id",
        "periode",
        "tanggal_invoice",
        "tanggal_jatuh_tempo",
        "total_harga",
        "status_invoice",
        "paid_at",
        "created_at",
    ]
    assert re.fullmatch(r"INV-20\d\d-001", made["nomor_invoice"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", made["created_at"])
    assert (made["periode"], made["tanggal_jatuh_tempo"]) == ("2024-01", "2024-01-31")
    assert (made["total_harga"], made["status_invoice"], made["paid_at"]) == (
        500000,
        "Menunggu Pembayaran",
        None,
    )
    assert staff.call("GET", f"{INVOICES}{made['id']}") == made
    assert made["items"] == [
        {"deskripsi": "Internet 50Mbps", "jumlah": 1, "harga": 500000, "subtotal": 500000}
    ]


def test_the_house_is_told_of_a_new_invoice_and_of_money(app: Flask, staff: Ftth, john: int) -> None:
    made = staff.post(INVOICES, 201, example(john))
    staff.post(PAYMENTS, 201, {"pelanggan_id": john, "jumlah": 500000, "metode": "cash"})
    with app.app_context():
        told = db.session.execute(
            db.select(Notification.kind, Notification.message, Notification.data).order_by(Notification.id)
        ).all()
    known = {
        "invoice_id": made["id"],
        "nomor_invoice": made["nomor_invoice"],
        "pelanggan_nama": "John Doe",
    }
    assert tuple(told[0]) == ("new_invoice", "Invoice baru telah dibuat", known)
    assert told[1].kind == "payment_received"
    assert {name: told[1].data[name] for name in known} == known


def test_lunas_by_hand_is_a_cash_payment_of_what_is_left(staff: Ftth, john: int) -> None:
    path = f"{INVOICES}{staff.post(INVOICES, 201, example(john))['id']}"
    staff.post(PAYMENTS, 201, {"pelanggan_id": john, "jumlah": 200000, "metode": "transfer"})
    paid = staff.call("PATCH", f"{path}/status", 200, {"status_invoice": "Lunas"})
    assert paid["status_invoice"] == "Lunas"
    assert paid["paid_at"] is not None
    assert [(one["metode"], one["jumlah"]) for one in paid["pembayaran"]] == [
        ("transfer", 200000),
        ("cash", 300000),
    ]
    refused = staff.call("PATCH", f"{path}/status", 409, {"status_invoice": "Batal"})
    assert refused["detail"] == "An invoice can't go from Lunas to Batal"
    staff.call("PATCH", f"{path}/status", 422, {"status_invoice": "Paid"})


def test_the_list_is_filtered_and_paged(staff: Ftth, john: int, make: Make) -> None:
    siti = make.customer(name="Siti")
    ids = [
        staff.post(INVOICES, 201, example(customer, periode=period))["id"]
        for customer, period in ((john, "2024-01"), (siti, "2024-01"), (john, "2024-02"))
    ]
    staff.call("PATCH", f"{INVOICES}{ids[0]}/status", 200, {"status_invoice": "Lunas"})
    staff.call("PATCH", f"{INVOICES}{ids[1]}/status", 200, {"status_invoice": "Batal"})

    def listed(**query: Any) -> tuple[list[int], int]:
        answer = staff.call("GET", INVOICES, query_string=query)
        assert list(answer) == ["data", "total_count", "skip", "limit"]
        return [row["id"] for row in answer["data"]], answer["total_count"]

    assert listed() == (ids[::-1], 3)
    assert listed(skip=1, limit=1) == ([ids[1]], 3)
    assert listed(pelanggan_id=john) == ([ids[2], ids[0]], 2)
    assert listed(status_invoice="Lunas") == ([ids[0]], 1)
    assert listed(status_invoice="Batal") == ([ids[1]], 1)
    assert listed(periode="2024-01", pelanggan_id=john) == ([ids[0]], 1)
    for query in (
        {"limit": 101},
        {"status_invoice": "Paid"},
        {"periode": "2024-13"},
        {"pelanggan_id": 2**40},
    ):
        staff.call("GET", INVOICES, 422, query_string=query)


def test_a_deleted_customers_invoices_are_gone_from_sight_but_not_from_the_books(
    app: Flask, staff: Ftth, john: int, make: Make
) -> None:
    siti = make.customer(name="Siti")
    hidden, shown = (staff.post(INVOICES, 201, example(customer))["id"] for customer in (john, siti))
    with app.app_context(), transaction():
        db.session.get_one(Customer, john).deleted_at = clock.now()
    for query in ({}, {"periode": "2024-01"}, {"status_invoice": "Menunggu Pembayaran"}):
        answer = staff.call("GET", INVOICES, query_string=query)
        assert ([row["id"] for row in answer["data"]], answer["total_count"]) == ([shown], 1)
    staff.call("GET", f"{INVOICES}{hidden}", 404)
    staff.call("PATCH", f"{INVOICES}{hidden}/status", 404, {"status_invoice": "Lunas"})
    staff.call("GET", f"/api/pelanggan/{john}/saldo", 404)
    staff.post(PAYMENTS, 404, {"pelanggan_id": john, "jumlah": 1, "metode": "cash"})
    assert Books(app).sums() == {"receivable": 1_000_000, "revenue": -1_000_000}


@pytest.mark.parametrize(
    "changes",
    [
        {"periode": "2024-13"},
        {"periode": "2024-1"},
        {"tanggal_jatuh_tempo": "2025-02-30"},
        {"items": []},
        {"items": [{"deskripsi": "x\0", "jumlah": 1, "harga": 1}]},
        {"items": [{"deskripsi": "x", "jumlah": 0, "harga": 1}]},
        {"items": [{"deskripsi": "x", "jumlah": 1, "harga": -1}]},
        {"items": [{"deskripsi": "x", "jumlah": 1, "harga": 1.5}]},
        {"items": [{"deskripsi": "x", "jumlah": 100_000, "harga": 10**12}]},
        {"pelanggan_id": 2**63},
        {"status_invoice": "Lunas"},
    ],
    ids=str,
)
def test_what_is_no_invoice_is_refused_whole(
    app: Flask, staff: Ftth, john: int, changes: dict[str, Any]
) -> None:
    staff.post(INVOICES, 422, example(john, **changes))
    assert Books(app).sums() == {}


def test_an_unknown_customer_has_no_invoice(staff: Ftth, john: int) -> None:
    staff.post(INVOICES, 404, example(john + 1))


def test_a_credit_note_is_made_and_shown_with_its_invoice(staff: Ftth, john: int) -> None:
    path = f"{INVOICES}{staff.post(INVOICES, 201, example(john))['id']}"
    note = staff.post(f"{path}/credit-notes", 201, {"jumlah": 50000, "alasan": "Gangguan dua hari"})
    assert re.fullmatch(r"CN-INV-20\d\d-001", note["nomor"])
    detail = staff.call("GET", path)
    assert (detail["sisa_tagihan"], detail["nota_kredit"]) == (450000, [note])
    refused = staff.post(f"{path}/credit-notes", 422, {"jumlah": 450001, "alasan": "x"})
    assert refused["detail"]["errors"] == [{"field": "jumlah", "message": "Must be from 1 to 450000"}]


def test_a_payment_is_recorded_once_listed_and_reversed(staff: Ftth, john: int) -> None:
    invoice = staff.post(INVOICES, 201, example(john))
    sent = {"pelanggan_id": john, "invoice_id": invoice["id"], "jumlah": 600000, "metode": "transfer"}
    made = staff.post(PAYMENTS, 201, sent | {"referensi": "BCA-1", "catatan": "Transfer BCA"})
    share = {"invoice_id": invoice["id"], "nomor_invoice": invoice["nomor_invoice"], "jumlah": 500000}
    assert made["invoices"] == [share]
    staff.post(PAYMENTS, 409, sent | {"referensi": "BCA-1"})
    assert staff.call("GET", f"/api/pelanggan/{john}/saldo")["saldo"] == 100000
    for query in ({}, {"pelanggan_id": john}, {"invoice_id": invoice["id"]}, {"metode": "transfer"}):
        answer = staff.call("GET", PAYMENTS, query_string=query)
        assert (answer["data"], answer["total_count"]) == ([made], 1)
    assert staff.call("GET", PAYMENTS, query_string={"metode": "cash"})["total_count"] == 0

    gone = staff.post(f"{PAYMENTS}{made['id']}/reversal", 200, {"alasan": "Transfer ditolak bank"})
    assert (gone["invoices"], gone["alasan_pembatalan"]) == ([], "Transfer ditolak bank")
    staff.post(f"{PAYMENTS}{made['id']}/reversal", 409, {"alasan": "lagi"})
    balance = staff.call("GET", f"/api/pelanggan/{john}/saldo")
    assert balance == {
        "pelanggan_id": john,
        "tagihan": 500000,
        "kredit": 0,
        "saldo": -500000,
        "jatuh_tempo_terlama": "2024-01-31",
        "pernah_telat": False,
    }


def test_what_is_no_payment_is_refused(staff: Ftth, john: int) -> None:
    good = {"pelanggan_id": john, "jumlah": 1, "metode": "cash"}
    tomorrow = (clock.now() + timedelta(days=1)).isoformat()
    for changes in (
        {"jumlah": 0},
        {"jumlah": 10**13},
        {"metode": "xendit"},
        {"tanggal_bayar": "2024-01-20T10:00:00"},
        {"tanggal_bayar": "0001-01-01T00:00:00+14:00"},
        {"tanggal_bayar": tomorrow},
        {"catatan": "\ud800"},
    ):
        staff.post(PAYMENTS, 422, good | changes)
    staff.post(PAYMENTS, 404, good | {"invoice_id": 999})
