"""Printing in the background, and the housekeeping around it."""

from datetime import timedelta

from sqlalchemy import select

from webapp.accounts import settings
from webapp.documents import printing, tasks
from webapp.documents.models import ReportTask
from webapp.extensions import db
from webapp.kit import clock
from webapp.queue import enqueue, job
from webapp.storage import storage

EXPIRED_AT_ONCE = 500


@job(queue="default", timeout=6 * 3600, retries=0)
def print_next() -> None:
    """Print the report that has waited longest, then see to the next; leaves at once when enough are printing."""
    task = tasks.claim_next()
    if task is None:
        return
    printing.run(task)
    if tasks.count("queued"):
        enqueue(print_next)


@job(queue="high")
def rescue_reports() -> None:
    """Take up again what dead workers left, and wake a worker when reports wait (their message may be lost)."""
    tasks.rescue()
    waiting = min(tasks.count("queued"), settings.number("queue_concurrency") - tasks.count("running"))
    for _ in range(max(0, waiting)):
        enqueue(print_next)


@job(queue="low")
def expire_reports() -> None:
    """Delete files older than `max_output_age_days`; their tasks stay, as `removed`."""
    oldest = clock.now() - timedelta(days=settings.number("max_output_age_days"))
    expired = select(ReportTask).where(ReportTask.status == "completed", ReportTask.finished_at < oldest)
    for task in db.session.scalars(expired.limit(EXPIRED_AT_ONCE)):
        storage().delete(task.storage_name)
        task.status, task.output_name = "removed", None
