"""Customers as files (contract 2, Export and Import Pelanggan)."""

import csv
import io
from typing import Any

import pytest
from customer_file import content
from flask import Flask
from python_calamine import load_workbook
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from tests.api.ftth.conftest import Person
from tests.callers import Ftth
from tests.support.factories import Make
from webapp.accounts.models import Role
from webapp.demo.people import Offer, people
from webapp.extensions import limiter
from webapp.subscribers import import_jobs, imports

PATH = "/api/pelanggan"
TEMPLATE = (  # the document's
    "Nama,No KTP,Email,No Telepon,Layanan,Alamat,Tanggal Instalasi (YYYY-MM-DD),ID Brand\n"
    'John Doe,1234567890123456,john@example.com,08123456789,Internet 50Mbps,"Jl. Example No. 123",2024-01-15,JAKINET\n'
)
OFFERS = (Offer("JAKINET", "Internet 50Mbps", 50, 500_000),)


@pytest.fixture(autouse=True)
def package(make: Make) -> int:
    make.brand()
    return make.package()


@pytest.fixture
def siti(person: Person) -> Ftth:
    """A clerk."""
    return person("siti", Role.OPERATOR)


def send(caller: Ftth, table: str | bytes, status: int = 200, name: str = "a.csv", **query: Any) -> Any:
    data = table.encode() if isinstance(table, str) else table
    boundary, form = encode_multipart({"file": FileStorage(io.BytesIO(data), name)})
    kind = f"multipart/form-data; boundary={boundary}"
    return caller.post(f"{PATH}/import", status, data=form, content_type=kind, query_string=query)


def test_the_document_s_template_is_taken_in_and_given_back(siti: Ftth) -> None:
    answer = send(siti, TEMPLATE)
    assert {name: answer[name] for name in ("status", "total_rows", "created", "error_count")} == {
        "status": "done",
        "total_rows": 1,
        "created": 1,
        "error_count": 0,
    }
    (john,) = siti.call("GET", PATH)["data"]
    detail = siti.call("GET", f"{PATH}/{john['id']}")
    assert (detail["no_ktp"], detail["harga_layanan"]["nama_paket"]) == (
        "1234567890123456",
        "Internet 50Mbps",
    )
    response = siti.raw("GET", f"{PATH}/export/csv")
    assert response.content_type == "text/csv; charset=utf-8"
    assert response.data.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(response.data.decode("utf-8-sig")))) == list(
        csv.reader(io.StringIO(TEMPLATE))
    )
    assert siti.raw("GET", f"{PATH}/import/template").data.decode("utf-8-sig").splitlines() == list(
        TEMPLATE.replace('"', "").splitlines()
    )
    undone = siti.post(f"{PATH}/import/{answer['id']}/undo")
    assert (undone["status"], siti.call("GET", PATH)["total_count"]) == ("undone", 0)
    siti.post(f"{PATH}/import/{answer['id']}/undo", 409)


def test_a_preview_tells_everything_and_changes_nothing(siti: Ftth) -> None:
    faulty = TEMPLATE + ",12,a,b,c,,x,NOBODY\n"
    answer = send(siti, faulty, dry_run="true")
    assert (answer["id"], answer["status"], answer["total_rows"], answer["created"]) == (
        None,
        "preview",
        2,
        0,
    )
    assert {fault["field"] for fault in answer["errors"]} == set(TEMPLATE.splitlines()[0].split(",")) - {
        "Layanan"
    }
    assert all(fault["row"] == 3 for fault in answer["errors"])
    assert answer["preview"][0]["nama"] == "John Doe"
    refusal = send(siti, faulty, 422)["detail"]["errors"]
    assert {"field": "row 3: Email", "message": "Email format is invalid"} in refusal
    assert len(refusal) == 7
    assert siti.call("GET", f"{PATH}/import")["total_count"] == 0


def test_a_large_file_is_accepted_and_followed(
    siti: Ftth, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "AT_ONCE", 2)
    answer = send(siti, content(people(3, offers=OFFERS), untidy=True), 202)
    assert (answer["status"], answer["ignored_columns"]) == ("waiting", ["Catatan"])
    with app.app_context():
        import_jobs.run_import(answer["id"])
    one = siti.call("GET", f"{PATH}/import/{answer['id']}")
    assert (one["status"], one["progress"], one["created"]) == ("done", 100, 3)
    assert siti.call("GET", f"{PATH}/import", query_string={"limit": 1})["data"] == [one]


@pytest.mark.parametrize(
    ("data", "status"),
    [(b"", 422), (b"Tanggal;Debet;Kredit\n1;2;3", 422), (b"x" * 10_100_000, 413), (b"x" * 10_300_000, 413)],
    ids=["empty", "another", "over 10 MB", "far over"],
)
def test_what_can_not_be_a_table_of_customers_is_refused(siti: Ftth, data: bytes, status: int) -> None:
    send(siti, data, status)


def test_a_file_is_wanted_as_a_part_of_a_form(siti: Ftth) -> None:
    siti.post(f"{PATH}/import", 415, json={})
    siti.post(f"{PATH}/import", 422, data={"file": "text"}, content_type="multipart/form-data")
    siti.post(f"{PATH}/import", 422, data={}, content_type="multipart/form-data")


def test_viewers_export_and_do_not_import(person: Person, make: Make) -> None:
    viewer = person("viewer", Role.VIEWER)
    make.customer(name="Budi", address="Garut", brand_code="JAKINET")
    make.customer(name="Siti", address="Bandung", email="siti@example.com")
    send(viewer, TEMPLATE, 403)
    for query, names in (
        ({"alamat": "bandung"}, ["Siti"]),
        ({"skip": 1}, ["Siti"]),
        ({"limit": 1}, ["Budi"]),
    ):
        response = viewer.raw("GET", f"{PATH}/export/xlsx", query_string=query)
        rows = load_workbook(io.BytesIO(response.data)).get_sheet_by_index(0).to_python()
        assert [row[0] for row in rows[1:]] == names
    viewer.call("GET", f"{PATH}/export/csv", 422, query_string={"limit": 50_001})


def test_exports_and_imports_are_counted_by_the_hour(siti: Ftth) -> None:
    for _ in range(5):
        siti.raw("GET", f"{PATH}/export/csv")
        siti.raw("GET", f"{PATH}/export/xlsx")
        send(siti, TEMPLATE, dry_run="1")
    assert siti.call("GET", f"{PATH}/export/csv", 429)["retry_after"] > 3_000
    send(siti, TEMPLATE, 429)
    assert limiter.enabled
