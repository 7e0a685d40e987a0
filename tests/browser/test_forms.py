"""Forms read what people paste as people mean it."""

from playwright.sync_api import Page, expect

from tests.browser.pages import Operator

PASTED = {"5.000,00": "5.000", "Rp 1.250.000,-": "1.250.000", "5,000": "5.000", "12000": "12.000"}


def test_pasted_rupiah_keep_their_worth(desk: Page, operator: Operator) -> None:
    location, gate = operator.open_gate("pasting")
    desk.goto(f"/shifts/close/{location}/{gate}")
    field = desk.locator("[name=counted]")
    for pasted, shown in PASTED.items():
        field.fill(pasted)
        expect(field).to_have_value(shown)
