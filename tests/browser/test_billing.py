"""Billing as a clerk at the desk uses it, and as axe sees it."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import Operator, axe_violations
from tests.browser.test_accessibility import WIDTHS, inspected  # noqa: F401 - a fixture
from tests.browser.test_admin import admin  # noqa: F401 - a fixture

PAGES = (
    "/billing",
    "/billing/report",
    "/invoices?customer={customer}&billed=1",
    "/invoices/new/{customer}",
    "/invoices/{invoice}",
    "/payments",
    "/payments/new/{customer}",
    "/payments/{payment}",
    "/callbacks",
    "/reconciliation",
)


@pytest.fixture(scope="module")
def billed(operator: Operator) -> dict[str, int]:
    """Somebody with an invoice that is paid in part, and the ids of all three."""
    customer = operator.add_customer("Wulan Sari Dewi Kusumawardhani Prawirodirdjo")
    invoice = operator.add_invoice(customer, "Internet 50Mbps", 500_000)
    return {"customer": customer, "invoice": invoice, "payment": operator.pay(customer, 100_000)}


@pytest.mark.parametrize("width", WIDTHS)
def test_billing_is_accessible_and_fits(admin: Page, billed: dict[str, int], width: int) -> None:  # noqa: F811
    admin.set_viewport_size({"width": width, "height": 900})
    for address in PAGES:
        admin.goto(address.format(**billed))
        assert axe_violations(admin) == [], address
        over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert admin.evaluate(over) <= 0, address


def test_a_customer_pays_at_the_desk_and_gets_a_receipt(desk: Page, operator: Operator) -> None:
    customer = operator.add_customer("Yanti Bayar")
    invoice = operator.add_invoice(customer, "Pasang baru", 250_000)
    desk.goto(f"/customers/{customer}?tab=invoices")
    desk.click(f"a[href='/invoices/{invoice}']")
    desk.click(f"main a[href*='/payments/new/{customer}']")
    desk.fill("[name=amount]", "300000")
    desk.click("main form .btn-primary")
    desk.wait_for_url("**/payments/*")
    expect(desk.locator(f"main a[href='/invoices/{invoice}']")).to_be_visible()
    expect(desk.locator("main")).to_contain_text("Rp 50.000")  # JAKINET has no tax; the rest is credit
    receipt = desk.locator("main a[href$='/receipt.pdf']").get_attribute("href")
    answer = desk.request.get(str(receipt))
    assert answer.body().startswith(b"%PDF")
