"""Scheduled jobs: when they are due, once, by whichever scheduler comes first."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from rq import Queue
from rq.serializers import JSONSerializer

from webapp.accounts.jobs import sweep_sessions
from webapp.scheduler import ENTRIES, Entry, overview, tick

NIGHTLY = [Entry("15 3 * * *", sweep_sessions)]  # 03:15 in Jakarta is 20:15 UTC
EVENING = datetime(2026, 3, 18, 20, 14, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _first_sight(app: Flask) -> None:
    with app.app_context():
        tick(EVENING, NIGHTLY)


def ticks(app: Flask, at: datetime) -> int:
    with app.app_context():
        return len(tick(at, NIGHTLY))


def waiting(app: Flask) -> int:
    return len(Queue("low", connection=app.extensions["redis"], serializer=JSONSerializer))


def test_it_is_due_at_its_minute_in_local_time_and_not_before(app: Flask) -> None:
    assert ticks(app, EVENING + timedelta(seconds=59)) == 0
    assert ticks(app, EVENING + timedelta(minutes=1)) == 1
    assert waiting(app) == 1


def test_it_runs_once_however_often_the_clock_ticks(app: Flask) -> None:
    assert [ticks(app, EVENING + timedelta(minutes=minute)) for minute in range(1, 60)] == [1] + [0] * 58


def test_what_was_missed_for_days_is_caught_up_once(app: Flask) -> None:
    assert ticks(app, EVENING + timedelta(days=5, hours=4)) == 1
    assert ticks(app, EVENING + timedelta(days=5, hours=5)) == 0


def test_two_schedulers_at_once_run_it_once(app: Flask) -> None:
    for day in range(1, 6):
        due = EVENING + timedelta(days=day, minutes=5)
        threads = [threading.Thread(target=ticks, args=(app, due)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert waiting(app) == 5


def test_the_products_own_entries_can_be_enqueued(app: Flask) -> None:
    with app.app_context():
        tick(EVENING, ENTRIES)
        assert len(tick(EVENING + timedelta(days=1, minutes=5), ENTRIES)) == len(ENTRIES)


def test_the_overview_says_what_ran_when_and_what_comes_next(app: Flask) -> None:
    with app.app_context():
        [before] = [one for one in overview() if one.name == "make_partitions"]
        assert (before.last_run, before.next_run) == (None, None)
        tick(EVENING, ENTRIES)
        rows = {one.name: one for one in overview()}
    assert len(rows) == len(ENTRIES)
    sweep = rows["sweep_sessions"]
    assert (sweep.last_run, sweep.next_run) == (EVENING, EVENING + timedelta(minutes=1))
    assert sweep.about == "Forget sessions that ended more than 30 days ago."
