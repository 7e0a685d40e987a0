"""The clock of the product: what runs when, exactly once however many schedulers tick, caught up after a pause."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from cronsim import CronSim
from sqlalchemy import String, select, update
from sqlalchemy.orm import Mapped, mapped_column

from webapp import config
from webapp.accounts import jobs as account_jobs
from webapp.billing import gateway_jobs, print_jobs, run_jobs
from webapp.billing import jobs as billing_jobs
from webapp.database import Base, UtcDateTime, rows_changed, transaction
from webapp.documents import jobs as document_jobs
from webapp.documents import schedules
from webapp.extensions import db, log
from webapp.gates import jobs as gate_jobs
from webapp.kit import clock
from webapp.markers import jobs as marker_jobs
from webapp.notifications import jobs as notification_jobs
from webapp.queue import Job, enqueue
from webapp.subscribers import import_jobs
from webapp.subscribers import jobs as subscriber_jobs
from webapp.subscribers.routers import jobs as router_jobs
from webapp.webhooks import jobs as webhook_jobs

TICK_SECONDS = 20


class Entry(NamedTuple):
    """A job and its cron line, in APP_TIMEZONE."""

    cron: str
    job: Job[[]]


ENTRIES: Sequence[Entry] = (
    Entry("5 1 * * *", gate_jobs.recount_yesterday),
    Entry("30 0 * * *", gate_jobs.make_partitions),
    Entry("15 3 * * *", account_jobs.sweep_sessions),
    Entry("* * * * *", document_jobs.rescue_reports),
    Entry("40 2 * * *", document_jobs.expire_reports),
    Entry("20 3 * * *", marker_jobs.sweep_photos),
    Entry("30 1 * * *", billing_jobs.check_books),
    Entry("* * * * *", gateway_jobs.tend_links),
    Entry("* * * * *", gateway_jobs.apply_callbacks),
    Entry("* * * * *", print_jobs.rescue_prints),
    Entry("45 2 * * *", print_jobs.expire_prints),
    Entry("* * * * *", run_jobs.rescue_runs),
    Entry("* * * * *", run_jobs.send_messages),
    Entry("4 0 * * *", run_jobs.mark_overdue),
    Entry("20 0 * * *", run_jobs.start_billing),
    Entry("40 0 * * *", run_jobs.settle_suspensions),
    Entry("0 8 * * *", run_jobs.write_reminders),
    Entry("55 2 * * *", run_jobs.sweep_messages),
    Entry("2 0 * * *", subscriber_jobs.begin_planned_packages),
    Entry("50 3 * * *", subscriber_jobs.purge_customers),
    Entry("* * * * *", router_jobs.check_routers),
    Entry("*/5 * * * *", router_jobs.reconcile_waiting),
    Entry("30 4 * * *", router_jobs.reconcile_all),
    Entry("* * * * *", import_jobs.rescue_imports),
    Entry("20 4 * * *", import_jobs.sweep_import_files),
    Entry("10 3 * * *", notification_jobs.sweep_notifications),
    Entry("* * * * *", webhook_jobs.retry_webhooks),
    Entry("* * * * *", gate_jobs.tell_partners),
    Entry("50 2 * * *", webhook_jobs.sweep_webhooks),
)


class ScheduledRun(Base):
    """When an entry was last enqueued. The row is how schedulers agree on who does it."""

    __tablename__ = "scheduled_runs"
    in_activity_log = False

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    last_run_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Overview(NamedTuple):
    """An entry as people see it; `last_run` and `next_run` are None until a scheduler has seen it first."""

    name: str
    about: str
    cron: str
    last_run: datetime | None
    next_run: datetime | None


def overview() -> list[Overview]:
    """The product's own housekeeping: what runs when, and when it last did."""
    ran = {run.name: run.last_run_at for run in db.session.scalars(select(ScheduledRun))}
    return [_seen(entry, ran.get(entry.job.path)) for entry in ENTRIES]


def _seen(entry: Entry, last: datetime | None) -> Overview:
    following = next(CronSim(entry.cron, last.astimezone(config.current().timezone))) if last else None
    about = (entry.job.__doc__ or "").strip().splitlines()[0]
    name = entry.job.path.rsplit(".", 1)[1]
    return Overview(name, about, entry.cron, last, following and following.astimezone(UTC))


def run_forever() -> None:
    """Tick until the process is told to stop."""
    while True:
        try:
            tick(clock.now())
            schedules.tick(clock.now())
        except Exception as error:  # noqa: BLE001 - the clock must not stop
            log.error("scheduler_tick_failed", error=str(error))
        time.sleep(TICK_SECONDS)


def tick(now: datetime, entries: Sequence[Entry] = ENTRIES) -> list[str]:
    """Enqueue what has come due; return the jobs' names. What was missed for days runs once."""
    started = []
    for entry in entries:
        with transaction():
            if _claim(entry, now, config.current().timezone):
                enqueue(entry.job)
                started.append(entry.job.path)
    return started


def _claim(entry: Entry, now: datetime, zone: ZoneInfo) -> bool:
    """Whether the entry is due and this scheduler is the one to run it; its first sight starts its clock."""
    run = db.session.get(ScheduledRun, entry.job.path)
    if run is None:
        db.session.add(ScheduledRun(name=entry.job.path, last_run_at=now))
        return False
    if next(CronSim(entry.cron, run.last_run_at.astimezone(zone))) > now:
        return False
    seen = run.last_run_at
    claim = update(ScheduledRun).where(ScheduledRun.name == run.name, ScheduledRun.last_run_at == seen)
    return rows_changed(claim.values(last_run_at=now)) == 1
