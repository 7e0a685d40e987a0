"""The history of schedules: each run from its start to its end, and who must hear of it."""

from datetime import datetime

from sqlalchemy import select

from webapp import audit
from webapp.documents.models import GOING, ReportSchedule, ReportTask, ScheduleRun
from webapp.extensions import db, log
from webapp.kit import clock
from webapp.queue import enqueue

KEPT = 500  # runs of one schedule


def begin(schedule: ReportSchedule, trigger: str, planned_at: datetime) -> ScheduleRun:
    run = ScheduleRun(schedule_id=schedule.id, trigger=trigger, planned_at=planned_at)
    db.session.add(run)
    db.session.flush()
    return run


def skip(schedule: ReportSchedule, planned_at: datetime) -> None:
    """A run that did not take place, because the one before it is still going."""
    run = begin(schedule, "clock", planned_at)
    run.status, run.detail, run.finished_at = "skipped", "The run before was still going", clock.now()
    log.warning("schedule_run_skipped", schedule=str(schedule.id))


def is_going(schedule: ReportSchedule) -> bool:
    going = select(ScheduleRun.id).where(
        ScheduleRun.schedule_id == schedule.id, ScheduleRun.status.in_(GOING)
    )
    return db.session.scalar(going.limit(1)) is not None


def follow(task: ReportTask) -> None:
    """A task has ended; the run that asked for it, if one did, ends with it."""
    run = db.session.scalar(select(ScheduleRun).where(ScheduleRun.task_id == task.id))
    if run is not None and run.status in GOING:
        end(run, task.status, task.error or "")


def end(run: ScheduleRun, status: str, detail: str) -> None:
    """A failure is told: to the log, to the activity log and, where somebody wants to know, by e-mail."""
    from webapp.documents.jobs import mail_result

    run.status, run.detail, run.finished_at = status, detail[:1_000], clock.now()
    schedule = db.session.get_one(ReportSchedule, run.schedule_id)
    if status == "failed":
        log.warning("schedule_failed", schedule=str(schedule.id), reason=run.detail)
        audit.note("failed", "report_schedules", schedule.id, schedule.label, reason=run.detail)
    if schedule.email and (status == "failed" or schedule.email_on == "always"):
        enqueue(mail_result, str(run.id))
