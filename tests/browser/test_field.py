"""The field form without a network: what was noted is kept, and arrives once."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD
from tests.support.live import Live

PLACE = {"latitude": -7.215833, "longitude": 107.900833}


def photo() -> dict[str, object]:
    buffer = io.BytesIO()
    Image.effect_noise((2_400, 1_800), 60).convert("RGB").save(buffer, "JPEG")
    return {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


@pytest.fixture
def field(desk: Page) -> Page:
    """The form on a small phone, ready to be used without a network."""
    desk.context.grant_permissions(["geolocation"])
    desk.context.set_geolocation(PLACE)  # type: ignore[arg-type]
    desk.set_viewport_size({"width": 360, "height": 740})
    desk.goto("/field")
    desk.evaluate("navigator.serviceWorker.ready.then(() => true)")
    desk.wait_for_function("caches.match('/field').then(Boolean)")
    return desk


def note(page: Page, name: str, *, with_photo: bool = True) -> None:
    page.fill("[name=name]", name)
    page.locator("[data-locate]").click()
    expect(page.locator("[name=latitude]")).to_have_value("-7.215833")
    if with_photo:
        page.set_input_files("[name=image]", photo())  # type: ignore[arg-type]
    page.locator(".field-save").click()
    expect(entry(page, name)).to_be_visible()


def entry(page: Page, name: str):  # type: ignore[no-untyped-def]
    return page.locator("#queue li", has_text=name)


def test_an_entry_waits_through_a_reload_without_a_network_and_arrives_once(
    field: Page, server: Live
) -> None:
    field.may_complain = True  # type: ignore[attr-defined] # a browser reports every connection it can't get
    server.stop()
    field.context.set_offline(True)
    try:
        note(field, "Di lembah")
        expect(entry(field, "Di lembah")).to_have_attribute("data-state", "waiting")
        field.reload()
        expect(field.locator("#field-network")).to_have_class(re.compile("status-warning"))
        expect(entry(field, "Di lembah")).to_have_attribute("data-photo", "waiting")
    finally:
        server.start()
    field.context.set_offline(False)
    expect(entry(field, "Di lembah")).to_have_attribute("data-photo", "sent")
    field.goto("/markers?search=Di+lembah")
    expect(field.locator("#markers-rows tbody tr")).to_have_count(1)
    field.locator("#markers-rows tbody a").first.click()
    expect(field.locator(".photo-large")).to_be_visible()
    assert field.evaluate("document.querySelector('.photo-large').naturalWidth") == 1_600


def test_an_answer_that_is_lost_makes_no_second_marker(field: Page) -> None:
    lost = []

    def lose(route) -> None:  # type: ignore[no-untyped-def]
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch().status)
            route.abort()

    field.may_complain = True  # type: ignore[attr-defined]
    field.route("**/field/entries", lose)
    note(field, "Terputus", with_photo=False)
    expect(entry(field, "Terputus")).to_have_attribute("data-state", "waiting")
    expect(field.locator("#queue")).to_have_attribute("aria-busy", "false")
    assert lost == [201]
    field.locator("#field-send").click()
    expect(entry(field, "Terputus")).to_have_attribute("data-state", "sent")
    field.goto("/markers?search=Terputus")
    expect(field.locator("#markers-rows tbody tr")).to_have_count(1)


def test_a_photo_that_is_cut_off_goes_on_where_it_was(field: Page) -> None:
    field.may_complain = True  # type: ignore[attr-defined]
    begun = []

    def cut(route) -> None:  # type: ignore[no-untyped-def]
        begun.append(int(route.request.headers["upload-offset"]))
        if len(begun) == 2:
            route.abort()
        else:
            route.continue_()

    field.route(
        "**/field/uploads/*",
        lambda route: cut(route) if route.request.method == "PATCH" else route.continue_(),
    )
    note(field, "Foto nanti")
    expect(entry(field, "Foto nanti")).to_have_attribute("data-state", "sent")
    expect(entry(field, "Foto nanti")).to_have_attribute("data-photo", "waiting")
    expect(field.locator("#queue")).to_have_attribute("aria-busy", "false")
    field.reload()
    expect(entry(field, "Foto nanti")).to_have_attribute("data-photo", "sent")
    assert begun[:3] == [0, 262_144, 262_144]
    assert begun == sorted(begun)


def test_what_the_server_refuses_is_corrected_and_sent_again(field: Page) -> None:
    field.may_complain = True  # type: ignore[attr-defined] # the browser reports the refusal
    field.fill("[name=name]", "Keliru")
    field.fill("[name=latitude]", "-7,2158331234567")
    field.fill("[name=longitude]", "107.9")
    field.locator(".field-save").click()
    expect(entry(field, "Keliru")).to_have_attribute("data-state", "refused")
    expect(entry(field, "Keliru").locator(".queue-fault")).not_to_be_empty()
    entry(field, "Keliru").locator("button").first.click()
    field.fill("[name=latitude]", "-7,2158")
    field.locator(".field-save").click()
    expect(entry(field, "Keliru")).to_have_attribute("data-state", "sent")


def test_signing_out_keeps_the_entries_and_asks_to_sign_in_again(field: Page) -> None:
    field.may_complain = True  # type: ignore[attr-defined] # what follows the session's end is no news
    other = field.context.new_page()
    other.goto("/profile")
    other.evaluate("document.querySelector('form[action=\"/sign-out\"]').submit()")
    other.wait_for_url("**/sign-in**")
    note(field, "Setelah keluar")
    expect(field.locator("#field-sign-in")).to_be_visible()
    expect(entry(field, "Setelah keluar")).to_have_attribute("data-state", "waiting")
    field.locator("#field-sign-in a").click()
    field.fill("[name=username]", "admin")
    field.fill("[name=password]", PASSWORD)
    field.click("main button.btn-primary")
    field.wait_for_url("**/field")
    expect(entry(field, "Setelah keluar")).to_have_attribute("data-photo", "sent")
    expect(field.locator("#field-sign-in")).to_be_hidden()


def test_it_fits_a_small_phone(field: Page) -> None:
    note(field, "Nama yang panjang sekali " * 3, with_photo=False)
    assert field.evaluate("document.documentElement.scrollWidth") <= 360


def test_without_javascript_it_is_a_plain_form(desk: Page) -> None:
    desk.goto("/field")
    form = desk.locator("#field-form")
    expect(form).to_have_attribute("action", "/markers/new")
    expect(form).to_have_attribute("enctype", "multipart/form-data")
