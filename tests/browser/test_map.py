"""The map: it moves, filters, gathers, and takes new markers by a tap."""

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD
from tests.browser.pages import axe_violations
from tests.support.live import Live

WIDTHS = [1280, 390]


def register(page: Page, name: str, latitude: float, longitude: float, **fields: Any) -> str:
    """A marker, sent as the field form does; its short code."""
    token = page.request.get("/field/session").json()["csrf_token"]
    form = {"id": str(uuid.uuid4()), "name": name, "latitude": str(latitude), "longitude": str(longitude)}
    headers = {"X-CSRFToken": token, "Accept": "application/json"}
    answer = page.request.post("/field/entries", form=form | fields, headers=headers)
    assert answer.status == 201, answer.text()
    return str(answer.json()["short_code"])


def drawn(page: Page, state: str = "points") -> None:
    expect(page.locator("#map")).to_have_attribute("data-drawn", state)


def test_the_table_follows_the_map_and_the_address_both(desk: Page) -> None:
    register(desk, "Di Bandung", -6.9, 107.6)
    register(desk, "Di Jayapura", -2.5, 140.7)
    desk.goto("/map?at=-6.9,107.6,10")
    drawn(desk)
    expect(desk.locator("#map-rows")).to_contain_text("Di Bandung")
    expect(desk.locator("#map-rows")).not_to_contain_text("Di Jayapura")
    desk.locator(".leaflet-control-zoom-in").click()
    desk.wait_for_url(re.compile("at=-6.9.*%2C11"))
    box = desk.locator("#map").bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    desk.mouse.move(*middle)
    desk.mouse.down()
    desk.mouse.move(middle[0] - 300, middle[1], steps=5)
    desk.mouse.up()
    expect(desk.locator("#map-rows")).not_to_contain_text("Di Bandung")
    desk.reload()
    drawn(desk)
    expect(desk.locator("#map-rows")).not_to_contain_text("Di Bandung")


def test_filters_narrow_map_and_table_without_a_button(desk: Page) -> None:
    register(desk, "Tersaring satu", -8.4, 115.2, strain="Tali")
    register(desk, "Tersaring dua", -8.42, 115.3, strain="Hitam")
    desk.goto("/map?at=-8.4,115.25,10&search=tersaring")
    expect(desk.locator(".pin-marker")).to_have_count(2)
    desk.locator("[name=strain]").select_option("Tali")
    expect(desk.locator(".pin-marker")).to_have_count(1)
    expect(desk.locator("#map-rows tbody tr")).to_have_count(1)
    assert "strain=Tali" in desk.url
    desk.fill("[name=search]", "tidak ada")
    expect(desk.locator(".pin-marker")).to_have_count(0)


def test_neighbours_gather_and_part_again(desk: Page) -> None:
    for number in range(5):
        register(desk, f"Berdekatan {number}", round(3.59 + number / 500, 6), 98.67)
    desk.goto("/map?at=3.59,98.67,8&search=berdekatan")
    expect(desk.locator(".cluster")).to_have_text("5")
    desk.locator(".cluster").click()
    expect(desk.locator(".pin-marker")).to_have_count(5)


def test_a_tap_adds_a_marker_and_the_panel_changes_it(desk: Page) -> None:
    desk.goto("/map?at=-0.9,119.9,12")
    drawn(desk)
    desk.locator("[data-map-add]").click()
    desk.locator("#map").click(position={"x": 200, "y": 200})
    expect(desk.locator("#map-new [name=latitude]")).to_have_value(re.compile(r"^-0\.8"))
    desk.fill("#map-new [name=name]", "Diketuk")
    desk.locator("#map-new .btn-primary").click()
    expect(desk.locator("#map-panel h2")).to_have_text("Diketuk")
    expect(desk.locator(".pin-marker")).to_have_count(1)
    desk.locator("#map-panel a.btn-primary").click()
    expect(desk.locator(".pin-placing")).to_be_visible()
    desk.fill("#map-edit [name=name]", "Diubah")
    desk.fill("#map-edit [name=latitude]", "99")
    desk.locator("#map-edit .btn-primary").click()
    expect(desk.locator("#error-latitude")).to_be_visible()
    desk.fill("#map-edit [name=latitude]", "-0.9")
    desk.locator("#map-edit .btn-primary").click()
    expect(desk.locator("#map-panel h2")).to_have_text("Diubah")
    desk.locator("#map-panel form button").click()
    desk.locator("#confirm [data-confirm-yes]").click()
    expect(desk.locator(".pin-marker")).to_have_count(0)
    expect(desk.locator("#panel")).to_be_empty()
    desk.may_complain = True  # type: ignore[attr-defined] # the browser reports the form that was refused


