"""Browsing events and taking them along."""

import csv
import io
import re
from html import unescape

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook

from tests.callers import Browser
from tests.support.factories import GateRef, Make
from webapp import config
from webapp.kit import clock
from webapp.web import exports


@pytest.fixture
def gate(make: Make) -> GateRef:
    return make.open_gate()


@pytest.fixture
def midnight(app: Flask) -> int:
    """When today began."""
    with app.app_context():
        zone = config.current().timezone
        return clock.day_bounds(clock.today(zone), zone)[0]


def count(page: str) -> int:
    return page.count('class="money"')


def test_without_a_filter_today_shows(
    viewer_browser: Browser, make: Make, gate: GateRef, midnight: int
) -> None:
    make.events(gate, midnight - 1, midnight)
    assert count(viewer_browser.open("/events")) == 1


def test_a_day_and_a_minute_are_both_included(viewer_browser: Browser, make: Make, gate: GateRef) -> None:
    make.events(
        gate, "2026-01-31 23:59:59", "2026-02-01 00:00:00", "2026-02-01 08:30:59", "2026-02-01 08:31:00"
    )
    assert count(viewer_browser.open("/events/rows?since=2026-01-31&until=2026-01-31")) == 1
    assert count(viewer_browser.open("/events/rows?since=2026-02-01T00:00&until=2026-02-01T08:30")) == 2
    assert count(viewer_browser.open("/events/rows?since=2026-01-01&until=2026-12-31")) == 4


def test_older_and_newer_pages_hold_every_event_once(
    viewer_browser: Browser, make: Make, gate: GateRef, midnight: int
) -> None:
    make.events(gate, *[midnight + 7] * 70, *[midnight + 5] * 60)
    page = viewer_browser.open("/events")
    assert count(page) == 50
    older = unescape(re.findall(r'href="(/events\?[^"]*before=[^"]*)"', page)[0])
    second = viewer_browser.open(older)
    third = viewer_browser.open(unescape(re.findall(r'href="(/events\?[^"]*before=[^"]*)"', second)[0]))
    assert (count(second), count(third)) == (50, 30)
    assert "before=" not in third.split('id="events-rows"')[1]
    newer = unescape(re.findall(r'href="(/events\?[^"]*after=[^"]*)"', third)[0])
    assert viewer_browser.open(newer).split('id="events-rows"')[1].count("<tr>") == 51


def test_filters_by_place_and_category(
    viewer_browser: Browser, make: Make, gate: GateRef, midnight: int
) -> None:
    other = make.open_gate("pasar_01", "gate01")
    make.events(gate, midnight, category="car")
    make.events(other, midnight, midnight)
    assert count(viewer_browser.open("/events/rows?location=pasar_01")) == 2
    assert count(viewer_browser.open("/events/rows?gate=kerkof_01/gate01")) == 1
    assert count(viewer_browser.open("/events/rows?category=car")) == 1
    assert count(viewer_browser.open("/events/rows?gate=no/where")) == 0


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("since=tomorrow", "since"),
        ("since=2026-02-30", "since"),
        ("until=9999-12-31", "until"),
        ("since=0001-01-01", "since"),
        ("since=2026-02-02&until=2026-02-01", "until"),
        ("since=2999-01-01&until=2999-01-02", "since"),
    ],
)
def test_a_bad_period_is_a_message_beside_its_field(viewer_browser: Browser, query: str, field: str) -> None:
    page = viewer_browser.open(f"/events?{query}", 422)
    assert re.search(rf'id="error-{field}"[^>]*>[^<]+<', page)
    fragment = viewer_browser.open(f"/events/rows?{query}", 422, htmx=True)
    assert re.search(rf'id="error-{field}" hx-swap-oob="true">[^<]+<', fragment)


@pytest.mark.parametrize(
    "place", ["x", "1", "1.", "-1.5", "1.2.3", "9" * 60 + ".1", "1.99999999999999999999"]
)
def test_a_bad_place_in_the_list_is_no_crash(viewer_browser: Browser, place: str) -> None:
    viewer_browser.open(f"/events?before={place}", 422)
    viewer_browser.open(f"/events?after={place}", 422)


def test_both_exports_hold_the_filtered_events(viewer_browser: Browser, make: Make, gate: GateRef) -> None:
    make.events(gate, "2026-02-01 08:30:15", "2026-02-01 07:00:00", "2026-02-02 00:00:00")
    make.events(gate, "2026-02-01 09:00:00", category="car")
    query = "since=2026-02-01&until=2026-02-01&category=motor"
    text = viewer_browser.client.get(f"/events/export.csv?{query}").get_data(as_text=True)
    rows = list(csv.reader(io.StringIO(text)))[1:]
    assert [(row[1], row[3], row[4], row[6], row[7]) for row in rows] == [
        ("2026-02-01 07:00:00", "kerkof_01", "gate01", "motor", "2000"),
        ("2026-02-01 08:30:15", "kerkof_01", "gate01", "motor", "2000"),
    ]
    data = viewer_browser.client.get(f"/events/export.xlsx?{query}", buffered=True).data
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert [(row[1].isoformat(" "), row[7]) for row in sheet[1:]] == [(row[1], 2000) for row in rows]


def test_a_sheet_that_would_be_too_long_is_a_sentence(
    viewer_browser: Browser, make: Make, gate: GateRef, midnight: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.events(gate, midnight, midnight)
    monkeypatch.setattr(exports, "MAX_XLSX", 1)
    answer = viewer_browser.client.get("/events/export.xlsx", buffered=True)
    assert answer.status_code == 303
    assert answer.location == "/events"
    assert "notice-warning" in viewer_browser.open("/events")
    assert viewer_browser.client.get("/events/export.csv").status_code == 200


def test_an_export_with_a_bad_filter_leads_to_its_message(viewer_browser: Browser) -> None:
    answer = viewer_browser.client.get("/events/export.csv?since=never")
    assert answer.location == "/events?since=never"
