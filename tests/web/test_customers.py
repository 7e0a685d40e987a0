"""The pages of customers: the list, one by one, and what is done to several."""

import re
from typing import Any

import pytest
from flask import Flask

from tests.callers import Browser
from tests.support.factories import Make
from webapp.database import transaction
from webapp.extensions import db
from webapp.subscribers import customers, lines, subscriptions
from webapp.subscribers.models import Customer, TechnicalData
from webapp.subscribers.subscriptions import Terms

TYPED = {
    "name": "Siti Aminah",
    "phone": "0812-3456-789",
    "email": "Siti@Example.com",
    "national_id": "3205010101900001",
    "address": "Jl. Merdeka 1",
    "brand_code": "JAKINET",
    "language": "en",
    "due_day": "5",
    "payment_method": "Otomatis",
}


@pytest.fixture
def package(make: Make) -> int:
    make.brand()
    return make.package()


@pytest.fixture
def known(app: Flask, package: int) -> Any:
    """`known(name)`: a customer whom search finds, with a subscription; the id."""
    count = 0

    def take_in(name: str, **fields: Any) -> int:
        nonlocal count
        count += 1
        values = {"name": name, "phone": f"08123456{count:04}", "brand_code": "JAKINET", **fields}
        with app.app_context(), transaction():
            return customers.create_customer(values, subscription=Terms(package)).id

    return take_in


def state(app: Flask, customer_id: int) -> str:
    with app.app_context():
        return db.session.get_one(Customer, customer_id).status


def english(browser: Browser) -> Browser:
    browser.client.set_cookie("language", "en")
    return browser


def test_a_customer_is_taken_in_with_a_subscription_and_changed(
    app: Flask, operator_browser: Browser, package: int
) -> None:
    added = operator_browser.submit("/customers/new", TYPED | {"package_id": str(package)})
    assert added.location.endswith("?tab=line")
    page = added.location.partition("?")[0]
    shown = operator_browser.open(page)
    assert "siti@example.com" in shown
    assert "Rp 500.000" in shown
    operator_browser.submit(
        f"{page}/edit", TYPED | {"name": "Siti Rahayu", "email": "", "never_suspend": "1"}
    )
    with app.app_context():
        customer = db.session.scalars(db.select(Customer)).one()
        assert (customer.name, customer.email, customer.never_suspend) == ("Siti Rahayu", None, True)
        current = subscriptions.current(customer.id)
        assert current is not None
        assert current.due_day == 5


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "a\0b"),
        ("phone", "12"),
        ("email", "nobody"),
        ("national_id", "123"),
        ("brand_code", "NONE"),
        ("installed_on", "2024-13-01"),
        ("due_day", "29"),
        ("package_id", "999"),
    ],
    ids=range(9),
)
def test_what_is_wrong_is_said_beside_its_field(
    operator_browser: Browser, package: int, field: str, value: str
) -> None:
    answer = operator_browser.submit("/customers/new", TYPED | {field: value}, 422)
    assert f'id="error-{field}"' in answer.text


def test_a_clash_is_said_beside_its_field(operator_browser: Browser, package: int) -> None:
    operator_browser.submit("/customers/new", TYPED)
    page = operator_browser.submit("/customers/new", TYPED | {"email": "other@example.com"}, 409).text
    assert 'id="error-national_id"' in page


def test_the_list_is_searched_filtered_sorted_and_exported(viewer_browser: Browser, known: Any) -> None:
    for name in ("Budi Santoso", "Ani Wijaya"):
        known(name)
    rows = viewer_browser.open("/customers/rows?search=santo", htmx=True)
    assert "Budi Santoso" in rows
    assert "Ani Wijaya" not in rows
    assert "checkbox" not in rows  # a viewer has nothing to tick
    names = re.findall(r"(Budi|Ani) ", viewer_browser.open("/customers?sort=name&status=Aktif&package=x"))
    assert names.index("Ani") < names.index("Budi")
    assert "empty-state" in viewer_browser.open("/customers?status=Suspended")
    assert "empty-state" in viewer_browser.open("/customers?router=1&brand=NONE&page=99")
    file = viewer_browser.client.get("/customers/export.csv?search=budi").get_data(as_text=True)
    assert "Budi Santoso" in file
    assert "Ani" not in file
    with viewer_browser.client.get("/customers/export.xlsx") as workbook:
        assert workbook.data.startswith(b"PK")