def test_a_pin_that_is_dragged_fills_in_the_place(desk: Page) -> None:
    code = register(desk, "Digeser", -5.1, 119.4)
    desk.goto(f"/map?at=-5.1,119.4,12&search={code}")
    desk.locator("#map-rows tbody a").click()
    desk.locator("#map-panel a.btn-primary").click()
    pin = desk.locator(".pin-placing")
    expect(pin).to_be_visible()
    box = pin.bounding_box()
    assert box is not None
    desk.mouse.move(box["x"] + 8, box["y"] + 8)
    desk.mouse.down()
    desk.mouse.move(box["x"] + 108, box["y"] + 8, steps=5)
    desk.mouse.up()
    expect(desk.locator("#map-edit [name=longitude]")).not_to_have_value("119.40000000")


def test_where_i_am(desk: Page) -> None:
    desk.context.grant_permissions(["geolocation"])
    desk.context.set_geolocation({"latitude": -7.5, "longitude": 110.8})
    desk.goto("/map")
    desk.locator("[data-map-locate]").click()
    expect(desk.locator(".pin-here")).to_be_visible()
    desk.wait_for_url(re.compile("at=-7.5"))


def test_everything_comes_from_this_machine(desk: Page, server: Live) -> None:
    elsewhere: list[str] = []
    desk.on("request", lambda request: elsewhere.append(request.url))
    desk.goto("/map")
    drawn(desk)
    expect(desk.locator("path.land-home").first).to_be_attached()
    assert [url for url in elsewhere if not url.startswith((server.url, "data:"))] == []


def test_the_map_page_is_a_list_without_javascript(desk: Page, chromium: Chromium, server: Live) -> None:
    register(desk, "Tanpa skrip", -3.3, 114.6)
    context = chromium.new_context(base_url=server.url, java_script_enabled=False)
    context.add_cookies(desk.context.cookies())
    page = context.new_page()
    page.goto("/map?search=tanpa+skrip")
    page.locator("#map-rows tbody a").click()
    expect(page.locator("h1")).to_have_text("Tanpa skrip")
    context.close()


@pytest.fixture(params=["light", "dark"])
def inspected(request: pytest.FixtureRequest, chromium: Chromium, server: Live) -> Iterator[Page]:
    """A page signed in, into which axe may be put: the CSP would keep it out."""
    context = chromium.new_context(
        base_url=server.url,
        locale="id-ID",
        color_scheme=request.param,
        bypass_csp=True,
        reduced_motion="reduce",
        service_workers="block",
    )
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("[name=username]", "admin")
    page.fill("[name=password]", PASSWORD)
    page.click("main button.btn-primary")
    page.wait_for_url("**/dashboard")
    yield page
    context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing(inspected: Page, width: int) -> None:
    code = register(inspected, "Diperiksa", -6.2, 106.8, strain="Petung")
    inspected.set_viewport_size({"width": width, "height": 900})
    found: dict[str, list[str]] = {}
    inspected.goto(f"/map?at=-6.2,106.8,12&search={code}")
    drawn(inspected)
    expect(inspected.locator("#map-rows tbody tr")).to_have_count(1)
    found["map"] = axe_violations(inspected)
    edges = inspected.locator("#map-filters input, #map-filters select").evaluate_all(
        "fields => fields.map((field) => field.getBoundingClientRect().right)"
    )
    assert max(edges) <= width
    inspected.locator("#map-rows tbody a").click()
    found["panel"] = axe_violations(inspected)
    inspected.locator("#map-panel a.btn-primary").click()
    expect(inspected.locator("#map-edit")).to_be_visible()
    found["edit"] = axe_violations(inspected)
    paths = [f"/markers?search={code}", "/markers/new", "/markers/import", f"/markers/labels?search={code}"]
    for path in [*paths, "/field", f"/marker/{code}", "/marker/ZZZZZZZZ"]:
        inspected.goto(path)
        found[path] = axe_violations(inspected)
        assert inspected.evaluate("document.documentElement.scrollWidth") <= width, path
    inspected.goto(f"/markers?search={code}")
    inspected.locator("#markers-rows tbody a").first.click()
    found["detail"] = axe_violations(inspected)
    assert {path: violations for path, violations in found.items() if violations} == {}
