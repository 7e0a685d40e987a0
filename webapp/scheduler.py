"""The clock of the product: what runs when, exactly once however many schedulers tick, caught up after a pause."""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from cronsim import CronSim
from sqlalchemy import String, update
from sqlalchemy.orm import Mapped, mapped_column

from webapp import config
from webapp.accounts import jobs as account_jobs
from webapp.database import Base, UtcDateTime, rows_changed, transaction
from webapp.extensions import db, log
from webapp.gates import jobs as gate_jobs
from webapp.kit import clock
from webapp.queue import Job, enqueue

TICK_SECONDS = 20


class Entry(NamedTuple):
    """A job and its cron line, in APP_TIMEZONE."""

    cron: str
    job: Job[[]]


ENTRIES: Sequence[Entry] = (
    Entry("5 1 * * *", gate_jobs.recount_yesterday),
    Entry("30 0 * * *", gate_jobs.make_partitions),
    Entry("15 3 * * *", account_jobs.sweep_sessions),
)


class ScheduledRun(Base):
    """When an entry was last enqueued. The row is how schedulers agree on who does it."""

    __tablename__ = "scheduled_runs"
    in_activity_log = False

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    last_run_at: Mapped[datetime] = mapped_column(UtcDateTime)


def run_forever() -> None:
    """Tick until the process is told to stop."""
    while True:
        try:
            tick(clock.now())
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
