"""Photos of markers: sent with a form, shown to anyone who knows the code, and never dearer than their marker."""

import uuid
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from rq import Queue
from rq.serializers import JSONSerializer

from tests.callers import Bamboo, Browser
from tests.support.pictures import opened, picture
from webapp.errors import NotFound
from webapp.extensions import db
from webapp.markers import photos
from webapp.markers.jobs import delete_photo
from webapp.markers.models import Marker
from webapp.storage import storage
from webapp.storage.folder import Folder

MARKERS = "/api/v1/markers"
FORM = {"name": "Rumpun", "latitude": "-6.9", "longitude": "107.6", "quantity": "3"}


def sent(caller: Bamboo, method: str, path: str, image: bytes | None, **fields: Any) -> Any:
    """The whole answer to a form."""
    data: dict[str, Any] = dict(fields)
    if image is not None:
        data["image"] = (BytesIO(image), "photo.jpg")
    return caller.raw(method, path, data=data, content_type="multipart/form-data")


def path_of(url: str) -> str:
    assert url.startswith("http://localhost/marker/")
    return url.removeprefix("http://localhost")


def names_in_storage(app: Flask) -> set[str]:
    folder = Path(app.config["GERBANG"].data_dir) / "files" / "markers"
    return {path.name.partition("-")[0] for path in folder.glob("*.jpg")} if folder.exists() else set()


@pytest.fixture(autouse=True)
def _empty_storage(app: Flask) -> None:
    with app.app_context():
        for name in names_in_storage(app):
            photos.delete(name)


