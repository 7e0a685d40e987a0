"""Recounts in the browser."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from tests.callers import Browser
from tests.support.factories import Make
from webapp import config
from webapp.database import transaction
from webapp.extensions import db
from webapp.gates.jobs import run_recount
from webapp.gates.models import HourlyTotal, Recount
from webapp.kit import clock


@pytest.fixture
def today(app: Flask) -> str:
    with app.app_context():
        return clock.today(config.current().timezone).isoformat()


def start(browser: Browser, day: str) -> int:
    return int(browser.submit("/recounts", {"day": day}).location.rsplit("/", 1)[1])


def test_a_recount_goes_from_waiting_to_its_result(
    app: Flask, make: Make, operator_browser: Browser, today: str
) -> None:
    make.events(make.open_gate(), clock.unix())
    recount_id = start(operator_browser, today)
    waiting = operator_browser.open(f"/recounts/{recount_id}/progress", htmx=True)
    assert "delay:1s" in waiting
    with app.app_context():
        run_recount(recount_id)
    done = operator_browser.open(f"/recounts/{recount_id}/progress", htmx=True)
    assert "hx-trigger" not in done
    assert "notice-success" in done


def test_drift_is_said_in_words(app: Flask, make: Make, operator_browser: Browser, today: str) -> None:
    make.events(make.open_gate(), clock.unix())
    with app.app_context(), transaction():
        db.session.execute(update(HourlyTotal).values(count=99))
    recount_id = start(operator_browser, today)
    with app.app_context():
        run_recount(recount_id)
    assert "notice-danger" in operator_browser.open(f"/recounts/{recount_id}")
    assert "status-danger" in operator_browser.open("/recounts")


def test_a_running_day_is_not_started_twice(operator_browser: Browser, today: str) -> None:
    assert start(operator_browser, today) == start(operator_browser, today)


def test_without_a_worker_the_page_says_so_and_asks_less_often(
    app: Flask, operator_browser: Browser, today: str
) -> None:
    recount_id = start(operator_browser, today)
    with app.app_context(), transaction():
        db.session.execute(update(Recount).values(moved_at=clock.now() - timedelta(minutes=1)))
    page = operator_browser.open(f"/recounts/{recount_id}/progress", htmx=True)
    assert "notice-warning" in page
    assert "delay:10s" in page


@pytest.mark.parametrize("day", ["", "soon", "2026-02-30", "2999-01-01", "9999-12-31", "0001-01-01"])
def test_a_day_that_can_not_be_counted_is_refused_beside_the_field(
    operator_browser: Browser, day: str
) -> None:
    assert 'id="error-day"' in operator_browser.submit("/recounts", {"day": day}, 422).text


def test_a_viewer_looks_on(viewer_browser: Browser, today: str) -> None:
    assert '<form class="card' not in viewer_browser.open("/recounts")
    viewer_browser.submit("/recounts", {"day": today}, 403)
    viewer_browser.open("/recounts/99", 404)
