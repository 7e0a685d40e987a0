"""People in a real browser: the second factor from end to end, a theme that follows its owner, pages of accounts."""

import time
from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD
from tests.browser.pages import axe_violations
from tests.support.live import Live

PAGES = [
    "/users",
    "/users/new",
    "/users/1",
    "/sessions",
    "/profile",
    "/profile/password",
    "/profile/second-factor",
]


def sign_in(page: Page, username: str) -> None:
    page.goto("/sign-in")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.click("main button.btn-primary")


def create_user(desk: Page, username: str) -> None:
    desk.goto("/users/new")
    for field, value in (("name", username.title()), ("username", username), ("password", PASSWORD)):
        desk.fill(f"[name={field}]", value)
    desk.click("main button.btn-primary")
    desk.wait_for_url("**/users/*")


@pytest.fixture
def device(chromium: Chromium, server: Live) -> Iterator[Page]:
    """Another device, signed in nowhere."""
    context = chromium.new_context(base_url=server.url, locale="id-ID", color_scheme="light")
    yield context.new_page()
    context.close()


def test_a_second_factor_is_set_up_and_used(desk: Page, device: Page) -> None:
    create_user(desk, "totp")
    sign_in(device, "totp")
    device.wait_for_url("**/dashboard")
    device.goto("/profile/second-factor")
    device.fill("[name=current_password]", PASSWORD)
    device.click("main button.btn-primary")
    expect(device.locator("img.qr")).to_be_visible()
    assert device.evaluate("document.querySelector('img.qr').naturalWidth") > 100
    device.click(".by-hand summary")
    app = pyotp.TOTP(device.locator(".by-hand pre").inner_text().replace(" ", ""))
    device.fill("[name=code]", app.now())
    device.click("main button.btn-primary")
    expect(device.locator(".codes li")).to_have_count(10)
    code = device.locator(".codes li").first.inner_text()
    for answer in (app.at(int(time.time()) + 30), code):
        device.goto("/profile")  # leaves the dashboard, whose requests go on in the background
        device.context.clear_cookies()
        sign_in(device, "totp")
        expect(device.locator("[name=code]")).to_be_visible()
        device.fill("[name=code]", answer)
        device.click("main button.btn-primary")
        device.wait_for_url("**/dashboard")


def test_a_theme_follows_its_owner_to_another_device(desk: Page, device: Page) -> None:
    create_user(desk, "themed")
    sign_in(device, "themed")
    device.wait_for_url("**/dashboard")
    device.goto("/profile")
    with device.expect_response("**/preferences/theme") as told:
        device.locator("main [data-theme-choice=dark]").click()
    assert told.value.status == 204
    device.evaluate("localStorage.clear()")
    device.context.clear_cookies()
    sign_in(device, "themed")
    device.wait_for_url("**/dashboard")
    expect(device.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert not [cookie for cookie in device.context.cookies() if cookie["name"] == "theme"]


def test_a_row_of_users_is_edited_in_place(desk: Page) -> None:
    create_user(desk, "in.place")
    desk.goto("/users")
    desk.fill("[name=search]", "in.place")
    row = desk.locator("tbody tr")
    expect(row).to_have_count(1)
    row.get_by_role("link", name="Ubah").click()
    desk.fill("tbody [name=name]", "Di Tempat")
    desk.click("tbody button.btn-primary")
    expect(row).to_contain_text("Di Tempat")
    row.get_by_role("button").click()
    desk.click("[data-confirm-yes]")
    desk.wait_for_url("**/users?search=in.place")
    expect(desk.locator("tbody tr form[action$=reactivate]")).to_have_count(1)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_wrong(chromium: Chromium, server: Live, theme: str, width: int) -> None:
    context = chromium.new_context(
        base_url=server.url,
        locale="id-ID",
        color_scheme=theme,  # type: ignore[arg-type]
        bypass_csp=True,
        reduced_motion="reduce",
        viewport={"width": width, "height": 900},
    )
    page = context.new_page()
    sign_in(page, "admin")
    page.wait_for_url("**/dashboard")
    for path in PAGES:
        page.goto(path)
        assert axe_violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    context.close()
