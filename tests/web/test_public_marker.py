"""What a label leads to."""

import io

import pytest
from flask import Flask

from tests.callers import Browser
from tests.web.test_markers import FORM, image, markers, picture, register
from webapp.throttle import CODE_LOOKUPS


@pytest.fixture
def code(app: Flask, viewer_browser: Browser) -> str:
    id = register(
        app,
        "viewer_b",
        name="Rumpun <b>satu</b>",
        description="Di tepi sungai",
        strain="Petung",
        owner_name="Pak Asep",
        owner_contact="0812345",
    )
    assert id
    return markers(app)[0].short_code


def test_anyone_sees_the_marker_and_nothing_about_people(visitor: Browser, code: str) -> None:
    answer = visitor.client.get(f"/marker/{code}")
    assert answer.status_code == 200
    page = answer.text
    for shown in ("Rumpun &lt;b&gt;satu", "Di tepi sungai", "Petung", "geo:-7.200000,107.900000", code):
        assert shown in page
    for hidden in ("Asep", "0812345", "viewer_b", "Viewer_B"):
        assert hidden not in page
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert "<script" not in page


def test_a_code_is_read_in_small_letters_too(visitor: Browser, code: str) -> None:
    assert code in visitor.open(f"/marker/{code.lower()}")


def test_it_speaks_two_languages(visitor: Browser, code: str) -> None:
    assert '<html lang="id">' in visitor.open(f"/marker/{code}")
    answer = visitor.submit("/preferences/language", {"language": "en", "next": f"/marker/{code}"})
    assert answer.location == f"/marker/{code}"
    assert '<html lang="en">' in visitor.open(f"/marker/{code}")


def test_it_shows_the_photo(app: Flask, viewer_browser: Browser, visitor: Browser) -> None:
    viewer_browser.submit("/markers/new", FORM | {"image": image(picture())})
    code = markers(app)[0].short_code
    source = visitor.open(f"/marker/{code}").split('<img src="')[1].split('"')[0].replace("&amp;", "&")
    photo = visitor.client.get(source)
    assert photo.content_type == "image/jpeg"
    assert io.BytesIO(photo.data).read(2) == b"\xff\xd8"


@pytest.mark.parametrize("code", ["ZZZZZZZZ", "x", "0" * 500, "%27--", "%F0%9F%8C%B1"])
def test_an_unknown_code_gets_a_page_that_helps(visitor: Browser, code: str) -> None:
    page = visitor.open(f"/marker/{code}", 404)
    assert "<h1>" in page
    assert 'name="language"' in page


def test_codes_can_not_be_tried_in_bulk(visitor: Browser, code: str) -> None:
    statuses = [visitor.client.get("/marker/ZZZZZZZZ").status_code for _ in range(CODE_LOOKUPS.amount)]
    assert set(statuses) == {404}
    refused = visitor.client.get(f"/marker/{code}")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    through_the_api = visitor.client.get(f"/api/v1/markers/code/{code}")
    assert through_the_api.status_code == 429
