"""API keys, settings and activity as an admin uses them, and as axe sees them."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD
from tests.browser.pages import axe_violations
from tests.browser.test_accessibility import WIDTHS, inspected  # noqa: F401 - a fixture


@pytest.fixture
def admin(inspected: Page) -> Page:  # noqa: F811
    """An inspected page, signed in."""
    inspected.goto("/sign-in")
    inspected.fill("[name=username]", "admin")
    inspected.fill("[name=password]", PASSWORD)
    inspected.click("main button.btn-primary")
    inspected.wait_for_url("**/dashboard")
    return inspected


@pytest.mark.parametrize("width", WIDTHS)
def test_administration_is_accessible_and_fits(admin: Page, width: int) -> None:
    admin.set_viewport_size({"width": width, "height": 900})
    admin.goto("/keys/new")
    admin.fill("[name=name]", "Partner")
    admin.select_option("[name=scope]", "reports")
    admin.click("main .btn-primary")
    expect(admin.locator("pre").first).to_contain_text("pk_live_")
    assert axe_violations(admin) == []
    admin.click("main a.btn-primary")
    addresses = [admin.url, "/keys", "/keys/new", "/settings", "/activity", "/activity?since=2099-01-01"]
    for address in addresses:
        admin.goto(address)
        if address == "/activity":
            admin.locator(".log details summary").first.click()
        assert axe_violations(admin) == [], address
        over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert admin.evaluate(over) <= 0, address


def test_the_example_of_a_file_name_follows_the_typing(desk: Page) -> None:
    desk.goto("/settings")
    desk.fill("[name=output_filename_format]", "Laporan {branch_id}")
    expect(desk.locator("#settings-example")).to_contain_text("Laporan 001.pdf")


def test_the_log_is_searched_while_typing(desk: Page) -> None:
    desk.goto("/keys/new")
    desk.fill("[name=name]", "Kamera yang dicari")
    desk.click("main .btn-primary")
    desk.goto("/activity")
    desk.fill("[name=search]", "kamera yang")
    expect(desk.locator(".log tbody > tr")).to_have_count(1)
    assert "search=kamera" in desk.url
