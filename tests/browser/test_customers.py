"""Customers in a browser: found while one types, several done at once, every tab fit for everybody."""

import re

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD
from tests.browser.pages import axe_violations
from tests.support.live import Live

LONG = "<script>alert(1)</script>" + "W" * 120


def add(page: Page, name: str, national_id: str) -> str:
    """Take a customer in by the form, with a subscription; the address of their page."""
    page.goto("/customers/new")
    typed = {"name": name, "phone": "081234567890", "national_id": national_id, "address": "Jl. Merdeka 1"}
    for field, text in typed.items():
        page.fill(f"[name={field}]", text)
    page.select_option("[name=brand_code]", "JAKINET")
    page.select_option("[name=package_id]", index=1)
    page.click("main .form-actions .btn-primary")
    page.wait_for_url("**/customers/*?tab=line")
    return page.url.partition("?")[0]


def test_a_customer_is_found_while_one_types_and_suspended_from_the_list(desk: Page) -> None:
    add(desk, "Zubaidah Pertama", "3205010101900011")
    add(desk, "Yohanes Kedua", "3205010101900012")
    desk.goto("/customers")
    desk.locator("[name=search]").press_sequentially("zubai")
    rows = desk.locator("#customers-rows tbody tr")
    expect(rows).to_have_count(1)
    expect(desk).to_have_url(re.compile("search=zubai"))
    desk.locator("[name=customer]").check()
    desk.click("button[value=suspend]")
    expect(desk.locator(".scroll-list li")).to_have_count(1)
    desk.click("main .form-actions .btn-danger")
    desk.wait_for_url(re.compile(r"/customers(\?|$)"))
    desk.goto("/customers?status=Suspended&search=zubai")
    expect(rows).to_have_count(1)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_every_tab_is_fit_for_everybody_whatever_the_name(
    chromium: Chromium, server: Live, scheme: str, width: int
) -> None:
    context = chromium.new_context(
        base_url=server.url,
        color_scheme="dark" if scheme == "dark" else "light",
        bypass_csp=True,
        reduced_motion="reduce",
        viewport={"width": width, "height": 900},
    )
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("[name=username]", "admin")
    page.fill("[name=password]", PASSWORD)
    page.click("main button.btn-primary")
    page.wait_for_url("**/dashboard")
    one = add(page, LONG, f"320501010190{width:04}")
    for path in ("/customers", one, f"{one}?tab=line", f"{one}?tab=activity", "/brands/JAKINET/edit"):
        page.goto(path)
        assert axe_violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    context.close()
