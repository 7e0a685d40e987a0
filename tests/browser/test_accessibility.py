"""axe finds nothing wrong, in both themes, wide and narrow."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD
from tests.browser.pages import Operator, axe_violations
from tests.support.live import Live

WIDTHS = [1280, 390]


@pytest.fixture(params=["light", "dark"])
def inspected(request: pytest.FixtureRequest, chromium: Chromium, server: Live) -> Iterator[Page]:
    """A page into which axe may be put: the CSP would keep it out."""
    context = chromium.new_context(
        base_url=server.url,
        locale="id-ID",
        color_scheme=request.param,
        bypass_csp=True,
        reduced_motion="reduce",
    )
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", ["/sign-in", "/nowhere"])
def test_pages_without_a_menu(inspected: Page, path: str, width: int) -> None:
    inspected.set_viewport_size({"width": width, "height": 900})
    inspected.goto(path)
    assert axe_violations(inspected) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_the_dashboard(
    inspected: Page, operator: Operator, width: int, request: pytest.FixtureRequest
) -> None:
    gate = operator.open_gate(f"axe_{abs(hash(request.node.name)) % 10**6}")
    operator.pass_through(gate, 3)
    inspected.set_viewport_size({"width": width, "height": 900})
    inspected.goto("/sign-in")
    inspected.fill("[name=username]", "admin")
    inspected.fill("[name=password]", PASSWORD)
    inspected.click("main button.btn-primary")
    expect(inspected.locator("#live")).to_have_attribute("data-state", "live")
    assert axe_violations(inspected) == []
