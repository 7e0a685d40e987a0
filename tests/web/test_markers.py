"""The pages of markers: who sees and changes what, photos, imports."""

import io
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from PIL import Image
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from tests.callers import Browser
from tests.conftest import _browser
from tests.support.factories import Make
from webapp.accounts.models import Role, User
from webapp.database import transaction
from webapp.extensions import db
from webapp.markers import photos, service
from webapp.markers.models import Marker

FORM = {
    "name": "Rumpun 1",
    "strain": "Petung",
    "quantity": "12",
    "latitude": "-7.2158",
    "longitude": "107.9008",
}


def picture(size: tuple[int, int] = (40, 30)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, "green").save(buffer, "JPEG")
    return buffer.getvalue()


def image(data: bytes, name: str = "a.jpg") -> tuple[io.BytesIO, str]:
    return io.BytesIO(data), name


def register(app: Flask, username: str, **fields: Any) -> UUID:
    """A marker of that account, made by the service that every door uses."""
    with app.app_context(), transaction():
        user = db.session.scalars(select(User).where(User.username == username)).one()
        given = {"name": "Rumpun", "latitude": -7.2, "longitude": 107.9} | fields
        return service.create_marker(given, by=user)[0].id


def markers(app: Flask) -> list[Marker]:
    with app.app_context():
        return list(db.session.scalars(select(Marker).order_by(Marker.name)))


@pytest.fixture
def member_browser(app: Flask, make: Make) -> Browser:
    return _browser(app, make.user("member_b", Role.MEMBER))


def test_a_member_registers_a_marker_with_a_photo(app: Flask, member_browser: Browser) -> None:
    answer = member_browser.submit("/markers/new", FORM | {"image": image(picture())})
    (made,) = markers(app)
    assert answer.location == f"/markers/{made.id}"
    assert (made.name, made.strain, made.quantity, str(made.latitude)) == (
        "Rumpun 1",
        "Petung",
        12,
        "-7.21580000",
    )
    page = member_browser.open(answer.location)
    assert made.short_code in page
    assert "<svg" in page
    assert f"/marker/{made.short_code}/photo.jpg" in page
    with app.app_context():
        assert photos.load(str(made.photo), "small").startswith(b"\xff\xd8")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 101),
        ("name", "a\x07b"),
        ("latitude", "91"),
        ("latitude", "NaN"),
        ("latitude", "Infinity"),
        ("longitude", "1e309"),
        ("longitude", "-180.1"),
        ("quantity", "-1"),
        ("quantity", "1.5"),
        ("quantity", str(2**31)),
        ("strain", "x" * 101),
        ("owner_contact", "x" * 51),
        ("image", None),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    app: Flask, member_browser: Browser, field: str, value: str | None
) -> None:
    bad = value if value is not None else image(b"<svg onload=alert(1)>", "a.jpg")
    answer = member_browser.submit("/markers/new", FORM | {field: bad}, 422)
    assert f'id="error-{field}"' in answer.text
    assert markers(app) == []


def test_a_refused_form_keeps_no_photo(app: Flask, member_browser: Browser) -> None:
    folder = app.config["GERBANG"].data_dir / "files"
    before = {*folder.rglob("*.jpg")}
    member_browser.submit("/markers/new", FORM | {"latitude": "91", "image": image(picture())}, 422)
    assert {*folder.rglob("*.jpg")} == before


def test_a_photo_and_other_fields_are_wrong_at_once(member_browser: Browser) -> None:
    answer = member_browser.submit("/markers/new", {"name": "", "image": image(b"GIF89a")}, 422).text
    assert 'id="error-name"' in answer
    assert 'id="error-image"' in answer


