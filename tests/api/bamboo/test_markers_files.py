"""Markers as files, out and in again."""

import csv
import io
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from python_calamine import load_workbook

from tests.callers import Bamboo
from webapp.activity.models import Activity
from webapp.extensions import db
from webapp.markers.models import Marker

MARKERS = "/api/v1/markers"
CLUMP = {"name": "Rumpun", "latitude": "-6.914744", "longitude": "107.60981"}
LOCATIONS = Path(__file__).parents[2] / "data" / "pedestrians" / "locations.csv"
HEAD = "name,latitude,longitude,quantity,owner_contact\n"


def imported(caller: Bamboo, text: str | bytes, status: int = 200, **query: Any) -> Any:
    data = text.encode() if isinstance(text, str) else text
    path = f"{MARKERS}/import"
    return caller.post(path, status, data=data, content_type="text/csv", query_string=query)


def exported(caller: Bamboo, **query: Any) -> list[dict[str, str]]:
    response = caller.raw("GET", f"{MARKERS}/export.csv", query_string=query)
    assert response.status_code == 200
    assert response.content_type == "text/csv; charset=utf-8"
    assert response.data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(response.data.decode("utf-8-sig"))))


def test_the_light_list_is_geojson_too(siti: Bamboo) -> None:
    made = siti.post(MARKERS, 201, json=CLUMP | {"name": 'A "b" <c>'})
    response = siti.raw("GET", f"{MARKERS}/light.geojson")
    assert response.content_type == "application/geo+json"
    feature = {
        "type": "Feature",
        "id": made["id"],
        "geometry": {"type": "Point", "coordinates": [107.60981, -6.914744]},
        "properties": {"short_code": made["short_code"], "name": 'A "b" <c>'},
    }
    assert json.loads(response.data) == {"type": "FeatureCollection", "features": [feature]}


@pytest.mark.parametrize("name", ["light", "export"])
def test_nothing_is_an_empty_collection(siti: Bamboo, name: str) -> None:
    response = siti.raw("GET", f"{MARKERS}/{name}.geojson", query_string={"search": "nothing"})
    assert json.loads(response.data) == {"type": "FeatureCollection", "features": []}


def test_geojson_has_every_field(siti: Bamboo) -> None:
    made = siti.post(MARKERS, 201, json=CLUMP)
    response = siti.raw("GET", f"{MARKERS}/export.geojson")
    assert response.headers["Content-Disposition"].startswith('attachment; filename="markers-')
    (feature,) = json.loads(response.data)["features"]
    assert feature["geometry"]["coordinates"] == [107.60981, -6.914744]
    properties = {name: value for name, value in made.items() if name not in ("id", "latitude", "longitude")}
    assert feature["properties"] == properties


def test_an_export_of_many_is_whole(siti: Bamboo) -> None:
    rows = "".join(f"Rumpun {number},{number / 1000},107,1,\n" for number in range(2_500))
    assert imported(siti, HEAD + rows)["created"] == 2_500
    names = [row["name"] for row in exported(siti)]
    assert sorted(names) == sorted(f"Rumpun {number}" for number in range(2_500))
    features = json.loads(siti.raw("GET", f"{MARKERS}/export.geojson").data)["features"]
    assert len({feature["id"] for feature in features}) == 2_500
    assert len(json.loads(siti.raw("GET", f"{MARKERS}/light.geojson").data)["features"]) == 2_500


def test_an_export_is_filtered_like_a_list(siti: Bamboo) -> None:
    siti.post(MARKERS, 201, json=CLUMP)
    siti.post(MARKERS, 201, json=CLUMP | {"name": "Far", "latitude": 3})
    assert [row["name"] for row in exported(siti, bbox="107,-7,108,-6")] == ["Rumpun"]
    siti.get(f"{MARKERS}/export.csv", 400, bbox="x")


def test_xlsx_opens_with_numbers_as_numbers(siti: Bamboo) -> None:
    siti.post(MARKERS, 201, json=CLUMP | {"name": "=1+1", "quantity": 7})
    response = siti.raw("GET", f"{MARKERS}/export.xlsx", buffered=True)
    head, row = load_workbook(io.BytesIO(response.data)).get_sheet_by_index(0).to_python()
    values = dict(zip(head, row, strict=True))
    assert (values["name"], values["quantity"], values["latitude"]) == ("=1+1", 7, -6.914744)