def test_a_name_is_never_markup(viewer_browser: Browser, known: Any) -> None:
    customer_id = known("<script>alert(1)</script>")
    for path in ("/customers", f"/customers/{customer_id}", f"/customers/{customer_id}?tab=notes"):
        page = viewer_browser.open(path)
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_a_subscription_goes_through_its_life(
    app: Flask, operator_browser: Browser, make: Make, known: Any
) -> None:
    customer_id, other = known("Budi"), make.package(name="Internet 100Mbps", price=750_000)
    page = f"/customers/{customer_id}"
    operator_browser.submit(f"{page}/subscription/package", {"package_id": str(other), "reason": "faster"})
    assert "Rp 750.000" in operator_browser.open(page)
    for step, wanted in (
        ("suspend", "Suspended"),
        ("resume", "Aktif"),
        ("end", "Berhenti"),
        ("reopen", "Aktif"),
    ):
        operator_browser.open(f"{page}/subscription/{step}")
        operator_browser.submit(f"{page}/subscription/{step}", {"reason": "asked for"})
        assert state(app, customer_id) == wanted
    operator_browser.submit(f"{page}/subscription/terms", {"due_day": "7", "payment_method": "Prorate"})
    shown = operator_browser.open(page)
    assert shown.count("asked for") == 3  # an end that had no effect yet leaves the history
    assert "notice-danger" in operator_browser.submit(f"{page}/subscription/resume", {}, 409).text
    again = {"package_id": str(other)}
    assert 'id="error-package_id"' in operator_browser.submit(f"{page}/subscription/package", again, 422).text


def test_several_are_shown_first_and_then_each_is_changed_or_refused(
    app: Flask, operator_browser: Browser, make: Make, known: Any
) -> None:
    browser = english(operator_browser)
    first, second, without = known("Budi"), known("Ani"), make.customer(name="Joko")
    chosen = {"customer": [str(first), str(without), "2147483648", "x"], "action": "suspend"}
    asked = browser.submit("/customers/bulk", chosen, 200).text
    assert "Budi" in asked
    assert state(app, first) == "Aktif"
    done = browser.submit("/customers/bulk", chosen | {"sure": "1"}, 200).text
    assert "1 customer changed." in done
    assert "This customer has no subscription" in done
    assert (state(app, first), state(app, second)) == ("Suspended", "Aktif")
    everybody = {"all": "1", "action": "exempt"}
    assert browser.submit("/customers/bulk?search=ani", everybody, 200).text.count('name="customer"') == 1
    back = browser.submit(
        "/customers/bulk?search=ani", {"customer": str(second), "action": "exempt", "sure": "1"}
    )
    assert back.location == "/customers?search=ani"
    with app.app_context():
        assert db.session.get_one(Customer, second).never_suspend
    package = {"customer": str(second), "action": "package", "sure": "1"}
    assert 'id="error-package_id"' in browser.submit("/customers/bulk", package, 422).text
    browser.submit("/customers/bulk", {"action": "suspend"})
    browser.submit("/customers/bulk", {"action": "nonsense", "customer": "1"}, 404)


def test_deleted_customers_come_back(
    app: Flask, operator_browser: Browser, admin_browser: Browser, known: Any
) -> None:
    customer_id = known("Budi", email="budi@example.com")
    operator_browser.submit(
        "/customers/bulk", {"customer": str(customer_id), "action": "delete", "sure": "1"}
    )
    operator_browser.open(f"/customers/{customer_id}", 404)
    operator_browser.open("/customers/deleted", 403)
    assert "Budi" in admin_browser.open("/customers/deleted")
    other = known("Joko", email="budi@example.com")
    admin_browser.submit(f"/customers/{customer_id}/restore")
    admin_browser.open(f"/customers/{customer_id}", 404)  # somebody has the e-mail now
    admin_browser.submit(f"/customers/{other}/delete")
    assert admin_browser.submit(f"/customers/{customer_id}/restore").location == f"/customers/{customer_id}"
    assert state(app, customer_id) == "Aktif"


