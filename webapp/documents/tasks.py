"""The life of a report task: queued → running → completed | failed | cancelled, and removed when its file expires.

Workers claim by compare-and-swap and prove themselves alive once a second; a task whose worker is silent is taken up
again. `attempt` makes a worker that was only slow notice that the task is no longer its own.
"""

import secrets
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update

from webapp import audit
from webapp.accounts import settings
from webapp.database import lock, rows_changed, transaction
from webapp.documents import requests, runs
from webapp.documents.models import GOING, ReportTask
from webapp.errors import Conflict, NotFound, NotReady, QueueFull
from webapp.extensions import db
from webapp.kit import clock
from webapp.queue import enqueue

MAX_QUEUED = 1_000
SILENT_AFTER = timedelta(seconds=45)
RETRY_AFTER = (timedelta(seconds=30), timedelta(minutes=3))  # after the first and the second attempt
MAX_ATTEMPTS = len(RETRY_AFTER) + 1
LOCK = "report-tasks"


def request(payload: Mapping[str, Any], *, schedule_id: uuid.UUID | None = None, by: str = "") -> ReportTask:
    """Ask for a report; a worker prints it soon. Raises Invalid, and QueueFull when 1,000 are waiting."""
    from webapp.documents.jobs import print_next

    fit = requests.checked(payload)
    lock(LOCK)
    if count("queued") >= MAX_QUEUED:
        raise QueueFull()
    task = ReportTask(
        payload=fit,
        number=f"R-{clock.now():%Y}-{secrets.token_hex(5).upper()}",
        schedule_id=schedule_id,
        requested_by=by or audit.current().name,
    )
    db.session.add(task)
    db.session.flush()
    audit.note("request", "report_tasks", task.id, task.number)
    enqueue(print_next)
    return task


def get(task_id: uuid.UUID) -> ReportTask:
    """Raises NotFound."""
    task = db.session.get(ReportTask, task_id)
    if task is None:
        raise NotFound("Task not found")
    return task


def count(status: str) -> int:
    return db.session.scalar(select(func.count()).where(ReportTask.status == status)) or 0


def position(task: ReportTask) -> int:
    """Its place in the queue, from 1; 0 when it no longer waits."""
    if task.status != "queued":
        return 0
    before = select(func.count()).where(
        ReportTask.status == "queued", ReportTask.created_at <= task.created_at
    )
    return db.session.scalar(before) or 0


def cancel(task_id: uuid.UUID) -> ReportTask:
    """Stop a queued or running task; its worker notices within a second. Raises NotFound, Conflict for an ended one."""
    task = get(task_id)
    if not _move(task, GOING, status="cancelled", finished_at=clock.now()):
        raise Conflict("The task can no longer be cancelled")
    audit.note("cancel", "report_tasks", task.id, task.number)
    runs.follow(task)
    return task


def finished(task_id: uuid.UUID) -> ReportTask:
    """A task whose file can be downloaded. Raises NotFound (also for a file that has expired), NotReady (3002)."""
    task = get(task_id)
    if task.status == "removed":
        raise NotFound("The file has expired")
    if task.status != "completed":
        raise NotReady()
    return task


def note_download(task: ReportTask) -> None:
    """Who takes a report away is remembered, in a transaction of its own: the request's only reads."""
    name, number = task.id, task.number
    db.session.rollback()
    with transaction():
        audit.note("download", "report_tasks", name, number)


def ready() -> int:
    """How many wait whose time has come."""
    return db.session.scalar(select(func.count()).where(*_ready())) or 0


def _ready() -> tuple[ColumnElement[bool], ...]:
    come = or_(ReportTask.not_before.is_(None), ReportTask.not_before <= clock.now())
    return ReportTask.status == "queued", come


def claim_next() -> ReportTask | None:
    """The task that has waited longest, now running; None when none waits or `queue_concurrency` are running."""
    lock(LOCK)
    if count("running") >= settings.number("queue_concurrency"):
        return None
    waiting = select(ReportTask).where(*_ready()).order_by(ReportTask.created_at, ReportTask.id)
    task = db.session.scalar(waiting.limit(1).with_for_update())
    if task is None:
        return None
    now = clock.now()
    task.status, task.attempt, task.started_at, task.alive_at = "running", task.attempt + 1, now, now
    task.stage, task.progress, task.error, task.not_before = "starting", 0, None, None
    return task


def _mine(task_id: uuid.UUID, attempt: int) -> tuple[ColumnElement[bool], ...]:
    return ReportTask.id == task_id, ReportTask.attempt == attempt, ReportTask.status == "running"


def report_progress(task_id: uuid.UUID, attempt: int, stage: str, percent: int) -> bool:
    """Note how far it is; False when the task is no longer this worker's (cancelled, or taken up by another)."""
    now = clock.now()
    values = {"stage": stage, "progress": percent, "alive_at": now, "updated_at": now}
    return rows_changed(update(ReportTask).where(*_mine(task_id, attempt)).values(values)) == 1


def own(task_id: uuid.UUID, attempt: int) -> ReportTask | None:
    """The running task, locked to the commit, if it is still this worker's."""
    lock(LOCK)
    mine = select(ReportTask).where(*_mine(task_id, attempt)).with_for_update()
    return db.session.scalar(mine.execution_options(populate_existing=True))


def end(task: ReportTask, status: str, *, error: str | None = None) -> None:
    """It has completed or failed."""
    task.status, task.error, task.finished_at = status, error, clock.now()
    runs.follow(task)


def remove(task_id: uuid.UUID) -> None:
    """Its file has expired and is gone; the name is free for another."""
    _move(get(task_id), ("completed",), status="removed", output_name=None)


def try_again(task: ReportTask, reason: str) -> None:
    """Back into the queue for a later attempt; after the third it has failed."""
    if task.attempt >= MAX_ATTEMPTS:
        end(task, "failed", error=f"{reason} ({MAX_ATTEMPTS} attempts)")
        return
    task.status, task.stage, task.error = "queued", "waiting for another attempt", reason
    task.not_before = clock.now() + RETRY_AFTER[task.attempt - 1]


def rescue() -> list[ReportTask]:
    """Put tasks whose worker has gone silent back into the queue; after three attempts they have failed."""
    lock(LOCK)
    silent = select(ReportTask).where(
        ReportTask.status == "running", ReportTask.alive_at < clock.now() - SILENT_AFTER
    )
    tasks = list(db.session.scalars(silent.with_for_update()))
    for task in tasks:
        try_again(task, "Its worker died")
        task.not_before = None
    return tasks


def _move(task: ReportTask, states: tuple[str, ...], **values: Any) -> bool:
    """Change the task if it is in one of `states`; whether it was."""
    mine = update(ReportTask).where(ReportTask.id == task.id, ReportTask.status.in_(states))
    changed = rows_changed(mine.values(**values, updated_at=clock.now())) == 1
    db.session.refresh(task)
    return changed
