"""What all pages share: the frame, languages, errors, addresses that may be kept for ever."""

import json
import re

import pytest

from tests.callers import Browser
from tests.support.factories import PASSWORD, Make
from webapp.accounts.models import Role

FORBIDDEN_INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=", re.IGNORECASE)


@pytest.mark.parametrize("path", ["/sign-in", "/docs", "/nowhere"])
def test_no_public_page_has_anything_inline(visitor: Browser, path: str) -> None:
    assert not FORBIDDEN_INLINE.search(visitor.client.get(path).get_data(as_text=True))


def test_the_dashboard_has_nothing_inline(viewer_browser: Browser) -> None:
    assert not FORBIDDEN_INLINE.search(viewer_browser.open("/dashboard"))


@pytest.mark.parametrize("path", ["/sign-in", "/docs"])
def test_every_file_is_ours_has_a_version_and_may_be_kept(visitor: Browser, path: str) -> None:
    files = re.findall(r'(?:src|href)="([^"#]+\.(?:css|js|svg)(?:\?[^"]*)?)"', visitor.open(path))
    assert len(files) >= 4
    for file in files:
        assert re.fullmatch(r"/static/[\w./-]+\?v=[0-9a-f]{10}", file), file
        answer = visitor.client.get(file)
        assert answer.status_code == 200
        assert answer.cache_control.max_age > 86_400
        answer.close()


@pytest.mark.parametrize(
    ("accepted", "words"), [("id", "Kata sandi"), ("en", "Password"), ("fr", "Kata sandi")]
)
def test_the_language_is_the_browsers_else_indonesian(visitor: Browser, accepted: str, words: str) -> None:
    page = visitor.client.get("/sign-in", headers={"Accept-Language": accepted}).get_data(as_text=True)
    assert words in page


def test_a_chosen_language_is_remembered(visitor: Browser) -> None:
    form = {"language": "en", "next": "/sign-in?next=/dashboard"}
    assert visitor.submit("/preferences/language", form, 303).location == "/sign-in?next=/dashboard"
    assert '<html lang="en">' in visitor.open("/sign-in")


def test_there_are_two_languages(visitor: Browser) -> None:
    visitor.submit("/preferences/language", {"language": "xx"}, 422)


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/sign-out", 405)])
def test_an_error_is_a_page_that_says_what_to_do(visitor: Browser, path: str, status: int) -> None:
    page = visitor.open(path, status)
    assert f">{status}<" in page
    assert 'href="/dashboard"' in page


def test_an_error_of_a_fragment_is_a_toast_and_leaves_the_page_alone(visitor: Browser) -> None:
    answer = visitor.client.get("/nowhere", headers={"HX-Request": "true", "Accept-Language": "id"})
    assert answer.status_code == 404
    assert answer.headers["HX-Reswap"] == "none"
    toast = json.loads(answer.headers["HX-Trigger"])["toast"]
    assert toast["level"] == "danger"
    assert toast["message"].startswith("Tidak ada apa-apa di sini.")


def test_too_low_a_role_is_told_so(make: Make, visitor: Browser) -> None:
    make.user("member", Role.MEMBER)
    visitor.submit("/sign-in", {"username": "member", "password": PASSWORD})
    assert "Anda tidak berhak melakukan ini" in visitor.open("/dashboard", 403)


def test_whoever_is_signed_out_is_led_to_sign_in_from_a_fragment_too(visitor: Browser) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/dashboard?location=a"}
    answer = visitor.client.get("/dashboard/cards", headers=headers)
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/dashboard?location%3Da"


def test_an_address_that_is_none_leads_to_the_dashboard_after_signing_in(visitor: Browser) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://["}
    answer = visitor.client.get("/dashboard/cards", headers=headers)
    assert answer.headers["HX-Redirect"] == "/sign-in?next="


@pytest.mark.parametrize("path", ["/dashboard", "/events", "/gates", "/locations", "/shifts", "/tariffs"])
@pytest.mark.parametrize("name", ["endpoint", "_external", "_scheme", "_anchor", "_method", "self"])
def test_no_parameter_of_an_address_gets_in_the_way_of_links(
    viewer_browser: Browser, path: str, name: str
) -> None:
    assert "http://localhost" not in viewer_browser.open(f"{path}?{name}=1")


@pytest.mark.parametrize("path", ["/events", "/gates", "/locations", "/shifts", "/tariffs"])
def test_nor_in_the_way_of_the_address_bar(viewer_browser: Browser, path: str) -> None:
    query = "?search=a&page=2&page=3&endpoint=1&_external=1&_scheme=ftp"
    answer = viewer_browser.client.get(f"{path}/rows{query}", headers={"HX-Request": "true"})
    assert answer.headers["HX-Push-Url"] == f"{path}?search=a&page=2&page=3"


@pytest.mark.parametrize("number", ["2147483648", "9223372036854775808", "9" * 30])
@pytest.mark.parametrize(
    "path", ["/recounts/{}", "/recounts/{}/progress", "/shifts/{}", "/shifts/{}/receipt"]
)
def test_a_number_beyond_all_ids_is_nowhere(viewer_browser: Browser, path: str, number: str) -> None:
    viewer_browser.open(path.format(number), 404)


def test_a_referrer_that_is_none_is_ignored(operator_browser: Browser, make: Make) -> None:
    make.location()
    form = {"csrf_token": operator_browser.csrf_token(), "name": "Kerkof", "type": "kerkof"}
    answer = operator_browser.client.post(
        "/locations/kerkof_01/edit", data=form, headers={"Referer": "http://["}
    )
    assert answer.status_code == 303


def test_the_menu_marks_where_one_is(viewer_browser: Browser) -> None:
    assert re.search(
        r'href="/dashboard"\s+class="is-current" aria-current="page"', viewer_browser.open("/dashboard")
    )
