"""Invoices as PDF over HTTP, one or many."""

from datetime import date

import pytest
from flask import Flask

from tests.callers import Ftth
from tests.support.factories import Make
from webapp.billing import invoices, print_jobs
from webapp.billing.amounts import NewItem
from webapp.database import transaction

PRINTS = "/api/invoices/prints"


@pytest.fixture
def invoice(app: Flask, make: Make) -> int:
    make.brand()
    customer = make.customer()
    with app.app_context(), transaction():
        return invoices.create_invoice(
            customer, "2024-01", date(2024, 1, 31), [NewItem("Internet", 1, 500_000)]
        ).id


def test_an_invoice_comes_as_pdf(staff: Ftth, invoice: int) -> None:
    response = staff.raw("GET", f"/api/invoices/{invoice}/pdf")
    assert response.mimetype == "application/pdf"
    assert response.data.startswith(b"%PDF")
    staff.call("GET", "/api/invoices/999/pdf", 404)


@pytest.mark.parametrize(
    ("apart", "kind", "begins"), [(False, "application/pdf", b"%PDF"), (True, "application/zip", b"PK")]
)
def test_many_are_asked_for_watched_and_fetched(
    app: Flask, staff: Ftth, invoice: int, apart: bool, kind: str, begins: bytes
) -> None:
    made = staff.post(PRINTS, 202, json={"periode": "2024-01", "terpisah": apart})
    assert (made["status"], made["total"]) == ("waiting", 1)
    early = staff.raw("GET", f"{PRINTS}/{made['id']}/download")
    assert (early.status_code, early.get_json()["error_code"]) == (409, "NOT_READY")
    with app.app_context():
        print_jobs.print_bulk(made["id"])
    assert staff.call("GET", f"{PRINTS}/{made['id']}")["selesai"] == 1
    response = staff.raw("GET", f"{PRINTS}/{made['id']}/download")
    assert (response.mimetype, response.data[: len(begins)]) == (kind, begins)


@pytest.mark.parametrize("asked", [{}, {"periode": "1999-01"}, {"ids": [0]}, {"ids": "x"}])
def test_what_can_not_be_printed_is_422(staff: Ftth, invoice: int, asked: dict[str, object]) -> None:
    staff.post(PRINTS, 422, json=asked)
