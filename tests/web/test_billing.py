"""Billing's pages: invoices, payments, prints, callbacks, figures, and the customer's own page."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from tests.callers import Browser
from tests.support.factories import Make
from tests.support.xendit import FakeXendit
from webapp.billing import callbacks, gateway_jobs, invoices, print_jobs
from webapp.billing.amounts import NewItem
from webapp.billing.models import CustomerAccount, Invoice, Payment, PaymentLink
from webapp.billing.process_models import BulkPrint, GatewayCallback, OutboxMessage
from webapp.database import transaction
from webapp.extensions import db

Bill = Callable[..., int]


@pytest.fixture
def viewer(viewer_browser: Browser) -> Browser:
    return in_english(viewer_browser)


@pytest.fixture
def clerk(operator_browser: Browser) -> Browser:
    return in_english(operator_browser)


@pytest.fixture
def payer(visitor: Browser) -> Browser:
    return in_english(visitor)


def in_english(browser: Browser) -> Browser:
    browser.client.set_cookie("language", "en")
    return browser


@pytest.fixture
def customer(make: Make) -> int:
    make.brand(bank_account="BCA 123")
    return make.customer(make.package(), name="Siti <b>", email="siti@example.com")


@pytest.fixture
def bill(app: Flask, customer: int) -> Bill:
    def billed(amount: int = 500_000, **options: str) -> int:
        with app.app_context(), transaction():
            items = [NewItem("Internet", 1, amount)]
            return invoices.create_invoice(customer, "2024-01", date(2099, 1, 31), items, **options).id

    return billed


def found(app: Flask, model: type, key: object) -> object:
    with app.app_context():
        return db.session.get_one(model, key)


def test_the_list_finds_by_number_customer_state_and_month(viewer: Browser, bill: Bill) -> None:
    bill()
    for query in (
        "",
        "search=inv-",
        "search=siti",
        "status=Menunggu+Pembayaran",
        "period=2024-01",
        "brand=JAKINET",
    ):
        assert "Siti &lt;b&gt;" in viewer.open(f"/invoices?{query}"), query
    for query in ("search=x9", "status=Lunas", "period=2023-01", "since=2099-01-01"):
        assert "No invoice fits" in viewer.open(f"/invoices/rows?{query}"), query


def test_the_list_comes_as_a_file(viewer: Browser, bill: Bill) -> None:
    bill()
    assert "INV-" in viewer.client.get("/invoices/export/csv").text
    with viewer.client.get("/invoices/export/xlsx") as response:
        assert response.data.startswith(b"PK")


def test_an_invoice_shows_its_life_and_comes_as_pdf(app: Flask, clerk: Browser, bill: Bill) -> None:
    invoice = bill()
    page = clerk.open(f"/invoices/{invoice}")
    assert "Waiting for payment" in page
    assert "Take a payment" in page
    assert clerk.client.get(f"/invoices/{invoice}/pdf").data.startswith(b"%PDF")
    clerk.open("/invoices/999", 404)


def test_an_invoice_is_made_from_the_lines_that_were_filled_in(
    app: Flask, clerk: Browser, customer: int
) -> None:
    path = f"/invoices/new/{customer}"
    clerk.open(path)
    lines = {
        "description-0": "Pasang",
        "price-0": "150.000",
        "description-2": "Kabel",
        "quantity-2": "3",
        "price-2": "10000",
    }
    fields = {"period": "2024-02", "due_on": "2024-02-28", "status": "Draft"}
    clerk.submit(path, {**fields, **lines})
    with app.app_context():
        made = db.session.scalars(db.select(Invoice)).one()
        assert (made.total, made.status, len(made.items)) == (180_000, "Draft", 2)
    assert "Price in rupiah 1: " in clerk.submit(path, {**fields, "description-0": "Pasang"}, 422).text
    assert "at least one line" in clerk.submit(path, fields, 422).text


def test_a_draft_is_issued_and_an_invoice_cancelled(app: Flask, clerk: Browser, bill: Bill) -> None:
    invoice = bill(status="Draft")
    clerk.open(f"/invoices/{invoice}")
    for status in ("Menunggu Pembayaran", "Batal"):
        clerk.submit(f"/invoices/{invoice}/status", {"status": status})
        assert found(app, Invoice, invoice).status == status  # type: ignore[attr-defined]
    clerk.submit(f"/invoices/{invoice}/status", {"status": "Batal"}, 409)


def test_a_credit_note_is_written(app: Flask, clerk: Browser, bill: Bill) -> None:
    path = f"/invoices/{bill()}/credit"
    clerk.open(path)
    clerk.submit(path, {"amount": "600000", "reason": "x"}, 422)
    clerk.submit(path, {"amount": "100.000", "reason": "Gangguan"})
    assert "Gangguan" in clerk.open(path.removesuffix("/credit"))


def test_a_payment_is_taken_at_the_desk_and_taken_back(
    app: Flask, clerk: Browser, bill: Bill, customer: int
) -> None:
    invoice = bill()
    path = f"/payments/new/{customer}?invoice={invoice}"
    assert 'value="500000"' in clerk.open(path)
    clerk.submit(path, {"amount": "0", "method": "cash"}, 422)
    clerk.submit(path, {"amount": "600.000", "method": "transfer", "reference": "B1"})
    with app.app_context():
        payment = db.session.scalars(db.select(Payment)).one().id
        assert db.session.get_one(CustomerAccount, customer).credit == 100_000
    assert "Credit" in clerk.open(f"/payments/{payment}")
    assert clerk.client.get(f"/payments/{payment}/receipt.pdf").data.startswith(b"%PDF")
    clerk.open(f"/payments/{payment}/reversal")
    clerk.submit(f"/payments/{payment}/reversal", {"reason": ""}, 422)
    clerk.submit(f"/payments/{payment}/reversal", {"reason": "Bounced"})
    assert found(app, Invoice, invoice).balance == 500_000  # type: ignore[attr-defined]
    assert "Taken back" in clerk.open("/payments/rows")


def test_a_known_reference_is_said_beside_the_field(clerk: Browser, bill: Bill, customer: int) -> None:
    path = f"/payments/new/{customer}"
    clerk.open(path)
    fields = {"amount": "1000", "method": "transfer", "reference": "B1"}
    clerk.submit(path, fields, 303)
    assert "error-reference" in clerk.submit(path, fields, 409).get_data(as_text=True)


def test_viewers_look_and_change_nothing(viewer: Browser, bill: Bill, customer: int) -> None:
    invoice = bill()
    assert "Take a payment" not in viewer.open(f"/invoices/{invoice}")
    for path in (
        f"/invoices/new/{customer}",
        f"/payments/new/{customer}",
        f"/invoices/{invoice}/credit",
        "/callbacks",
    ):
        viewer.open(path, 403)


def test_many_are_printed_and_fetched(app: Flask, clerk: Browser, bill: Bill) -> None:
    bill(), bill(1_000)
    clerk.open("/invoices")
    clerk.submit("/prints/new", {"what": "chosen"})
    with app.app_context():
        assert db.session.scalars(db.select(BulkPrint)).all() == [], "nothing was ticked"
    clerk.submit("/prints/new", {"what": "files"})
    with app.app_context():
        asked = db.session.scalars(db.select(BulkPrint)).one().id
        assert "Waiting for a worker" in clerk.open(f"/prints/{asked}")
        print_jobs.print_bulk(str(asked))
    assert "Download" in clerk.open(f"/prints/{asked}/progress")
    assert clerk.client.get(f"/prints/{asked}/download").data.startswith(b"PK")


def test_ticked_invoices_are_mailed_once_a_day(app: Flask, clerk: Browser, bill: Bill) -> None:
    invoice = bill()
    clerk.open("/invoices")
    for _ in range(2):
        clerk.submit("/invoices/send", {"invoice": str(invoice)})
    with app.app_context():
        assert len(db.session.scalars(db.select(OutboxMessage)).all()) == 1


def test_a_callback_that_failed_is_seen_and_replayed(
    app: Flask, admin_browser: Browser, bill: Bill, gateway: FakeXendit
) -> None:
    with app.app_context():
        with transaction():
            callbacks.keep("JAKINET", {"id": "1", "external_id": "INV-0", "status": "PAID"}, '{"x": "<i>"}')
        gateway_jobs.apply_callbacks()
        callback = db.session.scalars(db.select(GatewayCallback)).one().id
    assert "There is no invoice INV-0" in admin_browser.open("/callbacks?status=failed")
    assert "&lt;i&gt;" in admin_browser.open(f"/callbacks/{callback}")
    admin_browser.submit(f"/callbacks/{callback}/replay")
    admin_browser.open("/callbacks/999", 404)


def test_the_reconciliation_shows_links_that_are_stuck(
    app: Flask, clerk: Browser, bill: Bill, gateway: FakeXendit
) -> None:
    gateway.keys = {"another"}
    invoice = bill()
    with app.app_context():
        gateway_jobs.tend_links()
    assert "not authorized" in clerk.open("/reconciliation")
    clerk.submit("/reconciliation/check")
    clerk.submit(f"/invoices/{invoice}/link")
    assert found(app, PaymentLink, invoice).status == "wanted"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "path",
    [
        "/billing",
        "/billing/report",
        "/billing/report?group=brand",
        "/billing/report?group=status",
        "/billing/segments?segment=setia",
    ],
)
def test_figures_are_shown(viewer: Browser, bill: Bill, path: str) -> None:
    bill()
    viewer.open(path)


def test_the_revenue_report_leads_to_its_invoices_and_comes_as_file_and_pdf(
    viewer: Browser, bill: Bill
) -> None:
    bill()
    page = viewer.open("/billing/report?group=status")
    assert "/invoices?billed=1&amp;status=Menunggu" in page
    assert "500000" in viewer.client.get("/billing/report/export/csv?group=brand").text
    assert viewer.client.get("/billing/report.pdf").data.startswith(b"%PDF")
    assert "not be before" in viewer.open("/billing/report?since=2024-02-01&until=2024-01-01")


def test_behind_a_line_of_the_report_is_what_it_counts(viewer: Browser, bill: Bill) -> None:
    counted = [bill(), bill()]
    bill(status="Draft")
    page = viewer.open("/billing/report")
    address = re.findall(r'href="(/invoices[?][^"]+)"', page)[-1].replace("&amp;", "&")
    behind = re.findall(r'href="/invoices/(\d+)"', viewer.open(address))
    assert sorted(map(int, behind)) == counted


@pytest.mark.parametrize("customer_id", ["9" * 30, "%C2%B2", "x"])
def test_nonsense_for_a_customer_is_no_filter(viewer: Browser, bill: Bill, customer_id: str) -> None:
    number = f'href="/invoices/{bill()}"'
    assert number in viewer.open(f"/invoices?customer={customer_id}")
    viewer.open(f"/payments?customer={customer_id}")


def test_the_customers_page_needs_no_sign_in_and_says_how_to_pay(
    app: Flask, payer: Browser, bill: Bill
) -> None:
    invoice = found(app, Invoice, bill())
    page = payer.client.get(f"/pay/{invoice.token}")  # type: ignore[attr-defined]
    assert "Rp 500.000" in page.text
    assert "BCA 123" in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert payer.client.get(f"/pay/{invoice.token}/invoice.pdf").data.startswith(b"%PDF")  # type: ignore[attr-defined]


@pytest.mark.parametrize("token", ["x", "%C3%A9", "x" * 5_000])
def test_an_unknown_page_is_a_friendly_404(payer: Browser, token: str) -> None:
    assert "No such invoice" in payer.open(f"/pay/{token}", 404)


def test_a_paid_invoices_page_says_thanks(app: Flask, payer: Browser, bill: Bill) -> None:
    invoice = bill()
    with app.app_context(), transaction():
        invoices.set_status(invoice, "Lunas")
    page = payer.open(f"/pay/{found(app, Invoice, invoice).token}")  # type: ignore[attr-defined]
    assert "is paid" in page
    assert "BCA 123" not in page
