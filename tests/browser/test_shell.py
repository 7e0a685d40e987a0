"""Signing in, languages, themes, the menu on a phone, errors as toasts, and life without JavaScript."""

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD
from tests.support.live import Live


def test_signing_in_leads_to_the_dashboard(desk: Page) -> None:
    expect(desk.get_by_role("heading", name="Dasbor")).to_be_visible()


def test_the_language_is_switched_and_stays(desk: Page) -> None:
    desk.locator("details.account summary").click()
    desk.get_by_role("button", name="English").click()
    expect(desk.get_by_role("heading", name="Dashboard")).to_be_visible()
    desk.reload()
    expect(desk.locator("html")).to_have_attribute("lang", "en")
    desk.locator("details.account summary").click()
    desk.get_by_role("button", name="Indonesia").click()  # the account remembers, and other tests use it
    expect(desk.locator("html")).to_have_attribute("lang", "id")


def test_the_theme_is_switched_and_stays(desk: Page) -> None:
    desk.locator("details.account summary").click()
    desk.get_by_role("button", name="Gelap").click()
    expect(desk.locator("html")).to_have_attribute("data-bs-theme", "dark")
    desk.reload()
    expect(desk.locator("html")).to_have_attribute("data-bs-theme", "dark")
    desk.locator("details.account summary").click()
    with desk.expect_response("**/preferences/theme"):  # the account remembers, and other tests use it
        desk.get_by_role("button", name="Ikut perangkat").click()


def test_the_theme_follows_the_device_until_chosen(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto("/sign-in")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.emulate_media(color_scheme="light")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")


def test_the_menu_folds_on_a_phone(desk: Page) -> None:
    desk.set_viewport_size({"width": 390, "height": 844})
    link = desk.locator("nav").get_by_role("link", name="Dasbor")
    expect(link).to_be_hidden()
    desk.get_by_role("button", name="Menu").click()
    expect(link).to_be_visible()


def test_no_page_is_wider_than_a_phone(desk: Page) -> None:
    desk.set_viewport_size({"width": 390, "height": 844})
    assert desk.evaluate("document.documentElement.scrollWidth") <= 390


def test_an_error_of_a_background_request_is_said_once(desk: Page) -> None:
    desk.evaluate("htmx.ajax('GET', '/nowhere', '#main'); htmx.ajax('GET', '/nowhere', '#main')")
    expect(desk.locator(".toast-note")).to_contain_text("Tidak ada apa-apa di sini.")
    expect(desk.get_by_role("heading", name="Dasbor")).to_be_visible()
    desk.locator(".toast-note button").first.click()
    expect(desk.locator(".toast-note")).to_have_count(0)
    desk.may_complain = True  # type: ignore[attr-defined] # the browser reports each 404


def test_everything_needed_works_without_javascript(chromium: Chromium, server: Live) -> None:
    context = chromium.new_context(
        base_url=server.url, locale="id-ID", java_script_enabled=False, viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("[name=username]", "admin")
    page.fill("[name=password]", PASSWORD)
    page.click("main button.btn-primary")
    expect(page.locator("nav").get_by_role("link", name="Dasbor")).to_be_visible()
    page.locator("details.account summary").click()
    page.get_by_role("button", name="Keluar").click()
    expect(page).to_have_url(f"{server.url}/sign-in")
    context.close()


def test_the_documentation_draws_itself_from_this_machine(page: Page) -> None:
    page.goto("/docs")
    expect(page.locator(".swagger-ui .opblock").first).to_be_visible()
