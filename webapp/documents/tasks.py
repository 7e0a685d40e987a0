"""The life of a report task: queued → running → completed | failed | cancelled, and removed when its file expires.

Workers claim by compare-and-swap and prove themselves alive once a second; a task whose worker is silent is taken up
again. `attempt` makes a worker that was only slow notice that the task is no longer its own.
"""

import secrets
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update

from webapp import audit
from webapp.accounts import settings
from webapp.database import lock, rows_changed
from webapp.documents.models import ReportTask
from webapp.errors import Conflict, NotFound, NotReady, QueueFull
from webapp.extensions import db
from webapp.kit import clock
from webapp.queue import enqueue

MAX_QUEUED = 1_000
SILENT_AFTER = timedelta(seconds=60)
MAX_ATTEMPTS = 3
LOCK = "report-tasks"


def request(payload: Mapping[str, Any], *, schedule_id: uuid.UUID | None = None) -> ReportTask:
    """Ask for a report; it is printed by a worker soon. Raises QueueFull when 1,000 are waiting."""
    from webapp.documents.jobs import print_next

    if count("queued") >= MAX_QUEUED:
        raise QueueFull()
    task = ReportTask(
        payload=dict(payload),
        number=f"R-{clock.now():%Y}-{secrets.token_hex(5).upper()}",
        schedule_id=schedule_id,
        requested_by=audit.current().name,
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
    if not _move(task, ("queued", "running"), status="cancelled", finished_at=clock.now()):
        raise Conflict("The task can no longer be cancelled")
    audit.note("cancel", "report_tasks", task.id, task.number)
    return task


def finished(task_id: uuid.UUID) -> ReportTask:
    """A task whose file can be downloaded. Raises NotFound, NotReady (contract 3, 3002)."""
    task = get(task_id)
    if task.status != "completed":
        raise NotReady()
    return task


def claim_next() -> ReportTask | None:
    """The task that has waited longest, now running; None when none waits or `queue_concurrency` are running."""
    lock(LOCK)
    if count("running") >= settings.number("queue_concurrency"):
        return None
    waiting = (
        select(ReportTask).where(ReportTask.status == "queued").order_by(ReportTask.created_at, ReportTask.id)
    )
    task = db.session.scalar(waiting.limit(1))
    if task is None:
        return None
    now = clock.now()
    task.status, task.attempt, task.started_at, task.alive_at = "running", task.attempt + 1, now, now
    task.stage, task.progress, task.error = "starting", 0, None
    return task


def report_progress(task_id: uuid.UUID, attempt: int, stage: str, percent: int) -> bool:
    """Note how far it is; False when the task is no longer this worker's (cancelled, or taken up by another)."""
    mine = update(ReportTask).where(
        ReportTask.id == task_id, ReportTask.attempt == attempt, ReportTask.status == "running"
    )
    now = clock.now()
    return rows_changed(mine.values(stage=stage, progress=percent, alive_at=now, updated_at=now)) == 1


def _move(task: ReportTask, states: tuple[str, ...], **values: Any) -> bool:
    """Change the task if it is in one of `states`; whether it was."""
    mine = update(ReportTask).where(ReportTask.id == task.id, ReportTask.status.in_(states))
    changed = rows_changed(mine.values(**values, updated_at=clock.now())) == 1
    db.session.refresh(task)
    return changed


def rescue() -> list[ReportTask]:
    """Put tasks whose worker has gone silent back into the queue; after three attempts they have failed."""
    lock(LOCK)
    silent = select(ReportTask).where(
        ReportTask.status == "running", ReportTask.alive_at < clock.now() - SILENT_AFTER
    )
    tasks = list(db.session.scalars(silent))
    for task in tasks:
        if task.attempt >= MAX_ATTEMPTS:
            task.status, task.error, task.finished_at = "failed", "Its worker died three times", clock.now()
        else:
            task.status, task.stage = "queued", ""
    return tasks