def test_what_was_exported_is_imported_elsewhere_as_it_was(app: Flask, siti: Bamboo) -> None:
    body = {"name": "=cmd()", "description": "-a\nb; \"c\", 'd'", "strain": "Ori", "owner_contact": "+62812"}
    siti.post(MARKERS, 201, json=CLUMP | body | {"quantity": 3, "owner_name": "'Pak"})
    before = exported(siti)
    assert before[0]["name"] == "'=cmd()"
    data = siti.raw("GET", f"{MARKERS}/export.csv").data
    siti.call("DELETE", f"{MARKERS}/{before[0]['id']}")
    assert imported(siti, data)["created"] == 1
    times = {"created_at": "", "updated_at": ""}
    assert exported(siti)[0] | times == before[0] | times


@pytest.mark.parametrize("kind", ["csv", "xlsx", "geojson"])
def test_every_kind_of_export_is_imported_again(siti: Bamboo, kind: str) -> None:
    clump = CLUMP | {"name": "Rumpun", "strain": "petung", "quantity": 25, "owner_contact": "0812"}
    made = siti.post(MARKERS, 201, json=clump | {"description": "di tepi, sungai"})
    data = siti.raw("GET", f"{MARKERS}/export.{kind}").data
    assert siti.raw("DELETE", f"{MARKERS}/{made['id']}").status_code == 200
    assert siti.post(f"{MARKERS}/import", data={"file": (io.BytesIO(data), f"a.{kind}")})["created"] == 1
    found = siti.get(f"{MARKERS}/{made['id']}")
    changed = {"created_at": "", "updated_at": ""}
    assert found | changed == made | changed


def test_an_import_that_is_sent_again_doubles_nothing(siti: Bamboo, budi: Bamboo, office: Bamboo) -> None:
    siti.post(MARKERS, 201, json=CLUMP)
    data = siti.raw("GET", f"{MARKERS}/export.csv").data
    for caller in (siti, office):
        report = imported(caller, data)
        assert (report["rows"], report["created"], report["known"]) == (1, 0, 1)
    details = imported(budi, data, 400)["details"]
    assert details == {"row 2: id": "Belongs to another marker"}


def test_the_counters_of_auckland_can_be_imported(siti: Bamboo) -> None:
    preview = imported(siti, LOCATIONS.read_bytes(), dry_run=1)
    assert (preview["dry_run"], preview["rows"], preview["created"], preview["errors"]) == (True, 2, 2, [])
    assert preview["sample"][0]["name"] == "107 Quay Street"
    assert siti.get(MARKERS) == []
    assert imported(siti, LOCATIONS.read_bytes())["created"] == 2
    rows = {row["name"]: row for row in siti.get(MARKERS, bbox="174,-37,175,-36")}
    assert set(rows) == {"107 Quay Street", "45 Queen Street"}
    assert rows["107 Quay Street"]["latitude"] == "-36.843015"


def test_every_fault_is_named_with_its_row_and_nothing_is_stored(siti: Bamboo) -> None:
    text = HEAD + "Good,1,2,3,\n\n,91,x,-1,\nToo,1,2,3,4,5\n" + f"Long,1,2,3,{'9' * 51}\n"
    details = imported(siti, text, 400)["details"]
    assert details == {
        "row 4: latitude": "Must be a number from -90 to 90",
        "row 4: longitude": "Must be a number from -180 to 180",
        "row 4: name": "Must not be blank",
        "row 4: quantity": "Must be a whole number, 0 or more",
        "row 5: row": "Has more cells than the heading",
        "row 6: owner_contact": "Must have at most 50 characters",
    }
    preview = imported(siti, text, dry_run="true")
    assert (preview["rows"], preview["created"]) == (4, 0)
    assert preview["errors"][0] == {
        "row": 4,
        "field": "latitude",
        "message": "Must be a number from -90 to 90",
    }
    assert siti.get(MARKERS) == []


def test_a_cell_of_several_lines_is_one_row(siti: Bamboo) -> None:
    text = 'name,description,latitude,longitude\nA,"one\ntwo",1,2\nB,,99,2\n'
    assert list(imported(siti, text, 400)["details"]) == ["row 3: latitude"]


