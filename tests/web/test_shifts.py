"""Closing shifts in the browser."""

import csv
import io
import re

import pytest
from flask import Flask

from tests.callers import Browser
from tests.support.factories import GateRef, Make
from webapp.kit import clock

CLOSE = "/shifts/close/kerkof_01/gate01"


@pytest.fixture(autouse=True)
def gate(make: Make) -> GateRef:
    return make.open_gate()


def shown(browser: Browser) -> dict[str, str]:
    """The period that the form carries."""
    page = browser.open(CLOSE)
    return dict(re.findall(r'name="(starts_at|ends_at)" value="(\d+)"', page))


def period(seconds: int = 600) -> dict[str, str]:
    now = clock.unix()
    return {"starts_at": str(now - seconds), "ends_at": str(now)}


def closed(browser: Browser, counted: str = "0", **more: str) -> str:
    """The address of a newly closed shift."""
    return browser.submit(CLOSE, period() | {"counted": counted} | more).location


def test_the_page_shows_what_is_expected_by_category(
    operator_browser: Browser, make: Make, gate: GateRef
) -> None:
    make.events(gate, clock.unix() - 1, clock.unix() - 1, category="car")
    page = operator_browser.open(CLOSE)
    assert "Rp 10.000" in page
    assert shown(operator_browser).keys() == {"starts_at", "ends_at"}


def test_closing_leads_to_the_shift_with_its_variance_in_words(
    operator_browser: Browser, make: Make, gate: GateRef
) -> None:
    make.events(gate, clock.unix() - 5)
    page = operator_browser.open(closed(operator_browser, "1.500", note="kurang"))
    assert "status-danger" in page
    assert "Rp 500" in page
    assert "kurang" in page


@pytest.mark.parametrize("counted", ["", "-5", "abc", "1,5"])
def test_cash_that_is_no_amount_is_refused_and_the_period_stays(
    operator_browser: Browser, counted: str
) -> None:
    form = period()
    answer = operator_browser.submit(CLOSE, form | {"counted": counted}, 422).text
    assert 'id="error-counted"' in answer
    assert f'name="ends_at" value="{form["ends_at"]}"' in answer


@pytest.mark.parametrize(
    "wrong", [{"ends_at": "x"}, {"starts_at": "9" * 30}, {"starts_at": ""}, {"ends_at": "1"}]
)
def test_a_tampered_period_is_refused(operator_browser: Browser, wrong: dict[str, str]) -> None:
    operator_browser.submit(CLOSE, period() | {"counted": "0"} | wrong, 422)


def test_pressing_twice_makes_one_shift(operator_browser: Browser) -> None:
    form = period() | {"counted": "0"}
    first = operator_browser.submit(CLOSE, form).location
    assert operator_browser.submit(CLOSE, form).location == first
    assert operator_browser.open("/shifts").count("S-0") == 1


def test_the_slower_of_two_cashiers_is_told_and_loses_nothing(
    operator_browser: Browser, admin_browser: Browser
) -> None:
    form = period() | {"counted": "12.500"}
    operator_browser.submit(CLOSE, form)
    answer = admin_browser.submit(CLOSE, form, 409).text
    assert "Operator_B" in answer
    assert "12.500" in answer


def test_the_receipt_has_all_that_is_signed(operator_browser: Browser, make: Make, gate: GateRef) -> None:
    make.events(gate, clock.unix() - 5, category="car")
    address = closed(operator_browser, "4000", note="<b>catatan</b>")
    make.events(gate, clock.unix() - 300)
    receipt = operator_browser.open(f"{address}/receipt")
    for expected in (
        "S-0",
        "Kerkof_01",
        "Gate01",
        "Operator_B",
        "Rp 5.000",
        "Rp 4.000",
        "Rp 1.000",
        "Rp 2.000",
    ):
        assert expected in receipt, expected
    assert "&lt;b&gt;catatan" in receipt


def test_late_events_show_on_the_shift(operator_browser: Browser, make: Make, gate: GateRef) -> None:
    address = closed(operator_browser)
    assert "notice-warning" not in operator_browser.open(address)
    make.events(gate, clock.unix() - 300)
    assert "notice-warning" in operator_browser.open(address)


def test_someone_else_signs_off(operator_browser: Browser, admin_browser: Browser) -> None:
    address = closed(operator_browser)
    assert "sign-off" not in operator_browser.open(address)
    operator_browser.submit(f"{address}/sign-off")
    assert "notice-danger" in operator_browser.open(address)
    assert "sign-off" in admin_browser.open(address)
    admin_browser.submit(f"{address}/sign-off")
    assert "Admin_B" in admin_browser.open(address)
    assert "sign-off" not in admin_browser.open(address)


def test_a_viewer_reads_and_does_not_close(viewer_browser: Browser, operator_browser: Browser) -> None:
    address = closed(operator_browser)
    viewer_browser.open(address)
    viewer_browser.open(f"{address}/receipt")
    viewer_browser.open(CLOSE, 403)
    viewer_browser.submit(CLOSE, period() | {"counted": "0"}, 403)
    viewer_browser.submit(f"{address}/sign-off", status=403)


def test_the_last_gate_is_offered_first(operator_browser: Browser, make: Make) -> None:
    make.open_gate("aaa", "gate01")
    closed(operator_browser)
    page = operator_browser.open("/shifts/close")
    assert page.index(CLOSE) < page.index("/shifts/close/aaa/gate01")


def test_filters_and_export_agree(operator_browser: Browser, make: Make, gate: GateRef) -> None:
    make.events(gate, clock.unix() - 5)
    closed(operator_browser, "0", note="=1+1")
    rows = operator_browser.open("/shifts/rows?balance=short&signed=0&gate=kerkof_01/gate01")
    assert "S-0" in rows
    assert "S-0" not in operator_browser.open("/shifts/rows?balance=exact")
    assert "S-0" not in operator_browser.open("/shifts/rows?since=2020-01-01&until=2020-01-02")
    text = operator_browser.client.get("/shifts/export.csv?balance=short").get_data(as_text=True)
    row = list(csv.reader(io.StringIO(text)))[1]
    assert row[5:10] == ["1", "2000", "0", "-2000", "'=1+1"]


@pytest.mark.parametrize("query", ["since=x", "until=2026-02-30", "balance=odd", "signed=maybe"])
def test_a_bad_filter_is_refused_and_never_a_crash(viewer_browser: Browser, query: str) -> None:
    viewer_browser.open(f"/shifts?{query}", 422)
    assert viewer_browser.client.get(f"/shifts/export.csv?{query}").status_code == 303


def test_a_form_without_its_token_is_refused(app: Flask, operator_browser: Browser) -> None:
    assert operator_browser.client.post(CLOSE, data=period() | {"counted": "0"}).status_code == 400