def test_a_body_beyond_the_limit_is_refused_unread(member_browser: Browser) -> None:
    announced = {"CONTENT_LENGTH": str(200_000_000), "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    answer = member_browser.client.post("/markers/new", data=b"--x", environ_overrides=announced)
    assert answer.status_code == 413


def test_a_photo_may_be_larger_than_other_forms(app: Flask, member_browser: Browser) -> None:
    assert send_large(member_browser, picture() + b"\0" * 9_000_000) == 303
    assert markers(app)[0].photo is not None
    assert send_large(member_browser, picture() + b"\0" * 10_000_000) == 422
    assert len(markers(app)) == 1


def send_large(browser: Browser, data: bytes) -> int:
    """The status for a form with such a photo. The test client's own encoder would leave a file open."""
    form = FORM | {"csrf_token": browser.csrf_token(), "image": FileStorage(io.BytesIO(data), "a.jpg")}
    boundary, body = encode_multipart(form)
    kind = f"multipart/form-data; boundary={boundary}"
    return browser.client.post("/markers/new", data=body, content_type=kind).status_code


def test_editing_changes_what_was_typed_and_empties_what_was_emptied(
    app: Flask, member_browser: Browser
) -> None:
    id = register(app, "member_b", strain="Tali", owner_name="Asep")
    assert 'value="Tali"' in member_browser.open(f"/markers/{id}/edit")
    member_browser.submit(f"/markers/{id}/edit", FORM | {"strain": ""})
    (changed,) = markers(app)
    assert (changed.name, changed.strain, changed.owner_name) == ("Rumpun 1", "", "")


def test_a_new_photo_takes_the_old_ones_place_and_can_be_deleted(app: Flask, member_browser: Browser) -> None:
    member_browser.submit("/markers/new", FORM | {"image": image(picture())})
    before = markers(app)[0]
    member_browser.submit(f"/markers/{before.id}/edit", FORM | {"image": image(picture((50, 50)))})
    after = markers(app)[0]
    assert after.photo not in (None, before.photo)
    member_browser.submit(f"/markers/{before.id}/photo/delete")
    assert markers(app)[0].photo is None


def test_a_member_sees_only_its_own(app: Flask, member_browser: Browser, make: Make) -> None:
    make.user("other", Role.MEMBER)
    theirs = register(app, "other", name="Milik orang")
    register(app, "member_b", name="Milik saya")
    listed = member_browser.open("/markers/rows")
    assert "Milik saya" in listed
    assert "Milik orang" not in listed
    for path in (
        f"/markers/{theirs}",
        f"/markers/{theirs}/edit",
        f"/map/{theirs}/panel",
        f"/map/{theirs}/edit",
    ):
        member_browser.open(path, 404)
    member_browser.submit(f"/markers/{theirs}/delete", status=404)
    member_browser.submit(f"/markers/{theirs}/edit", FORM, 404)
    assert "Milik orang" not in member_browser.open(f"/markers/labels?marker={theirs}")
    assert len(markers(app)) == 2


def test_a_viewer_sees_all_and_is_offered_no_change(app: Flask, viewer_browser: Browser, make: Make) -> None:
    make.user("other", Role.MEMBER)
    id = register(app, "other", owner_contact="0812345")
    for page in (
        viewer_browser.open(f"/markers/{id}"),
        viewer_browser.open(f"/map/{id}/panel", htmx=True),
        viewer_browser.open("/markers/rows"),
    ):
        assert str(id) in page
        assert f"/markers/{id}/edit" not in page
        assert f"/markers/{id}/delete" not in page
    viewer_browser.open(f"/markers/{id}/edit", 403)
    viewer_browser.submit(f"/markers/{id}/edit", FORM, 403)
    viewer_browser.submit(f"/markers/{id}/delete", status=403)


def test_an_operator_changes_and_deletes_any(app: Flask, operator_browser: Browser, make: Make) -> None:
    make.user("other", Role.MEMBER)
    id = register(app, "other")
    operator_browser.submit(f"/markers/{id}/edit", FORM)
    assert operator_browser.submit(f"/markers/{id}/delete").location == "/markers"
    assert markers(app) == []


def test_a_delete_from_the_panel_tells_the_map(app: Flask, member_browser: Browser) -> None:
    id = register(app, "member_b")
    answer = member_browser.submit(f"/markers/{id}/delete", status=200, htmx=True)
    assert answer.text == ""
    assert "markers-changed" in answer.headers["HX-Trigger"]


def test_filters_and_order(app: Flask, viewer_browser: Browser) -> None:
    register(app, "viewer_b", name="Alpha", strain="Tali", quantity=2)
    register(app, "viewer_b", name="Beta", strain="Petung", quantity=1)
    assert "Beta" not in viewer_browser.open("/markers/rows?strain=Tali")
    assert "Alpha" not in viewer_browser.open("/markers/rows?search=bet")
    assert "empty-state" in viewer_browser.open("/markers/rows?until=2020-01-01")
    assert "empty-state" in viewer_browser.open("/markers/rows?since=2090-01-01")
    assert "Alpha" in viewer_browser.open("/markers/rows?mine=1")
    upwards = viewer_browser.open("/markers/rows?sort=quantity")
    assert upwards.index("Beta") < upwards.index("Alpha")
    downwards = viewer_browser.open("/markers/rows?sort=-quantity")
    assert downwards.index("Alpha") < downwards.index("Beta")


def test_nonsense_in_the_address_is_no_error(app: Flask, viewer_browser: Browser) -> None:
    register(app, "viewer_b", name="Alpha")
    queries = ["page=x", "sort=;drop", "since=2025-02-30", "bbox=1,2", "bbox=nan,0,1,1", "until=x", "mine=9"]
    for query in [*queries, "since=99999999999", "zoom=x", "page=99999"]:
        assert "Alpha" in viewer_browser.open(f"/markers?{query}"), query
        assert "Alpha" in viewer_browser.open(f"/map?{query}"), query


def test_an_empty_list_says_what_to_do(member_browser: Browser) -> None:
    assert "/markers/new" in member_browser.open("/markers/rows")


UNKNOWN = "00000000-0000-4000-8000-000000000001"


@pytest.mark.parametrize("path", ["/markers", "/map", "/field", "/markers/labels", f"/markers/{UNKNOWN}"])
def test_who_is_not_signed_in_is_sent_to_sign_in(visitor: Browser, path: str) -> None:
    assert "/sign-in" in visitor.client.get(path).location


def test_an_import_is_looked_at_first_and_then_confirmed(app: Flask, member_browser: Browser) -> None:
    table = b"name,latitude,longitude,warna\nSatu,-7.1,107.1,hijau\nDua,-7.2,107.2,kuning\n"
    page = member_browser.submit("/markers/import", {"file": image(table, "a.csv")}, 200).text
    assert "Satu" in page
    assert "warna" in page
    assert markers(app) == []
    digest = page.split('name="digest" value="')[1][:64]
    assert member_browser.submit("/markers/import/confirm", {"digest": digest}).location == "/markers"
    assert [row.name for row in markers(app)] == ["Dua", "Satu"]
    again = member_browser.submit("/markers/import/confirm", {"digest": digest}, 422)
    assert 'id="error-file"' in again.text
    assert len(markers(app)) == 2


def test_an_import_with_faults_names_them_all_and_registers_nothing(
    app: Flask, member_browser: Browser
) -> None:
    table = b"name,latitude,longitude\nSatu,91,107.1\n,-7.2,107.2\nTiga,-7.3,107.3\n"
    page = member_browser.submit("/markers/import", {"file": image(table, "a.csv")}, 422).text
    assert "<td>2</td><td>latitude</td>" in page
    assert "<td>3</td><td>name</td>" in page
    assert 'name="digest"' not in page
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Marker)) == 0


