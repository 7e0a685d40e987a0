"""Importing customers in the browser: looked at first, confirmed, watched, undone."""

import io
from typing import Any

import pytest
from customer_file import content
from flask import Flask
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage

from tests.callers import Browser
from tests.support.factories import Make
from webapp.demo.people import Offer, people
from webapp.extensions import db
from webapp.subscribers import import_jobs, imports
from webapp.subscribers.models import Customer

OFFERS = (Offer("JAKINET", "Internet 50Mbps", 50, 500_000),)


@pytest.fixture(autouse=True)
def package(make: Make) -> int:
    make.brand()
    return make.package()


def table(count: int = 3, **how: Any) -> bytes:
    return content(people(count, offers=OFFERS), **how)


def chosen(data: bytes) -> dict[str, Any]:
    return {"file": FileStorage(io.BytesIO(data), "pelanggan.csv")}


def looked_at(browser: Browser, data: bytes) -> dict[str, str]:
    """The form that confirms a file."""
    page = browser.submit("/imports/new", chosen(data), 200).text
    return {"digest": page.split('name="digest" value="')[1][:64], "name": "pelanggan.csv"}


def customers(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Customer)) or 0


def test_a_file_is_looked_at_confirmed_and_undone(app: Flask, operator_browser: Browser) -> None:
    assert "/imports/new" in operator_browser.open("/imports")
    page = operator_browser.submit("/imports/new", chosen(table(untidy=True)), 200).text
    assert next(people(1)).name in page
    assert "Catatan" in page
    assert customers(app) == 0
    answer = operator_browser.submit("/imports/confirm", looked_at(operator_browser, table()))
    page = operator_browser.open(answer.location)
    assert customers(app) == 3
    assert f"{answer.location}/undo" in page
    assert "pelanggan.csv" in operator_browser.open("/imports/rows", htmx=True)
    assert operator_browser.submit(f"{answer.location}/undo").location == answer.location
    assert customers(app) == 0
    assert f"{answer.location}/undo" not in operator_browser.open(answer.location)


def test_faults_are_listed_by_row_and_column(app: Flask, operator_browser: Browser) -> None:
    twice = table(1).decode("utf-8-sig").splitlines()
    page = operator_browser.submit("/imports/new", chosen("\n".join([*twice, twice[1]]).encode()), 422).text
    assert ">3</td>" in page
    assert "No KTP" in page
    assert 'name="digest"' not in page


@pytest.mark.parametrize("data", [b"", b"Tanggal;Debet\n1;2", table(0), b"PK\x03\x04"])
def test_what_is_no_table_of_customers_is_a_message(operator_browser: Browser, data: bytes) -> None:
    assert 'id="error-file"' in operator_browser.submit("/imports/new", chosen(data), 422).text


def test_a_large_file_is_watched(
    app: Flask, operator_browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "AT_ONCE", 2)
    place = operator_browser.submit("/imports/confirm", looked_at(operator_browser, table())).location
    assert 'hx-trigger="load delay:1s"' in operator_browser.open(f"{place}/progress", htmx=True)
    with app.app_context():
        import_jobs.run_import(place.rsplit("/", 1)[1])
    answer = operator_browser.client.get(f"{place}/progress", headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == place
    assert customers(app) == 3


def test_a_file_is_confirmed_once_and_somebody_may_be_faster(
    app: Flask, make: Make, operator_browser: Browser
) -> None:
    form = looked_at(operator_browser, table())
    make.customer(national_id=next(people(1)).national_id)
    assert "No KTP" in operator_browser.submit("/imports/confirm", form, 409).text
    operator_browser.submit("/imports/confirm", form, 422)
    assert customers(app) == 1


def test_viewers_do_not_import(viewer_browser: Browser) -> None:
    assert viewer_browser.client.get("/imports").status_code == 403
    viewer_browser.submit("/imports/new", chosen(table()), 403)


def test_the_template_is_the_document_s(operator_browser: Browser) -> None:
    lines = operator_browser.client.get("/imports/template.csv").data.decode("utf-8-sig").splitlines()
    assert lines[0] == "Nama,No KTP,Email,No Telepon,Layanan,Alamat,Tanggal Instalasi (YYYY-MM-DD),ID Brand"
    assert lines[1].startswith("John Doe,1234567890123456,")
