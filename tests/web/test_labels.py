"""Sheets of labels, as a page and as PDF."""

import io

import pytest
from flask import Flask
from pypdf import PageObject, PdfReader

from tests.callers import Browser
from tests.web.test_markers import markers, register
from webapp.markers import labels


def test_those_chosen_are_printed(app: Flask, viewer_browser: Browser) -> None:
    first = register(app, "viewer_b", name="Alpha")
    second = register(app, "viewer_b", name="Beta")
    register(app, "viewer_b", name="Gamma")
    page = viewer_browser.open(f"/markers/labels?marker={first}&marker={second}&marker=nonsense&size=small")
    assert page.count('class="label"') == 2
    assert "label-small" in page
    assert "Gamma" not in page
    assert "style=" not in page


def test_or_what_the_filters_choose(app: Flask, viewer_browser: Browser) -> None:
    register(app, "viewer_b", name="Alpha", strain="Tali")
    register(app, "viewer_b", name="Beta")
    page = viewer_browser.open("/markers/labels?strain=Tali&size=nonsense")
    assert page.count('class="label"') == 1
    assert "label-medium" in page


def test_nothing_chosen_is_no_error(viewer_browser: Browser) -> None:
    assert "labels-none" in viewer_browser.open("/markers/labels")
    assert viewer_browser.client.get("/markers/labels.pdf").data.startswith(b"%PDF")


@pytest.mark.parametrize("name", list(labels.SIZES))
def test_the_pdf_has_a_label_for_each(app: Flask, viewer_browser: Browser, name: str) -> None:
    size = labels.SIZES[name]
    for number in range(size.per_sheet + 1):
        register(app, "viewer_b", name=f"Rumpun {number} 語" + "x" * 60)
    answer = viewer_browser.client.get(f"/markers/labels.pdf?size={name}")
    assert answer.content_type == "application/pdf"
    pages = PdfReader(io.BytesIO(answer.data)).pages
    assert len(pages) == 2
    text = "".join(page.extract_text() for page in pages)
    assert all(marker.short_code in text for marker in markers(app))


def test_names_are_printed_in_the_letters_that_there_are(app: Flask, viewer_browser: Browser) -> None:
    names = ["Бамбук", "Μπαμπού", "竹林 たけ 대나무", "Tre Việt"]
    for name in names:
        register(app, "viewer_b", name=name)
    page = PdfReader(io.BytesIO(viewer_browser.client.get("/markers/labels.pdf?size=large").data)).pages[0]
    text = "".join(page.extract_text().split())
    assert [name for name in names if name.replace(" ", "") not in text] == []
    assert "/FontFile2" in str(_fonts(page))
    viewer_browser.client.set_cookie("language", "en")
    assert "empty boxes" not in viewer_browser.open("/markers/labels")


def _fonts(page: PageObject) -> list[object]:
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]
    return [font["/FontDescriptor"].get_object() for font in fonts if "/FontDescriptor" in font]


def test_letters_that_no_typeface_has_are_told_of(app: Flask, viewer_browser: Browser) -> None:
    register(app, "viewer_b", name="ꦥꦿꦶꦁ")
    viewer_browser.client.set_cookie("language", "en")
    assert "empty boxes" in viewer_browser.open("/markers/labels")
    assert viewer_browser.client.get("/markers/labels.pdf").data.startswith(b"%PDF")


def test_every_size_fits_on_a4() -> None:
    for size in labels.SIZES.values():
        assert size.columns * size.width <= 210
        assert size.rows * size.height <= 297
