"""What the field form sends to, and what a phone needs to install it."""

from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.callers import Browser
from tests.conftest import _browser
from tests.support.factories import Make
from tests.web.test_markers import FORM, image, markers, picture, register
from webapp.accounts.models import Role


@pytest.fixture
def member_browser(app: Flask, make: Make) -> Browser:
    return _browser(app, make.user("member_b", Role.MEMBER))


def send(browser: Browser, path: str, form: dict[str, Any], status: int) -> TestResponse:
    """As js/field.js does: the token in a header, JSON wanted."""
    headers = {"X-CSRFToken": browser.client.get("/field/session").json["csrf_token"]}  # type: ignore[index]
    answer = browser.client.post(path, data=form, headers=headers | {"Accept": "application/json"})
    assert answer.status_code == status, answer.text[:500]
    assert answer.content_type == "application/json"
    return answer


def test_an_entry_sent_twice_is_one_marker(app: Flask, member_browser: Browser) -> None:
    entry = FORM | {"id": str(uuid4())}
    first = send(member_browser, "/field/entries", entry, 201).json
    again = send(member_browser, "/field/entries", entry, 200).json
    (made,) = markers(app)
    assert first == again == {"id": entry["id"], "short_code": made.short_code}
    assert str(made.id) == entry["id"]


def test_a_photo_follows_and_may_come_twice(app: Flask, member_browser: Browser) -> None:
    id = str(uuid4())
    send(member_browser, "/field/entries", FORM | {"id": id}, 201)
    for _ in range(2):
        send(member_browser, f"/field/entries/{id}/photo", {"image": image(picture())}, 200)
    assert markers(app)[0].photo is not None


def test_what_is_wrong_is_said_field_by_field(app: Flask, member_browser: Browser) -> None:
    entry = FORM | {"id": str(uuid4()), "latitude": "91", "name": ""}
    fields = send(member_browser, "/field/entries", entry, 422).json["fields"]  # type: ignore[index]
    assert set(fields) == {"latitude", "name"}
    assert set(send(member_browser, "/field/entries", FORM | {"id": "x"}, 422).json["fields"]) == {"id"}  # type: ignore[index]
    assert markers(app) == []


