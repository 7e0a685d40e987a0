"""The bell: what happens while one looks, and while one does not."""

from playwright.sync_api import Page, expect

from tests.browser.pages import Operator


def test_what_happens_is_said_and_counted_at_once_and_read_behind_the_bell(
    desk: Page, operator: Operator
) -> None:
    desk.goto("/notifications")
    desk.locator("form[action='/notifications/read'] button").click()
    count = desk.locator("[data-bell-number]")
    expect(count).to_have_text("0")
    with desk.expect_websocket():
        desk.goto("/events")
    operator.add_customer("Budi Santoso")
    expect(desk.locator(".toast-note")).to_contain_text("Pelanggan")
    expect(count).to_have_text("1")
    desk.locator("[data-bell] summary").click()
    expect(desk.locator(".bell-entry").first).to_contain_text("Pelanggan")
    operator.add_customer("Siti Aminah")
    expect(count).to_have_text("2")
    expect(desk.locator(".bell-entry .bell-new")).to_have_count(2)
