"""Recounts find what is wrong, put it right, and run once a day at a time."""

from datetime import date, timedelta

import pytest
from flask import Flask
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import delete, update

from tests.support.factories import GateRef, Make
from webapp import config
from webapp.database import transaction
from webapp.extensions import db
from webapp.gates import recount, totals
from webapp.gates.jobs import run_recount
from webapp.gates.models import DailyTotal, HourlyTotal, Recount
from webapp.kit import clock


@pytest.fixture
def gates(make: Make) -> list[GateRef]:
    return [make.open_gate(code=f"gate0{number}") for number in (1, 2)]


@pytest.fixture
def today(app: Flask) -> date:
    with app.app_context():
        return clock.today(config.current().timezone)


@pytest.fixture
def noon(app: Flask, today: date) -> int:
    """A moment of yesterday; `today` minus a day is its day."""
    with app.app_context():
        return clock.day_bounds(today, config.current().timezone)[0] - 43_200


def ask(app: Flask, day: date) -> int:
    with app.app_context(), transaction():
        return recount.request(day).id


def result(app: Flask, recount_id: int) -> Recount:
    with app.app_context(), transaction():
        found = recount.get(recount_id)
        db.session.expunge(found)
        return found


def waiting(app: Flask) -> int:
    return Queue("default", connection=app.extensions["redis"], serializer=JSONSerializer).count


def test_exact_totals_have_no_drift(
    app: Flask, make: Make, gates: list[GateRef], today: date, noon: int
) -> None:
    for gate in gates:
        make.events(gate, noon, noon + 1, noon + 3600)
    recount_id = ask(app, today - timedelta(days=1))
    with app.app_context():
        run_recount(recount_id)
    found = result(app, recount_id)
    assert (found.state, found.rows_processed, found.drift) == ("done", 6, 0)
    assert (found.steps, found.steps_done) == (2, 2)


def test_planted_drift_is_counted_and_put_right(
    app: Flask, make: Make, gates: list[GateRef], today: date, noon: int
) -> None:
    day = today - timedelta(days=1)
    for gate in gates:
        make.events(gate, noon, noon + 3600)
    with app.app_context(), transaction():
        wrong = update(HourlyTotal).where(HourlyTotal.gate_id == gates[0].id, HourlyTotal.day == day)
        db.session.execute(wrong.values(count=HourlyTotal.count + 7))
        db.session.execute(delete(HourlyTotal).where(HourlyTotal.gate_id == gates[1].id))
        db.session.execute(delete(DailyTotal))
    recount_id = ask(app, day)
    with app.app_context():
        run_recount(recount_id)
        assert result(app, recount_id).drift == 4
        with transaction():
            assert totals.summary(day).count == 4


def test_a_day_under_way_is_not_started_twice(app: Flask, today: date) -> None:
    first = ask(app, today)
    assert ask(app, today) == first
    assert ask(app, today - timedelta(days=1)) != first
    assert waiting(app) == 2


def test_a_finished_day_can_be_recounted_again(app: Flask, today: date) -> None:
    first = ask(app, today)
    with app.app_context():
        run_recount(first)
    assert ask(app, today) != first


def test_a_recount_that_nobody_took_up_is_sent_again(app: Flask, today: date) -> None:
    first = ask(app, today)
    with app.app_context(), transaction():
        long_ago = clock.now() - timedelta(minutes=5)
        db.session.execute(update(Recount).values(moved_at=long_ago))
    with app.app_context(), transaction():
        assert recount.is_stalled(recount.get(first))
    assert ask(app, today) == first
    assert waiting(app) == 2
    with app.app_context(), transaction():
        assert not recount.is_stalled(recount.get(first))


def test_one_that_broke_off_goes_on_where_it_stopped(
    app: Flask, make: Make, gates: list[GateRef], today: date, noon: int
) -> None:
    for gate in gates:
        make.events(gate, noon)
    recount_id = ask(app, today - timedelta(days=1))
    with app.app_context(), transaction():
        found = recount.get(recount_id)
        found.state, found.steps, found.steps_done, found.rows_processed, found.drift = "running", 2, 1, 1, 3
    with app.app_context():
        run_recount(recount_id)
        run_recount(recount_id)
    found = result(app, recount_id)
    assert (found.steps_done, found.rows_processed, found.drift) == (2, 2, 3)
