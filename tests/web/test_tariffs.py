"""The pages of tariffs."""

import csv
import io
import re

import pytest
from flask import Flask

from tests.callers import Browser
from tests.support.factories import GateRef, Make
from webapp import config
from webapp.kit import clock
from webapp.web.forms import local_moment

ONE = "/tariffs/kerkof_01/gate01/motor"


@pytest.fixture(autouse=True)
def gate(make: Make) -> GateRef:
    return make.open_gate()


def at(app: Flask, seconds: int) -> str:
    with app.app_context():
        return local_moment(seconds)


@pytest.mark.parametrize("typed", ["3000", "3.000", "Rp 3.000", "3.000,00"])
def test_prices_are_read_as_people_write_them(operator_browser: Browser, typed: str) -> None:
    operator_browser.submit(f"{ONE}/edit", {"price": typed})
    assert "Rp 3.000" in operator_browser.open(ONE)


@pytest.mark.parametrize("typed", ["", "-1", "3,5", "abc", "1e3", "1.00", "9" * 14, "٣"])
def test_what_is_no_price_is_refused_beside_the_field(operator_browser: Browser, typed: str) -> None:
    assert 'id="error-price"' in operator_browser.submit(f"{ONE}/edit", {"price": typed}, 422).text
    assert 'id="error-price"' in operator_browser.submit(f"{ONE}/edit", {"price": typed}, 422, htmx=True).text


def test_a_change_from_now_leaves_what_passed_before(
    operator_browser: Browser, make: Make, gate: GateRef
) -> None:
    now = clock.unix()
    operator_browser.submit(f"{ONE}/edit", {"price": "7000"})
    make.events(gate, now - 60, now + 30)
    rows = operator_browser.open("/events/rows")
    assert "Rp 7.000" in rows
    assert "Rp 2.000" in rows


def test_a_planned_price_shows_everywhere_and_can_be_taken_back(
    app: Flask, operator_browser: Browser
) -> None:
    later = at(app, clock.unix() + 7200)
    row = operator_browser.submit(f"{ONE}/edit", {"price": "8000", "effective_from": later}, 200, htmx=True)
    assert "Rp 2.000" in row.text
    assert "Rp 8.000" in row.text
    assert "Rp 8.000" in operator_browser.open("/gates/kerkof_01/gate01")
    found = re.search(rf"{ONE}/changes/\d+/delete", operator_browser.open(ONE))
    assert found
    operator_browser.submit(found[0])
    assert "Rp 8.000" not in operator_browser.open(ONE)


def test_the_history_says_who_and_when(operator_browser: Browser) -> None:
    operator_browser.submit(f"{ONE}/edit", {"price": "3000"})
    page = operator_browser.open(ONE)
    assert "Operator_B" in page
    assert page.index("Rp 3.000") < page.index("Rp 2.000")


def test_creating_needs_a_category_without_a_price_at_the_gate(operator_browser: Browser, make: Make) -> None:
    bare = make.gate(code="gate02")
    form = {"gate": "kerkof_01/gate02", "category": "car", "price": "500"}
    assert operator_browser.submit("/tariffs/new", form).location == "/tariffs/kerkof_01/gate02/car"
    assert 'id="error-category"' in operator_browser.submit("/tariffs/new", form, 409).text
    assert (
        'id="error-category"'
        in operator_browser.submit("/tariffs/new", form | {"category": "tank"}, 422).text
    )
    operator_browser.submit("/tariffs/new", form | {"gate": "kerkof_01/\0"}, 404)
    assert bare.id


@pytest.mark.parametrize("moment", ["yesterday", "2026-13-01T00:00", "9999-01-01T00:00", "0001-01-01T00:00"])
def test_a_moment_that_can_not_be_is_refused_beside_the_field(operator_browser: Browser, moment: str) -> None:
    form = {"price": "1", "effective_from": moment}
    assert 'id="error-effective_from"' in operator_browser.submit(f"{ONE}/edit", form, 422).text


def test_moments_are_in_business_time(app: Flask, operator_browser: Browser) -> None:
    with app.app_context():
        zone = config.current().timezone
    operator_browser.submit(f"{ONE}/edit", {"price": "1", "effective_from": "2026-01-31T08:00"})
    text = operator_browser.client.get("/tariffs/export.csv?category=motor").get_data(as_text=True)
    assert "2026-01-31 08:00:00" in text
    assert zone.key == "Asia/Jakarta"


def test_only_an_admin_deletes(admin_browser: Browser, operator_browser: Browser) -> None:
    operator_browser.submit(f"{ONE}/delete", status=403)
    admin_browser.submit(f"{ONE}/delete")
    admin_browser.open(ONE, 404)


def test_a_viewer_reads_and_does_not_write(viewer_browser: Browser) -> None:
    assert '<form class="card page-form"' not in viewer_browser.open(ONE)
    viewer_browser.submit(f"{ONE}/edit", {"price": "1"}, 403)
    viewer_browser.submit("/tariffs/new", {}, 403)


def test_the_export_has_one_line_a_price_in_force(viewer_browser: Browser) -> None:
    text = viewer_browser.client.get("/tariffs/export.csv").get_data(as_text=True)
    rows = list(csv.reader(io.StringIO(text)))[1:]
    assert [(row[2], row[3]) for row in rows] == [("person_walk", "1000"), ("motor", "2000"), ("car", "5000")]