def test_ids_and_codes_are_there_once(siti: Bamboo) -> None:
    taken = siti.post(MARKERS, 201, json=CLUMP)["short_code"]
    one, two = uuid.uuid4(), uuid.uuid4()
    text = (
        "id,short_code,name,latitude,longitude\n"
        f"{one},,A,1,1\n{one},,B,1,1\n{two},{taken.lower()},C,1,1\n,ABCD1234,D,1,1\n,abcd1234,E,1,1\n,x,F,1,1\n"
    )
    assert imported(siti, text, 400)["details"] == {
        "row 3: id": "Is in row 2 already",
        "row 4: short_code": "Belongs to another marker",
        "row 6: short_code": "Is in row 5 already",
        "row 7: short_code": "Must have 8 characters of 0-9 and A-Z",
    }


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("\ufeffname,latitude,longitude\nBambu – Ôri,-6.9,107.6\n", "utf-8"),
        ("name;latitude;longitude\r\nBambu – Ôri;-6,9;107,6\r\n", "cp1252"),
        ("Nama\tLintang\tBujur\nBambu – Ôri\t-6.9\t107.6\n", "utf-16"),
        ("NAME, Lat ,Lng\n Bambu – Ôri , -6.9 , 107.6 ", "utf-8"),
        ('"name","Latitude","Longitude","unknown"\n"Bambu – Ôri","-6.9","107.6"\n', "utf-8"),
    ],
    ids=["bom", "windows", "utf-16-tabs", "spaces", "quotes"],
)
def test_any_spreadsheets_csv_is_read(siti: Bamboo, text: str, encoding: str) -> None:
    imported(siti, text.encode(encoding))
    (row,) = siti.get(MARKERS)
    assert (row["name"], row["latitude"], row["longitude"]) == ("Bambu – Ôri", "-6.9", "107.6")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "Has no column name"),
        (b"latitude,longitude\n1,2\n", "Has no column name"),
        (b"name,latitude\n", "Has no column longitude"),
        (b"name,name,latitude,longitude\n", "Has two columns name"),
        (b'name,latitude,longitude\n"' + b"x" * 200_000, "Is not CSV after row 1"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "Has no column name"),
    ],
    ids=["empty", "no-name", "no-longitude", "twice", "endless-cell", "png"],
)
def test_what_is_no_table_is_400(siti: Bamboo, data: bytes, words: str) -> None:
    before = csv.field_size_limit(131_072)  # which other readers may have raised
    try:
        assert imported(siti, data, 400)["details"]["file"].startswith(words)
    finally:
        csv.field_size_limit(before)


def test_a_nul_in_a_cell_is_a_fault_of_its_row(siti: Bamboo) -> None:
    details = imported(siti, b"name,latitude,longitude\na\x00b,1,2\n", 400)["details"]
    assert details == {"row 2: name": "Must not contain control characters"}


def test_columns_that_say_nothing_are_named(siti: Bamboo) -> None:
    text = "name,latitude,longitude,colour\nA,1,2,green\n"
    assert imported(siti, text, dry_run=1)["ignored_columns"] == ["colour"]


def test_an_import_may_be_a_form(siti: Bamboo) -> None:
    file = (io.BytesIO((HEAD + "A,1,2,3,\n").encode()), "markers.csv")
    assert siti.post(f"{MARKERS}/import", data={"file": file})["created"] == 1
    nothing = {"data": {"x": "1"}, "content_type": "multipart/form-data"}
    assert siti.post(f"{MARKERS}/import", 400, **nothing)["details"] == {"file": "Field is required"}


def test_other_kinds_and_larger_files_are_refused(siti: Bamboo) -> None:
    siti.post(f"{MARKERS}/import", 415, json={})
    imported(siti, b"x" * 10_000_001, 413)
    imported(siti, HEAD, 400, dry_run="maybe")


def test_a_file_of_too_many_rows_is_refused(siti: Bamboo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.markers.spreadsheet.MAX_ROWS", 2)
    assert imported(siti, HEAD + "A,1,2,3,\n" * 2)["created"] == 2
    assert imported(siti, HEAD + "A,1,2,3,\n" * 3, 400)["details"] == {"file": "Must have at most 2 rows"}


def test_thousands_of_faults_end_somewhere(siti: Bamboo) -> None:
    details = imported(siti, HEAD + "A,91,2,3,\n" * 1_500, 400)["details"]
    assert len(details) == 1_001
    assert details["more"] == "500 more faults"


def test_an_import_leaves_one_line_in_the_log(app: Flask, siti: Bamboo, logged: Any) -> None:
    imported(siti, HEAD + "A,1,2,3,\nB,1,2,3,\n")
    lines: list[Activity] = logged(object_type="markers")
    assert [(line.action, line.changes, line.actor_name) for line in lines] == [
        ("import", {"count": [None, 2]}, "siti")
    ]
    with app.app_context():
        markers = db.session.scalars(db.select(Marker)).unique().all()
        assert all(marker.cell and len(marker.short_code) == 8 for marker in markers)