@pytest.fixture
def broken(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The store is away until `broken.undo()`."""
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setitem(app.extensions, "storage", Folder(tmp_path / "file"))
    return monkeypatch


def test_a_marker_comes_with_its_photo(siti: Bamboo, visitor: Browser) -> None:
    answer = sent(siti, "POST", MARKERS, picture(800, 600), **FORM)
    assert answer.status_code == 201
    made = answer.json["data"]
    assert (made["quantity"], made["latitude"]) == (3, "-6.9")
    shown = visitor.client.get(path_of(made["image_url"]))
    assert shown.status_code == 200
    assert shown.content_type == "image/jpeg"
    assert opened(shown.data).size == (800, 600)
    assert shown.headers["Cache-Control"] == "public, max-age=86400"
    small = visitor.client.get(f"/marker/{made['short_code']}/photo.jpg?size=small")
    assert opened(small.data).size == (320, 240)
    assert small.headers["Cache-Control"] == "public, no-cache"
    again = visitor.client.get(path_of(made["image_url"]), headers={"If-None-Match": shown.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("query", ["?size=huge", "?size=../large"])
def test_there_are_two_sizes_and_no_others(siti: Bamboo, visitor: Browser, query: str) -> None:
    code = sent(siti, "POST", MARKERS, picture(), **FORM).json["data"]["short_code"]
    assert visitor.client.get(f"/marker/{code}/photo.jpg{query}").status_code == 404


def test_no_photo_is_404(siti: Bamboo, visitor: Browser) -> None:
    code = siti.post(MARKERS, 201, json=FORM)["short_code"]
    assert visitor.client.get(f"/marker/{code}/photo.jpg").status_code == 404
    assert visitor.client.get("/marker/ZZZZZZZZ/photo.jpg").status_code == 404


def test_a_form_without_a_photo_is_fine(siti: Bamboo) -> None:
    assert sent(siti, "POST", MARKERS, None, **FORM).json["data"]["image_url"] is None
    nothing_chosen = siti.raw("POST", MARKERS, data=FORM)
    assert nothing_chosen.status_code == 201


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (b"hello", "Must be a photo"),
        (b"", "Is damaged"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "Must be a photo"),
        (picture(1, 60_000, "PNG"), "Is too narrow"),
        (picture()[:2_000], "Is damaged"),
    ],
    ids=["text", "empty", "svg", "strip", "torn"],
)
def test_what_is_no_photo_is_400_and_makes_no_marker(siti: Bamboo, image: bytes, words: str) -> None:
    answer = sent(siti, "POST", MARKERS, image, **FORM)
    assert answer.status_code == 400
    assert answer.json["meta"]["details"]["image"].startswith((words, "Must be a photo"))
    assert siti.get(MARKERS) == []


def test_a_photo_that_is_only_text_is_400(siti: Bamboo) -> None:
    form = {"data": FORM | {"image": "not a file"}, "content_type": "multipart/form-data"}
    assert siti.post(MARKERS, 400, **form)["details"] == {"image": "Must be a file"}


def test_a_png_by_the_name_of_a_jpeg_is_fine(siti: Bamboo) -> None:
    assert sent(siti, "POST", MARKERS, picture(kind="PNG"), **FORM).status_code == 201


@pytest.mark.parametrize("size", [10_000_001, 11_000_000, 200_000_000])
def test_more_than_ten_megabytes_are_413(siti: Bamboo, size: int) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n'
    body = head + bytes(size) + b"\r\n--x--\r\n"
    siti.post(MARKERS, 413, data=body, content_type="multipart/form-data; boundary=x")


def test_a_bad_field_stores_no_photo(app: Flask, siti: Bamboo) -> None:
    assert sent(siti, "POST", MARKERS, picture(), **FORM | {"latitude": "91"}).status_code == 400
    made = siti.post(MARKERS, 201, json=FORM)
    assert sent(siti, "PUT", f"{MARKERS}/{uuid.uuid4()}", picture()).status_code == 404
    assert names_in_storage(app) == set()
    assert siti.get(f"{MARKERS}/{made['id']}")["image_url"] is None


def test_nobody_else_may_change_a_photo(app: Flask, siti: Bamboo, budi: Bamboo) -> None:
    made = siti.post(MARKERS, 201, json=FORM)
    assert sent(budi, "PUT", f"{MARKERS}/{made['id']}", picture()).status_code == 404
    assert names_in_storage(app) == set()


def test_another_photo_takes_its_place_and_the_old_one_goes(
    app: Flask, siti: Bamboo, visitor: Browser
) -> None:
    made = sent(siti, "POST", MARKERS, picture(800, 600), **FORM).json["data"]
    (old,) = names_in_storage(app)
    changed = sent(siti, "PUT", f"{MARKERS}/{made['id']}", picture(600, 800)).json["data"]
    assert changed["image_url"] != made["image_url"]
    assert changed["name"] == "Rumpun"
    assert opened(visitor.client.get(path_of(changed["image_url"])).data).size == (600, 800)
    assert waiting(app) == [old]
    with app.app_context():
        delete_photo(old)
    assert len(names_in_storage(app)) == 1


def test_a_deleted_marker_takes_its_photo_along(app: Flask, siti: Bamboo) -> None:
    made = sent(siti, "POST", MARKERS, picture(), **FORM).json["data"]
    (name,) = names_in_storage(app)
    siti.call("DELETE", f"{MARKERS}/{made['id']}")
    assert waiting(app) == [name]


def waiting(app: Flask) -> list[str]:
    """The photos that jobs will delete."""
    queue = Queue("low", connection=app.extensions["redis"], serializer=JSONSerializer)
    return [job.args[0] for job in queue.jobs if job.func_name == delete_photo.path]


def test_a_store_that_is_away_costs_the_photo_and_not_the_marker(
    app: Flask, siti: Bamboo, visitor: Browser, broken: pytest.MonkeyPatch
) -> None:
    id = str(uuid.uuid4())
    answer = sent(siti, "POST", MARKERS, picture(), **FORM, id=id)
    assert answer.status_code == 201
    assert answer.json["meta"]["warnings"] == {"image": "Could not be stored now, please send it again"}
    assert answer.json["data"]["image_url"] is None
    broken.undo()
    again = sent(siti, "POST", MARKERS, picture(), **FORM, id=id)
    assert again.status_code == 200
    assert "warnings" not in again.json["meta"]
    assert visitor.client.get(path_of(again.json["data"]["image_url"])).status_code == 200


def test_a_retry_does_not_store_a_photo_twice(app: Flask, siti: Bamboo) -> None:
    id = str(uuid.uuid4())
    first = sent(siti, "POST", MARKERS, picture(), **FORM, id=id).json["data"]
    (name,) = names_in_storage(app)
    assert sent(siti, "POST", MARKERS, picture(), **FORM, id=id).json["data"] == first
    (left,) = names_in_storage(app) - set(waiting(app))
    assert left == name


def test_a_store_that_is_away_keeps_the_other_changes(siti: Bamboo, broken: pytest.MonkeyPatch) -> None:
    made = siti.post(MARKERS, 201, json=FORM)
    answer = sent(siti, "PUT", f"{MARKERS}/{made['id']}", picture(), quantity="9")
    assert answer.status_code == 200
    assert answer.json["data"]["quantity"] == 9
    assert list(answer.json["meta"]["warnings"]) == ["image"]


def test_a_photo_that_cannot_be_read_now_is_503(
    app: Flask, siti: Bamboo, visitor: Browser, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = sent(siti, "POST", MARKERS, picture(), **FORM).json["data"]
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setitem(app.extensions, "storage", Folder(tmp_path / "file"))
    assert visitor.client.get(path_of(made["image_url"])).status_code == 503


def test_deleting_a_photo_twice_is_fine(app: Flask, siti: Bamboo) -> None:
    sent(siti, "POST", MARKERS, picture(), **FORM)
    (name,) = names_in_storage(app)
    with app.app_context():
        delete_photo(name)
        delete_photo(name)
        with pytest.raises(NotFound):
            storage().get(f"markers/{name}-large.jpg")


def test_links_lead_where_the_settings_say(app: Flask, siti: Bamboo, monkeypatch: pytest.MonkeyPatch) -> None:
    config = app.config["GERBANG"].model_copy(update={"DEEP_LINK_BASE_URL": "https://peta.example.com"})
    monkeypatch.setitem(app.config, "GERBANG", config)
    made = sent(siti, "POST", MARKERS, picture(), **FORM).json["data"]
    with app.app_context():
        name = db.session.get_one(Marker, uuid.UUID(made["id"])).photo
    assert name is not None
    start = f"https://peta.example.com/marker/{made['short_code']}/photo.jpg"
    assert made["image_url"] == f"{start}?size=large&v={name[:8]}"
