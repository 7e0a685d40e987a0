"""The dashboard moves by itself, and says how fresh it is."""

from playwright.sync_api import Page, expect

from tests.browser.pages import Operator
from tests.support.live import Live


def test_the_figures_move_without_a_reload(desk: Page, operator: Operator) -> None:
    gate = operator.open_gate("moving_01")
    desk.goto("/dashboard?location=moving_01")
    expect(desk.locator("#live")).to_have_attribute("data-state", "live")
    desk.evaluate("window.stillHere = true")
    operator.pass_through(gate, 3)
    expect(desk.locator("#passages")).to_have_text("3")
    expect(desk.locator("#revenue")).to_have_text("Rp 6.000")
    expect(desk.locator("#dashboard-feed tbody tr")).to_have_count(3)
    operator.pass_through(gate, 2)
    expect(desk.locator("#passages")).to_have_text("5")
    expect(desk.locator("#dashboard-gates tbody tr")).to_contain_text("Gate moving_01")
    assert desk.evaluate("window.stillHere")


def test_charts_are_redrawn_in_place(desk: Page, operator: Operator) -> None:
    gate = operator.open_gate("drawn_01")
    desk.goto("/dashboard?location=drawn_01")
    expect(desk.locator("#live")).to_have_attribute("data-state", "live")
    desk.evaluate("window.canvas = document.querySelector('#hours canvas')")
    operator.pass_through(gate, 4)
    expect(desk.locator("#categories tbody td")).to_have_text("4")
    assert desk.evaluate("window.canvas === document.querySelector('#hours canvas')")
    assert (
        desk.evaluate("Chart.getChart(window.canvas).data.datasets[0].data.reduce((a, b) => a + b, 0)") == 4
    )


def test_it_says_when_it_is_cut_off_and_catches_up_afterwards(
    desk: Page, operator: Operator, server: Live
) -> None:
    gate = operator.open_gate("cut_01")
    desk.goto("/dashboard?location=cut_01")
    expect(desk.locator("#live")).to_have_attribute("data-state", "live")
    desk.may_complain = True  # type: ignore[attr-defined] # a browser reports every connection it can't get
    server.stop()
    try:
        expect(desk.locator("#live")).to_have_attribute("data-state", "reconnecting")
    finally:
        server.start()
    operator.pass_through(gate)
    expect(desk.locator("#live")).to_have_attribute("data-state", "live")
    expect(desk.locator("#passages")).to_have_text("1")


def test_whoever_signs_out_elsewhere_is_led_to_sign_in(desk: Page) -> None:
    desk.may_complain = True  # type: ignore[attr-defined] # the browser reports that the stream has ended
    other = desk.context.new_page()
    other.goto("/dashboard")
    other.locator("details.account summary").click()
    other.get_by_role("button", name="Keluar").click()
    other.wait_for_url("**/sign-in")
    desk.wait_for_url("**/sign-in**")


def test_filters_need_no_button_and_keep_the_address_short(desk: Page, operator: Operator) -> None:
    operator.open_gate("chosen_01")
    desk.goto("/dashboard")
    desk.locator("[name=location]").select_option("chosen_01")
    desk.wait_for_url("**/dashboard?location=chosen_01")
    desk.get_by_role("link", name="Hari sebelumnya").click()
    desk.wait_for_url("**/dashboard?location=chosen_01&date=*")
    assert desk.locator("#live").count() == 0
