"""Workers: how many print at once, what becomes of a task whose worker dies or whose reader changes their mind."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest
import redis
from flask import Flask
from sqlalchemy import event

from tests.support import reports
from tests.support.reports import (
    OWN,
    cancel,
    change,
    pdf_of,
    print_one,
    request,
    set_to,
    stored,
    until,
)
from webapp.activity.models import Activity
from webapp.database import transaction
from webapp.documents import printing, tasks
from webapp.documents.jobs import rescue_reports
from webapp.errors import Conflict, NotFound
from webapp.extensions import db
from webapp.kit import clock
from webapp.storage import storage


def waiting_jobs(app: Flask) -> int:
    return int(app.extensions["redis"].llen("rq:queue:default"))


# However many workers


@pytest.mark.parametrize("limit", [1, 3])
def test_no_more_are_printed_at_once_than_the_setting_says(app: Flask, limit: int) -> None:
    set_to(app, "queue_concurrency", str(limit))
    for _ in range(6):
        request(app, OWN)
    with app.app_context():
        claimed = 0
        for _ in range(6):
            with transaction():
                claimed += tasks.claim_next() is not None
    assert claimed == limit


def test_a_hundred_at_once_are_each_printed_once(app: Flask) -> None:
    set_to(app, "queue_concurrency", "4")
    ids = [request(app, OWN) for _ in range(100)]
    with ThreadPoolExecutor(4) as workers:
        while any(task.status in ("queued", "running") for task in reports.everything(app)):
            list(workers.map(print_one, [app] * 20))
    done = [stored(app, one) for one in ids]
    assert [(task.status, task.attempt) for task in done] == [("completed", 1)] * 100
    assert len({task.output_name for task in done}) == 100


def test_who_finishes_wakes_the_next(app: Flask) -> None:
    for _ in range(2):
        request(app, OWN)
    app.extensions["redis"].flushdb()  # all messages are lost
    print_one(app)
    assert waiting_jobs(app) == 1
    print_one(app)
    assert waiting_jobs(app) == 1


def test_a_message_that_comes_twice_does_no_harm(app: Flask) -> None:
    task_id = request(app, OWN)
    for _ in range(3):
        print_one(app)
    assert (stored(app, task_id).status, stored(app, task_id).attempt) == ("completed", 1)


# Workers that die


def silence(app: Flask, task_id: UUID) -> None:
    """The worker that had claimed it is dead, and has been for a while."""
    with app.app_context(), transaction():
        task = tasks.claim_next()
        assert task is not None
        assert task.id == task_id
        task.alive_at = clock.now() - tasks.SILENT_AFTER - timedelta(seconds=1)


def rescue(app: Flask) -> None:
    with app.app_context():
        rescue_reports()


def test_the_task_of_a_dead_worker_is_taken_up_again(app: Flask) -> None:
    task_id = request(app, OWN)
    silence(app, task_id)
    app.extensions["redis"].flushdb()
    rescue(app)
    assert (stored(app, task_id).status, waiting_jobs(app)) == ("queued", 1)
    print_one(app)
    assert (stored(app, task_id).status, stored(app, task_id).attempt) == ("completed", 2)


def test_after_three_deaths_it_has_failed(app: Flask) -> None:
    task_id = request(app, OWN)
    for _ in range(3):
        assert stored(app, task_id).status == "queued"
        silence(app, task_id)
        rescue(app)
    assert (stored(app, task_id).status, stored(app, task_id).error) == (
        "failed",
        "Its worker died (3 attempts)",
    )


def test_a_worker_that_lives_keeps_its_task(app: Flask) -> None:
    task_id = request(app, OWN)
    with app.app_context(), transaction():
        tasks.claim_next()
    rescue(app)
    assert stored(app, task_id).status == "running"


def test_a_worker_that_was_only_slow_spoils_nothing(app: Flask, folder: Path) -> None:
    """The first attempt is held up inside its source until another worker has finished the task."""
    reports.day_file(folder, date(2025, 12, 15), 10)
    task_id = request(app, OWN)
    with app.app_context():
        with transaction():
            slow = tasks.claim_next()
            assert slow is not None
            slow.alive_at = clock.now() - timedelta(hours=1)
            order = printing.Order(slow.id, slow.attempt, slow.number, dict(slow.payload))
        rescue_reports()
        with transaction(write=False):
            plan = printing._plan(order)
    print_one(app)
    whole = pdf_of(app, stored(app, task_id))
    with app.app_context():
        storage().put(order.storage_name, b"half")
        printing._complete(order, plan, printing.Printed(1, 1, 1, 1, "x"))
        with pytest.raises(NotFound):
            storage().get(order.storage_name)
    assert stored(app, task_id).transactions == 10
    assert pdf_of(app, stored(app, task_id)) == whole


def test_without_redis_a_report_can_be_asked_for_and_is_printed_later(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as gone:
        gone.setitem(app.extensions, "redis", redis.Redis(host="127.0.0.1", port=1))
        task_id = request(app, OWN)
    assert (stored(app, task_id).status, waiting_jobs(app)) == ("queued", 0)
    rescue(app)
    assert waiting_jobs(app) == 1
    print_one(app)
    assert stored(app, task_id).status == "completed"


# Cancelling


def test_a_queued_task_is_cancelled_and_never_printed(app: Flask) -> None:
    task_id = request(app, OWN)
    assert cancel(app, task_id) == "cancelled"
    print_one(app)
    assert (stored(app, task_id).status, stored(app, task_id).attempt) == ("cancelled", 0)
    with pytest.raises(Conflict):
        cancel(app, task_id)


@pytest.fixture
def long_report(app: Flask, folder: Path) -> dict[str, object]:
    """One that takes many seconds to print."""
    for day in range(1, 11):
        reports.day_file(folder, date(2025, 12, day), 40_000)
    filter_ = {"date_mode": "range", "range_start": "2025-12-01", "range_end": "2025-12-10"}
    return OWN | {"filter": filter_}


def test_a_running_task_is_cancelled_within_a_second(app: Flask, long_report: dict[str, object]) -> None:
    task_id = request(app, long_report)
    worker = threading.Thread(target=print_one, args=[app])
    worker.start()
    until(lambda: stored(app, task_id).progress > 0)
    assert cancel(app, task_id) == "cancelled"
    worker.join(3)
    assert not worker.is_alive()
    task = stored(app, task_id)
    assert (task.status, task.output_name) == ("cancelled", None)
    with app.app_context(), pytest.raises(NotFound):
        storage().get(task.storage_name)


def test_others_can_write_while_a_report_is_printed(app: Flask, long_report: dict[str, object]) -> None:
    task_id = request(app, long_report)
    worker = threading.Thread(target=print_one, args=[app])
    worker.start()
    until(lambda: stored(app, task_id).status == "running")
    for value in range(1, 6):
        began = time.monotonic()
        set_to(app, "max_output_age_days", str(value))
        assert time.monotonic() - began < 1
    assert stored(app, task_id).status == "running"
    cancel(app, task_id)
    worker.join(5)


def test_progress_is_written_at_most_once_a_second(app: Flask, long_report: dict[str, object]) -> None:
    writes: list[float] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("UPDATE report_tasks SET stage"):
            writes.append(time.monotonic())

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    task_id = request(app, long_report)
    worker = threading.Thread(target=print_one, args=[app])
    worker.start()
    until(lambda: len(writes) >= 3)
    cancel(app, task_id)
    worker.join(5)
    event.remove(engine, "before_cursor_execute", note)
    assert all(after - before > 0.9 for before, after in pairwise(writes))


# Disks


def test_a_disk_that_takes_no_file_is_tried_again_and_then_fails_the_task(app: Flask) -> None:
    files = app.config["GERBANG"].data_dir / "files" / "reports"
    kept = files.with_name("reports-kept")
    files.parent.mkdir(exist_ok=True)
    if files.exists():
        files.rename(kept)
    files.write_bytes(b"")  # nothing can be put below a file
    try:
        task_id = request(app, OWN)
        for attempt in (1, 2, 3):
            print_one(app)
            task = stored(app, task_id)
            assert task.attempt == attempt
            assert task.output_name is None
            print_one(app)
            assert stored(app, task_id).attempt == attempt  # not before its time
            change(app, task_id, not_before=None)
        assert task.status == "failed"
        assert task.error == "Files can't be stored now, please retry (3 attempts)"
    finally:
        files.unlink()
        if kept.exists():
            kept.rename(files)


def test_the_log_remembers_who_asked_and_who_cancelled(
    app: Flask, logged: Callable[..., list[Activity]]
) -> None:
    cancel(app, request(app, OWN))
    assert [line.action for line in logged(object_type="report_tasks")] == ["request", "cancel"]
