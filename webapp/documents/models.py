"""Report tasks, schedules with their runs, and stations (contract 3: B, C, H). The state is here; RQ carries word."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from webapp.audit import SECRET
from webapp.database import Base, UtcDateTime
from webapp.kit import clock
from webapp.vault import EncryptedText

STATES = ("queued", "running", "completed", "failed", "cancelled", "removed")
GOING = ("queued", "running")


class Station(Base):
    """A lane that reports are printed for. Its number is given by the operator."""

    __tablename__ = "stations"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)


class ReportSchedule(Base):
    """What is done again and again: `cron` in `timezone`, `payload` as contract 3 words a task, or an HTTP job.

    `secrets` are an HTTP job's headers and body, as JSON. `next_run` is None while it is paused.
    """

    __tablename__ = "report_schedules"
    label_field = "label"

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    name: Mapped[str] = mapped_column(String(100), default="")
    cron: Mapped[str] = mapped_column(String(100))
    timezone: Mapped[str] = mapped_column(String(60))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    secrets: Mapped[str | None] = mapped_column(EncryptedText, deferred=True, info=SECRET)
    email: Mapped[str | None] = mapped_column(String(254))
    email_on: Mapped[str] = mapped_column(String(10), default="failure")  # or: always
    is_active: Mapped[bool] = mapped_column(default=True)
    last_run: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_run: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)

    @property
    def label(self) -> str:
        return self.name or self.cron

    @property
    def is_http(self) -> bool:
        return self.payload.get("kind") == "http"


class ScheduleRun(Base):
    """One run of a schedule, or one that was skipped. That of a report ends with its task."""

    __tablename__ = "schedule_runs"
    __table_args__ = (Index(None, "schedule_id", "created_at"), Index(None, "status", "not_before"))
    in_activity_log = False

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    schedule_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("report_schedules.id", ondelete="CASCADE"))
    trigger: Mapped[str] = mapped_column(String(10))  # clock, catch-up or hand
    status: Mapped[str] = mapped_column(String(10), default="running")  # or as a task's; or skipped
    planned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempt: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # of this attempt
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when to look after it again
    detail: Mapped[str] = mapped_column(Text, default="")
    task_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("report_tasks.id", ondelete="SET NULL"), index=True
    )


class ReportTask(Base):
    """One report to print. `payload` is what was asked; `attempt` tells a worker whether the task is still its own."""

    __tablename__ = "report_tasks"
    __table_args__ = (
        Index(None, "status", "created_at"),
        Index(None, "created_at"),
        Index(None, "updated_at"),
    )
    in_activity_log = False  # a machine moves it; who asked for it or cancelled it is noted

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    schedule_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("report_schedules.id", ondelete="SET NULL"), index=True
    )
    number: Mapped[str] = mapped_column(String(30), unique=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    status: Mapped[str] = mapped_column(String(10), default="queued")
    stage: Mapped[str] = mapped_column(String(40), default="")
    progress: Mapped[int] = mapped_column(default=0)  # percent
    attempt: Mapped[int] = mapped_column(default=0)
    alive_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime)  # queued again, but not for right now
    error: Mapped[str | None] = mapped_column(Text)
    warnings: Mapped[list[str]] = mapped_column(JSON, default=list)
    output_name: Mapped[str | None] = mapped_column(String(150), unique=True)
    output_size: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(String(64))
    pages: Mapped[int | None]
    transactions: Mapped[int | None]
    requested_by: Mapped[str] = mapped_column(String(150), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def storage_name(self) -> str:
        """Where its file is kept: by its id, so that no name from outside ever reaches the storage."""
        return storage_name(self.id, self.attempt)


def storage_name(task_id: uuid.UUID, attempt: int) -> str:
    """Each attempt has a file of its own, so that a worker that was only slow can't replace what another finished."""
    return f"reports/{task_id.hex}-{attempt}.pdf"
