"""Reading tasks, schedules and their runs."""

import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from webapp.database import AnySelect
from webapp.documents.models import GOING, ReportSchedule, ReportTask, ScheduleRun
from webapp.extensions import db
from webapp.kit import clock
from webapp.kit.paging import Page


def tasks_page(
    number: int,
    size: int,
    zone: ZoneInfo,
    *,
    status: str = "",
    first: date | None = None,
    last: date | None = None,
) -> Page[ReportTask]:
    """Tasks (of one state, asked for on business days `first` to `last`), newest first."""
    statement = select(ReportTask)
    if status:
        statement = statement.where(ReportTask.status == status)
    if first is not None:
        statement = statement.where(
            ReportTask.created_at >= clock.from_unix(clock.day_bounds(first, zone)[0])
        )
    if last is not None:
        statement = statement.where(ReportTask.created_at < clock.from_unix(clock.day_bounds(last, zone)[1]))
    return _page(statement.order_by(ReportTask.created_at.desc(), ReportTask.id), number, size)


def schedules() -> list[ReportSchedule]:
    """All of them, oldest first (there is a limit to how many there are)."""
    return list(
        db.session.scalars(select(ReportSchedule).order_by(ReportSchedule.created_at, ReportSchedule.id))
    )


def runs_page(schedule_id: uuid.UUID, number: int, size: int) -> Page[ScheduleRun]:
    """A schedule's runs, newest first."""
    statement = select(ScheduleRun).where(ScheduleRun.schedule_id == schedule_id)
    return _page(statement.order_by(ScheduleRun.created_at.desc(), ScheduleRun.id), number, size)


def _page(statement: AnySelect, number: int, size: int) -> Page[Any]:
    total = db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    items = db.session.scalars(statement.limit(size).offset((number - 1) * size)).all()
    return Page(items, number, size, total)


def going(limit: int) -> list[ReportTask]:
    """What prints or waits for it: running ones first, then in the order of the queue."""
    statement = select(ReportTask).where(ReportTask.status.in_(GOING))
    statement = statement.order_by(ReportTask.status.desc(), ReportTask.created_at, ReportTask.id)
    return list(db.session.scalars(statement.limit(limit)))


def last_asked(by: str) -> ReportTask | None:
    """What this person asked for last."""
    mine = select(ReportTask).where(ReportTask.requested_by == by)
    return db.session.scalar(mine.order_by(ReportTask.created_at.desc()).limit(1))


def issued(number: str) -> ReportTask | None:
    """The document with this number, if one was ever finished; its file may have expired since."""
    known = ReportTask.number == number, ReportTask.status.in_(("completed", "removed"))
    return db.session.scalar(select(ReportTask).where(*known, ReportTask.sha256.is_not(None)))


def files_page(number: int, size: int) -> Page[ReportTask]:
    """Reports whose file is kept, the one that expires last first."""
    statement = select(ReportTask).where(ReportTask.status == "completed")
    return _page(statement.order_by(ReportTask.finished_at.desc(), ReportTask.id), number, size)


def bytes_kept() -> int:
    """How much the files of all reports take."""
    kept = select(func.sum(ReportTask.output_size)).where(ReportTask.status == "completed")
    return int(db.session.scalar(kept) or 0)


def latest_runs(schedule_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, ScheduleRun]:
    """The last run of each schedule that has had one."""
    newest = (
        select(ScheduleRun.schedule_id, func.max(ScheduleRun.created_at).label("at"))
        .where(ScheduleRun.schedule_id.in_(list(schedule_ids)))
        .group_by(ScheduleRun.schedule_id)
        .subquery()
    )
    same = (ScheduleRun.schedule_id == newest.c.schedule_id) & (ScheduleRun.created_at == newest.c.at)
    return {run.schedule_id: run for run in db.session.scalars(select(ScheduleRun).join(newest, same))}


def schedule_of(task: ReportTask) -> ReportSchedule | None:
    """The schedule that asked for it, while it exists."""
    return db.session.get(ReportSchedule, task.schedule_id) if task.schedule_id else None