@pytest.mark.parametrize("data", [b"", b"<svg/>", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_photo_is_refused_and_the_entry_stays(
    app: Flask, member_browser: Browser, data: bytes
) -> None:
    id = str(uuid4())
    send(member_browser, "/field/entries", FORM | {"id": id}, 201)
    answer = send(member_browser, f"/field/entries/{id}/photo", {"image": image(data)}, 422)
    assert set(answer.json["fields"]) == {"image"}  # type: ignore[index]
    send(member_browser, f"/field/entries/{id}/photo", {}, 422)
    assert len(markers(app)) == 1


def test_anothers_id_is_a_conflict_and_anothers_photo_is_not_there(
    app: Flask, member_browser: Browser, make: Make
) -> None:
    make.user("other", Role.MEMBER)
    theirs = register(app, "other")
    send(member_browser, "/field/entries", FORM | {"id": str(theirs)}, 409)
    send(member_browser, f"/field/entries/{theirs}/photo", {"image": image(picture())}, 404)


def test_the_session_says_who_is_signed_in(app: Flask, member_browser: Browser, visitor: Browser) -> None:
    page = member_browser.open("/field")
    account = member_browser.client.get("/field/session").json["account"]  # type: ignore[index]
    assert f'data-account="{account}"' in page
    answer = visitor.client.get("/field/session")
    assert answer.json["account"] is None  # type: ignore[index]
    assert answer.headers["Cache-Control"] == "no-store"


def test_whoever_is_signed_out_is_redirected_and_nothing_is_kept(app: Flask, visitor: Browser) -> None:
    answer = visitor.submit("/field/entries", FORM | {"id": str(uuid4())}, 302)
    assert "/sign-in" in answer.location
    assert markers(app) == []


def test_an_entry_without_the_token_is_refused(app: Flask, member_browser: Browser) -> None:
    assert member_browser.client.post("/field/entries", data=FORM).status_code == 400
    assert markers(app) == []


def test_a_phone_can_install_it(visitor: Browser) -> None:
    manifest = visitor.client.get("/field/manifest.webmanifest")
    assert manifest.content_type == "application/manifest+json"
    described = manifest.get_json(force=True)
    assert described["scope"] == described["start_url"] == "/field"
    for icon in described["icons"]:
        picture = visitor.client.get(icon["src"])
        assert picture.status_code == 200
        assert picture.data.startswith(b"\x89PNG")
        picture.close()
    worker = visitor.client.get("/field/worker.js")
    assert worker.headers["Service-Worker-Allowed"] == "/field"
    assert worker.mimetype == "text/javascript"
    worker.close()


def upload(browser: Browser, id: str, at: int, piece: bytes, status: int) -> Any:
    """As js/field.js sends a piece of a photo; answers how much has arrived."""
    token = browser.client.get("/field/session").json["csrf_token"]  # type: ignore[index]
    headers = {"X-CSRFToken": token, "Accept": "application/json", "Upload-Offset": str(at)}
    answer = browser.client.patch(f"/field/uploads/{id}", data=piece, headers=headers)
    assert answer.status_code == status, answer.text[:500]
    return answer.json.get("offset")  # type: ignore[union-attr]


def arrived(browser: Browser, id: str) -> Any:
    return browser.client.get(f"/field/uploads/{id}").json["offset"]  # type: ignore[index]


def test_a_photo_arrives_in_pieces_and_goes_on_where_it_was_cut_off(
    app: Flask, member_browser: Browser
) -> None:
    id, photo, data = str(uuid4()), str(uuid4()), picture()
    send(member_browser, "/field/entries", FORM | {"id": id}, 201)
    path, whole = f"/field/entries/{id}/photo", {"upload": photo, "size": str(len(data))}
    assert arrived(member_browser, photo) == 0
    assert upload(member_browser, photo, 0, data[:300], 200) == 300
    assert upload(member_browser, photo, 0, data[:300], 200) == 300  # the answer was lost
    assert upload(member_browser, photo, 400, data[400:], 409) == 300
    send(member_browser, path, whole, 409)
    assert arrived(member_browser, photo) == 300
    assert upload(member_browser, photo, 300, data[300:], 200) == len(data)
    send(member_browser, path, whole, 200)
    assert markers(app)[0].photo is not None
    assert arrived(member_browser, photo) == 0
    assert not app.extensions["redis"].keys("gerbang:upload:*")


def test_an_upload_is_its_own_accounts(app: Flask, member_browser: Browser, make: Make) -> None:
    id, photo, data = str(uuid4()), str(uuid4()), picture()
    upload(member_browser, photo, 0, data, 200)
    other = _browser(app, make.user("other", Role.MEMBER))
    assert arrived(other, photo) == 0
    send(other, "/field/entries", FORM | {"id": id}, 201)
    send(other, f"/field/entries/{id}/photo", {"upload": photo, "size": str(len(data))}, 409)


@pytest.mark.parametrize("at", ["", "-1", "x", "1e309", "9" * 30])
def test_a_piece_says_where_it_begins(member_browser: Browser, at: str) -> None:
    token = member_browser.client.get("/field/session").json["csrf_token"]  # type: ignore[index]
    headers = {"X-CSRFToken": token, "Accept": "application/json", "Upload-Offset": at}
    answer = member_browser.client.patch(f"/field/uploads/{uuid4()}", data=b"x", headers=headers)
    assert answer.status_code in (413, 422)


def test_uploads_have_an_end(app: Flask, member_browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.markers.uploads.PER_ACCOUNT", 250_000)
    photo = str(uuid4())
    upload(member_browser, photo, 0, b"x" * 1_000_001, 413)
    upload(member_browser, photo, 0, b"x" * 200_000, 200)
    upload(member_browser, str(uuid4()), 0, b"x" * 50_001, 429)
    assert 0 < app.extensions["redis"].ttl(app.extensions["redis"].keys("gerbang:upload:*")[0]) <= 86_400
    monkeypatch.setattr("webapp.markers.uploads.MAX_BYTES", 200_001)
    upload(member_browser, photo, 200_000, b"xx", 413)
