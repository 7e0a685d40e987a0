"""Printing, HTTP jobs and mail in the background, and the housekeeping around them."""

import uuid
from datetime import timedelta

from sqlalchemy import select

from webapp.accounts import settings
from webapp.database import transaction
from webapp.documents import httpjobs, letters, previews, schedules, tasks, workfolder
from webapp.documents.models import ReportTask, storage_name
from webapp.extensions import db
from webapp.kit import clock
from webapp.queue import enqueue, job
from webapp.storage import storage


@job(queue="default", timeout=6 * 3600)
def print_next() -> None:
    """Print the report that has waited longest, then see to the next; leaves at once when enough are printing."""
    from webapp.documents import printing  # the press takes a while to load: workers do it before they fork

    task = tasks.claim_next()
    if task is None:
        return
    printing.run(task)
    if tasks.ready():
        enqueue(print_next)


@job(queue="high")
def rescue_reports() -> None:
    """Take up again what dead workers left, and wake workers when reports wait (their message may be lost)."""
    tasks.rescue()
    waiting = min(tasks.ready(), settings.number("queue_concurrency") - tasks.count("running"))
    for _ in range(max(0, waiting)):
        enqueue(print_next)


@job(queue="low", timeout=3600)
def expire_reports() -> None:
    """Delete files older than `max_output_age_days` (their tasks stay, as `removed`) and what dead processes left."""
    stale = clock.now() - workfolder.STALE
    workfolder.sweep(stale)
    storage().tidy(stale)
    oldest = clock.now() - timedelta(days=settings.number("max_output_age_days"))
    old = ReportTask.status == "completed", ReportTask.finished_at < oldest
    while batch := db.session.execute(select(ReportTask.id, ReportTask.attempt).where(*old).limit(100)).all():
        db.session.commit()  # the files may be far away
        for task_id, attempts in batch:
            for attempt in range(1, attempts + 1):
                file = storage_name(task_id, attempt)
                storage().delete(file)
                storage().delete(previews.name_of(file))
            with transaction():
                tasks.remove(task_id)


@job(queue="default", timeout=180, retries=0)
def run_http_job(run_id: str) -> None:
    """Make one attempt of a scheduled HTTP call."""
    call = schedules.claim_call(uuid.UUID(run_id))
    db.session.commit()
    if call is not None:
        result = httpjobs.send(call.request)
        schedules.note_result(call, result)


@job(queue="low")
def mail_result(run_id: str) -> None:
    """Tell by e-mail how a run of a schedule ended. Raises what the mail server refuses with, to be tried again."""
    letter = letters.about(uuid.UUID(run_id))
    db.session.commit()
    if letter is not None:
        letters.post(letter)


@job(queue="low")
def delete_logo(name: str) -> None:
    """Delete the file of a logo that no document will show again."""
    storage().delete(name)
