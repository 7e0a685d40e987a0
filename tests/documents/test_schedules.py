"""Schedules: due at their time in their own zone, once, never two runs at a time, caught up once, and heard of."""

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from tests.support import reports
from tests.support.reports import ASKED
from webapp.activity.models import Activity
from webapp.database import transaction
from webapp.documents import crontime, queries, schedules
from webapp.documents.models import ReportSchedule, ScheduleRun
from webapp.documents.schedules import Plan
from webapp.errors import Conflict, Invalid, NotFound
from webapp.extensions import db

EVENING = datetime(2026, 3, 18, 16, 30, tzinfo=UTC)  # 23:30 in Jakarta
NIGHTLY = ASKED | {"root_folder": "Own", "filter": {"date_mode": "yesterday"}}


@pytest.fixture(autouse=True)
def clock(app: Flask) -> Any:
    with time_machine.travel(EVENING, tick=False) as traveller:
        yield traveller


def create(app: Flask, cron: str = "0 0 * * *", **plan: Any) -> uuid.UUID:
    with app.app_context(), transaction():
        return schedules.create(Plan(cron, plan.pop("payload", NIGHTLY), **plan)).id


def get(app: Flask, schedule_id: uuid.UUID) -> ReportSchedule:
    with app.app_context():
        return schedules.get(schedule_id)


def tick(app: Flask, at: datetime) -> int:
    with app.app_context(), time_machine.travel(at, tick=False):
        return schedules.tick(at)


def history(app: Flask, schedule_id: uuid.UUID) -> list[ScheduleRun]:
    """Oldest first."""
    with app.app_context():
        return list(queries.runs_page(schedule_id, 1, 100).items)[::-1]


def print_all(app: Flask) -> None:
    while any(task.status == "queued" for task in reports.everything(app)):
        reports.print_one(app)


MIDNIGHT = datetime(2026, 3, 18, 17, 0, tzinfo=UTC)


def test_next_run_is_true_and_in_utc(app: Flask) -> None:
    assert get(app, create(app)).next_run == MIDNIGHT
    assert get(app, create(app, timezone="UTC")).next_run == datetime(2026, 3, 19, tzinfo=UTC)
    assert get(app, create(app)).last_run is None


def test_it_runs_at_its_minute_and_not_before(app: Flask) -> None:
    schedule_id = create(app)
    assert tick(app, MIDNIGHT - timedelta(seconds=1)) == 0
    assert tick(app, MIDNIGHT + timedelta(seconds=7)) == 1
    assert tick(app, MIDNIGHT + timedelta(seconds=27)) == 0
    schedule = get(app, schedule_id)
    assert schedule.last_run == MIDNIGHT + timedelta(seconds=7)
    assert schedule.next_run == MIDNIGHT + timedelta(days=1)
    [task] = reports.everything(app)
    assert (task.schedule_id, task.requested_by) == (schedule_id, "Schedule 0 0 * * *")
    [run] = history(app, schedule_id)
    assert (run.status, run.trigger, run.planned_at, run.task_id) == ("running", "clock", MIDNIGHT, task.id)


def test_its_run_ends_with_its_task(app: Flask) -> None:
    schedule_id = create(app)
    tick(app, MIDNIGHT)
    print_all(app)
    [run] = history(app, schedule_id)
    assert run.status == "completed"
    assert run.finished_at is not None


def test_a_run_that_is_still_going_is_not_started_twice(app: Flask) -> None:
    schedule_id = create(app, "*/10 * * * *")
    assert tick(app, EVENING + timedelta(minutes=10)) == 1
    assert tick(app, EVENING + timedelta(minutes=20)) == 0
    first, second = history(app, schedule_id)
    assert (first.status, second.status) == ("running", "skipped")
    assert second.detail == "The run before was still going"
    print_all(app)
    assert tick(app, EVENING + timedelta(minutes=30)) == 1
    assert get(app, schedule_id).last_run == EVENING + timedelta(minutes=30)


def test_what_was_missed_for_days_is_caught_up_once(app: Flask) -> None:
    schedule_id = create(app)
    late = MIDNIGHT + timedelta(days=4, hours=5)
    assert [tick(app, late + timedelta(seconds=20 * n)) for n in range(5)] == [1, 0, 0, 0, 0]
    [run] = history(app, schedule_id)
    assert (run.trigger, run.planned_at) == ("catch-up", MIDNIGHT)
    assert get(app, schedule_id).next_run == MIDNIGHT + timedelta(days=5)