def test_a_line_is_given_changed_shown_on_request_and_deleted(
    app: Flask, operator_browser: Browser, viewer_browser: Browser, known: Any, logged: Any
) -> None:
    page = f"/customers/{known('Budi')}"
    tab = f"{page}?tab=line"
    assert "empty-state" in viewer_browser.open(tab)
    line = {"ip_address": "10.64.0.5", "vlan": "100", "odp_port": "odp-01/p01", "pppoe_password": "geheim-77"}
    operator_browser.submit(f"{page}/line", line)
    for browser in (operator_browser, viewer_browser):
        assert "geheim-77" not in browser.open(tab)
    revealed = operator_browser.submit(f"{page}/line/reveal", {}, 200)
    assert "geheim-77" in revealed.text
    assert 'value="10.64.0.5"' in revealed.text  # saved from here, the line stays as it is
    assert revealed.headers["Cache-Control"] == "no-store"
    assert len(logged(action="reveal", object_type="technical_data")) == 1
    viewer_browser.submit(f"{page}/line/reveal", {}, 403)
    operator_browser.submit(f"{page}/line", line | {"vlan": "", "pppoe_password": ""})
    with app.app_context():
        kept = db.session.scalars(db.select(TechnicalData)).one()
        assert (kept.vlan, kept.odp_port, lines.reveal_password(kept.id)) == (None, "ODP-01/P01", "geheim-77")
    operator_browser.submit(f"{page}/line/sync")
    assert "notice-danger" in operator_browser.open(tab)  # it has no router
    operator_browser.submit(f"{page}/line/delete")
    assert "empty-state" in viewer_browser.open(tab)


@pytest.mark.parametrize(
    ("field", "value"),
    [("vlan", "5000"), ("ip_address", "10.0.0.300"), ("router_id", "77"), ("pppoe_name", "a b")],
    ids=range(4),
)
def test_technical_data_that_can_not_be(
    operator_browser: Browser, known: Any, field: str, value: str
) -> None:
    page = operator_browser.submit(f"/customers/{known('Budi')}/line", {field: value}, 422).text
    assert f'id="error-{field}"' in page


def test_a_port_that_somebody_has(operator_browser: Browser, known: Any) -> None:
    for name, status in (("Budi", 303), ("Joko", 409)):
        answer = operator_browser.submit(f"/customers/{known(name)}/line", {"odp_port": "ODP-01/P01"}, status)
    assert 'id="error-odp_port"' in answer.text


def test_notes_are_written_and_deleted(
    operator_browser: Browser, viewer_browser: Browser, known: Any
) -> None:
    page = f"/customers/{known('Budi')}"
    operator_browser.submit(f"{page}/notes", {"body": "Pays on Friday\n<b>always</b>"})
    shown = viewer_browser.open(f"{page}?tab=notes")
    assert "Pays on Friday\n&lt;b&gt;always" in shown
    assert "operator_b" in shown
    for body in ("", "x" * 2001, "a\0"):
        assert 'id="error-body"' in operator_browser.submit(f"{page}/notes", {"body": body}, 422).text
    delete = re.findall(rf"{page}/notes/\d+/delete", operator_browser.open(f"{page}?tab=notes"))[0]
    viewer_browser.submit(delete, {}, 403)
    operator_browser.submit(delete)
    assert "empty-state" in viewer_browser.open(f"{page}?tab=notes")


def test_what_happened_to_a_customer_is_for_admins(
    admin_browser: Browser, operator_browser: Browser, known: Any
) -> None:
    page = f"/customers/{known('Budi')}"
    operator_browser.submit(f"{page}/subscription/suspend", {"reason": "asked"})
    operator_browser.submit(f"{page}/line", {"vlan": "7"})
    shown = admin_browser.open(f"{page}?tab=activity")
    assert shown.count("log-who") >= 5
    assert "log-who" not in operator_browser.open(f"{page}?tab=activity")
    assert admin_browser.client.get(f"/activity{page}").location == page


def test_invoices_and_what_is_owed(app: Flask, operator_browser: Browser, known: Any) -> None:
    customer_id = known("Budi")
    assert "empty-state" in operator_browser.open(f"/customers/{customer_id}?tab=invoices")
    line = {"description-0": "Internet", "quantity-0": "1", "price-0": "150000"}
    operator_browser.submit(
        f"/invoices/new/{customer_id}",
        {"period": "2026-11", "due_on": "2026-12-01", "status": "Menunggu Pembayaran", **line},
    )
    shown = operator_browser.open(f"/customers/{customer_id}?tab=invoices")
    assert shown.count("Rp 150.000") >= 2
    assert f"/invoices?customer={customer_id}" in shown
