"""The pages of packages and brands."""

import io

import pytest
from flask import Flask

from tests.callers import Browser
from tests.support.factories import Make
from tests.support.pictures import opened, picture
from webapp.extensions import db
from webapp.subscribers.models import Brand, Package

BRAND = {
    "code": "garutnet",
    "name": "Garutnet",
    "tax_percent": "1,1",
    "invoice_pattern": "GN/{year}/{sequence}",
    "grace_days": "3",
    "is_active": "1",
}
PACKAGE = {"brand_code": "JAKINET", "name": "Rumah", "price": "165.000", "speed_mbps": "10", "is_active": "1"}


def test_a_brand_is_added_changed_and_deleted(
    app: Flask, admin_browser: Browser, viewer_browser: Browser
) -> None:
    assert admin_browser.submit("/brands/new", BRAND).location == "/brands/GARUTNET/edit"
    assert 'value="GARUTNET"' in admin_browser.open("/brands/GARUTNET/edit")  # its account at the gateway
    assert "GN/{year}/{sequence}" in viewer_browser.open("/brands")
    admin_browser.submit("/brands/GARUTNET/edit", BRAND | {"grace_days": "", "bank_account": "BCA 1"})
    with app.app_context():
        brand = db.session.get_one(Brand, "GARUTNET")
        assert (brand.grace_days, brand.bank_account, str(brand.tax_percent)) == (None, "BCA 1", "1.10")
    admin_browser.submit("/brands/GARUTNET/delete")
    assert "empty-state" in viewer_browser.open("/brands")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", "a b"),
        ("name", ""),
        ("tax_percent", "101"),
        ("tax_percent", "abc"),
        ("invoice_pattern", "INV"),
        ("invoice_pattern", "{sequence}{nonsense}"),
        ("gateway_key", "a-b"),
        ("grace_days", "999"),
    ],
    ids=range(8),
)
def test_a_brand_that_can_not_be(admin_browser: Browser, field: str, value: str) -> None:
    page = admin_browser.submit("/brands/new", BRAND | {field: value}, 422).text
    assert f'id="error-{field}"' in page


def test_a_code_is_given_once_and_a_brand_in_use_stays(admin_browser: Browser, make: Make) -> None:
    make.brand("GARUTNET")
    make.package("GARUTNET")
    assert 'id="error-code"' in admin_browser.submit("/brands/new", BRAND, 409).text
    admin_browser.submit("/brands/GARUTNET/delete")
    assert "notice-danger" in admin_browser.open("/brands/GARUTNET/edit")


def test_the_number_of_an_invoice_is_shown_while_its_pattern_is_typed(admin_browser: Browser) -> None:
    page = admin_browser.open("/brands/example?invoice_pattern=X-{brand}-{sequence}&code=abc", htmx=True)
    assert "X-ABC-001" in page
    assert 'class="code"' not in admin_browser.open("/brands/example?invoice_pattern=X", htmx=True)


def test_a_brand_has_a_logo(admin_browser: Browser, viewer_browser: Browser, make: Make) -> None:
    make.brand()
    url = "/brands/JAKINET/logo"
    assert viewer_browser.client.get(url).status_code == 404
    admin_browser.submit(url, {"logo": (io.BytesIO(picture(kind="PNG")), "a.png")})
    shown = viewer_browser.client.get(url)
    assert opened(shown.data).size == (600, 450)
    admin_browser.submit(url, {"logo": (io.BytesIO(b"GIF89a"), "a.gif")})
    assert "notice-danger" in admin_browser.open("/brands/JAKINET/edit")
    admin_browser.submit(f"{url}/remove")
    assert viewer_browser.client.get(url).status_code == 404


def test_a_package_is_added_changed_switched_off_and_deleted(
    app: Flask, admin_browser: Browser, viewer_browser: Browser, make: Make
) -> None:
    make.brand()
    admin_browser.submit("/packages/new", PACKAGE)
    assert "Rp 165.000" in viewer_browser.open("/packages?brand=JAKINET&state=1")
    with app.app_context():
        package = db.session.scalars(db.select(Package)).one()
        assert package.profile == "Rumah"
    page = f"/packages/{package.id}"
    admin_browser.submit(f"{page}/edit", PACKAGE | {"price": "175.000", "is_active": ""})
    assert "Rp 175.000" in viewer_browser.open("/packages/rows?state=0", htmx=True)
    admin_browser.submit(f"{page}/delete")
    assert "empty-state" in viewer_browser.open("/packages")


def test_a_package_that_can_not_be_or_can_not_go(admin_browser: Browser, make: Make) -> None:
    make.brand()
    make.customer(package=(package := make.package()))
    for field, value in (("price", "-1"), ("name", ""), ("speed_mbps", "x"), ("brand_code", "NONE")):
        page = admin_browser.submit("/packages/new", PACKAGE | {field: value}, 422).text
        assert f'id="error-{field}"' in page
    clash = PACKAGE | {"name": "Internet 50Mbps"}
    assert 'id="error-name"' in admin_browser.submit("/packages/new", clash, 409).text
    admin_browser.submit(f"/packages/{package}/delete")
    assert "notice-danger" in admin_browser.open(f"/packages/{package}/edit")


def test_only_admins_change_what_is_sold(
    viewer_browser: Browser, operator_browser: Browser, make: Make
) -> None:
    make.brand()
    for path in ("/packages/new", "/brands/new", "/brands/JAKINET/edit"):
        operator_browser.open(path, 403)
    assert "/packages/new" not in viewer_browser.open("/packages")