def test_many_schedulers_at_once_run_it_once(app: Flask) -> None:
    schedule_id = create(app)

    def tick_now() -> None:
        with app.app_context():
            schedules.tick(MIDNIGHT)

    threads = [threading.Thread(target=tick_now) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(reports.everything(app)) == 1
    assert [run.status for run in history(app, schedule_id)] == ["running"]


def test_a_clock_that_is_set_back_over_midnight_does_not_run_it_again(app: Flask) -> None:
    create(app)
    assert tick(app, MIDNIGHT + timedelta(seconds=5)) == 1
    print_all(app)
    assert tick(app, MIDNIGHT - timedelta(minutes=30)) == 0
    assert tick(app, MIDNIGHT + timedelta(seconds=30)) == 0
    assert tick(app, MIDNIGHT + timedelta(days=1)) == 1


def test_summer_time_is_the_zones_own(app: Flask) -> None:
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert crontime.following("0 8 * * *", "Europe/Berlin", before) == datetime(2026, 3, 29, 6, tzinfo=UTC)
    assert crontime.following("0 8 * * *", "Asia/Jakarta", before) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_a_pause_stops_it_and_what_was_missed_meanwhile_is_not_caught_up(app: Flask, clock: Any) -> None:
    schedule_id = create(app)

    def switch(active: bool) -> None:
        with app.app_context(), transaction():
            schedules.change(schedule_id, {"is_active": active})

    switch(False)
    assert get(app, schedule_id).next_run is None
    assert tick(app, MIDNIGHT + timedelta(days=3)) == 0
    clock.move_to(MIDNIGHT + timedelta(days=3, hours=1))
    switch(True)
    assert get(app, schedule_id).next_run == MIDNIGHT + timedelta(days=4)


def test_it_can_be_run_by_hand_but_not_twice_at_once(app: Flask) -> None:
    schedule_id = create(app)

    def run_now() -> None:
        with app.app_context(), transaction():
            schedules.run_now(schedule_id)

    run_now()
    with pytest.raises(Conflict):
        run_now()
    print_all(app)
    run_now()
    assert [run.trigger for run in history(app, schedule_id)] == ["hand", "hand"]
    assert get(app, schedule_id).next_run == MIDNIGHT


@pytest.mark.parametrize(
    "cron",
    ["", "x", "* * * *", "* * * * * *", "61 * * * *", "0 0 30 2 *", "@daily", "0 0 * * 8", "*/0 * * * *"],
)
def test_a_line_that_names_no_time_is_refused(app: Flask, cron: str) -> None:
    with pytest.raises(Invalid):
        create(app, cron)


def test_an_unknown_zone_and_a_payload_that_can_not_be_printed_are_refused(app: Flask) -> None:
    with pytest.raises(Invalid):
        create(app, timezone="Mars/Olympus")
    with pytest.raises(Invalid):
        create(app, payload=NIGHTLY | {"root_folder": "/etc"})
    with app.app_context():
        assert queries.schedules() == []


def test_a_failure_is_told(
    app: Flask, monkeypatch: pytest.MonkeyPatch, logged: Callable[..., list[Activity]]
) -> None:
    schedule_id = create(app, name="Malam")
    reports.configured(app, monkeypatch, DATA_ROOTS="")  # the folder is no longer one that may be read
    tick(app, MIDNIGHT)
    [run] = history(app, schedule_id)
    assert (run.status, run.detail) == ("failed", "Is not one of the folders that reports may read")
    [line] = logged(action="failed")
    assert (line.object_type, line.object_label) == ("report_schedules", "Malam")


def test_one_that_fails_does_not_hold_up_the_others(app: Flask) -> None:
    broken, sound = create(app), create(app)
    with app.app_context(), transaction():
        db.session.execute(
            db.update(ReportSchedule)
            .where(ReportSchedule.id == broken)
            .values(payload={"nothing": "known"})
            .execution_options(unlogged=True)
        )
    tick(app, MIDNIGHT)
    assert [run.status for run in history(app, sound)] == ["running"]


def test_deleting_one_keeps_its_reports(app: Flask) -> None:
    schedule_id = create(app)
    tick(app, MIDNIGHT)
    with app.app_context(), transaction():
        schedules.delete(schedule_id)
    print_all(app)
    [task] = reports.everything(app)
    assert (task.status, task.schedule_id) == ("completed", None)
    with app.app_context(), pytest.raises(NotFound):
        schedules.get(schedule_id)


def test_the_clock_leaves_nothing_in_the_activity_log(
    app: Flask, logged: Callable[..., list[Activity]]
) -> None:
    create(app)
    tick(app, MIDNIGHT)
    assert [line.action for line in logged(object_type="report_schedules")] == ["create"]