@pytest.mark.parametrize("table", [b"", b"\x89PNG\r\n", b"a,b\n1,2\n", b"name,lat\n"])
def test_what_is_no_table_is_a_message(member_browser: Browser, table: bytes) -> None:
    answer = member_browser.submit("/markers/import", {"file": image(table, "a.csv")}, 422)
    assert 'id="error-file"' in answer.text


def test_nobody_confirms_what_another_one_sent(
    app: Flask, member_browser: Browser, viewer_browser: Browser
) -> None:
    table = b"name,latitude,longitude\nSatu,1,1\n"
    page = member_browser.submit("/markers/import", {"file": image(table, "a.csv")}, 200).text
    digest = page.split('name="digest" value="')[1][:64]
    viewer_browser.submit("/markers/import/confirm", {"digest": digest}, 422)
    assert markers(app) == []


def test_exports_say_what_the_list_says_and_a_csv_can_be_imported_again(
    app: Flask, member_browser: Browser, viewer_browser: Browser
) -> None:
    register(app, "member_b", name="=1+1", strain="Tali", description="dua\nbaris")
    register(app, "member_b", name="Lain")
    table = viewer_browser.client.get("/markers/export.csv?strain=Tali").data
    assert b"'=1+1" in table
    assert b"Lain" not in table
    page = member_browser.submit("/markers/import", {"file": image(table, "a.csv")}, 200).text
    assert 'name="digest"' in page
    book = viewer_browser.client.get("/markers/export.xlsx", buffered=True)
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book.data)).get_sheet_by_index(0).to_python()
    assert [row[2] for row in sheet] == ["name", "Lain", "=1+1"]


def test_geojson_is_for_other_maps(app: Flask, member_browser: Browser, viewer_browser: Browser) -> None:
    assert viewer_browser.client.get("/markers/export.geojson").get_json(force=True)["features"] == []
    id = register(app, "viewer_b", name="Satu")
    answer = viewer_browser.client.get("/markers/export.geojson")
    assert answer.content_type == "application/geo+json"
    (feature,) = answer.get_json(force=True)["features"]
    assert feature["id"] == str(id)
    assert feature["geometry"] == {"type": "Point", "coordinates": [107.9, -7.2]}
    assert feature["properties"]["name"] == "Satu"
    assert "cell" not in feature["properties"]
    others = member_browser.client.get("/markers/export.geojson").get_json(force=True)
    assert others == {"type": "FeatureCollection", "features": []}
