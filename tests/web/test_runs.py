"""The monthly run in the browser: looked at first, started, watched, and who was left out."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from tests.callers import Browser
from tests.support.factories import Make
from webapp.billing import run_jobs
from webapp.billing.models import Invoice
from webapp.billing.process_models import BillingRun
from webapp.extensions import db


@pytest.fixture(autouse=True)
def _january(make: Make) -> Iterator[None]:
    """15 January 2024, two customers to bill and one who has not begun."""
    with time_machine.travel(datetime(2024, 1, 15, 5, tzinfo=UTC), tick=False):
        make.brand()
        package = make.package()
        for name in ("Ani", "Budi"):
            make.customer(package, name=name)
        make.customer(package, date(2024, 1, 20), name="Citra <b>")
        yield


def count(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Invoice)) or 0


def started(browser: Browser) -> UUID:
    response = browser.submit("/runs", {"period": "2024-01"})
    return UUID(response.location.rpartition("/")[2])


def test_a_look_first_says_what_would_come_and_makes_nothing(app: Flask, viewer_browser: Browser) -> None:
    page = viewer_browser.open("/runs/preview?period=2024-01")
    assert "Rp 1.000.000" in page
    assert "Citra &lt;b&gt;" in page
    assert "has not started yet" in page or "belum mulai" in page
    assert '/runs"' in page
    assert count(app) == 0


def test_a_run_is_started_watched_and_done(app: Flask, operator_browser: Browser) -> None:
    run_id = started(operator_browser)
    waiting = operator_browser.open(f"/runs/{run_id}/progress", htmx=True)
    assert re.search(r'hx-get="/runs/.+/progress"', waiting)
    with app.app_context():
        run_jobs.bill(str(run_id))
    done = operator_browser.client.get(f"/runs/{run_id}/progress", headers={"HX-Request": "true"})
    assert done.headers["HX-Redirect"] == f"/runs/{run_id}"
    page = operator_browser.open(f"/runs/{run_id}")
    assert "Citra" in page
    assert 'hx-trigger="load delay' not in page
    assert count(app) == 2
    assert str(run_id) in operator_browser.open("/runs")


def test_a_second_run_of_the_month_waits_for_the_first(app: Flask, operator_browser: Browser) -> None:
    started(operator_browser)
    again = operator_browser.submit("/runs", {"period": "2024-01"})
    assert again.location == "/runs"
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(BillingRun)) == 1


@pytest.mark.parametrize("period", ["2024-03", "x", "2024-13", ""])
def test_a_month_that_is_none_or_far_away_is_refused_beside_the_field(
    operator_browser: Browser, period: str
) -> None:
    assert 'id="error-period"' in operator_browser.open(f"/runs/preview?period={period}", 422)
    page = operator_browser.submit("/runs", {"period": period}, 422).get_data(as_text=True)
    assert 'id="error-period"' in page


def test_who_only_looks_starts_nothing(viewer_browser: Browser) -> None:
    viewer_browser.submit("/runs", {"period": "2024-01"}, 403)
    assert (
        "<button"
        not in viewer_browser.open("/runs/preview?period=2024-01")
        .partition("<main")[2]
        .partition("card-body")[2]
        .partition("left-out")[0]
    )


def test_only_a_failed_run_is_resumed(app: Flask, operator_browser: Browser) -> None:
    run_id = started(operator_browser)
    operator_browser.submit(f"/runs/{run_id}/resume")
    with app.app_context():
        run = db.session.get_one(BillingRun, run_id)
        run.status, run.error = "failed", "An error of the server; its log says more"
        db.session.commit()
    assert f"/runs/{run_id}/resume" in operator_browser.open(f"/runs/{run_id}")
    operator_browser.submit(f"/runs/{run_id}/resume")
    with app.app_context():
        assert db.session.get_one(BillingRun, run_id).status == "waiting"
