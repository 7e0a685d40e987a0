"""Report tasks, their schedules, and the stations (contract 3: B, C, H). The state lives here; RQ is the messenger."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Base, UtcDateTime
from webapp.kit import clock

STATES = ("queued", "running", "completed", "failed", "cancelled", "removed")


class Station(Base):
    """A lane that reports are printed for. Its number is given by the operator."""

    __tablename__ = "stations"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)


class ReportSchedule(Base):
    """A report that is asked for again and again: `cron` in `timezone`, `payload` as contract 3 words a task."""

    __tablename__ = "report_schedules"
    label_field = "cron"

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    cron: Mapped[str] = mapped_column(String(100))
    timezone: Mapped[str] = mapped_column(String(60))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    is_active: Mapped[bool] = mapped_column(default=True)
    last_run: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_run: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)


class ReportTask(Base):
    """One report to print. `payload` is what was asked; `attempt` tells a worker whether the task is still its own."""

    __tablename__ = "report_tasks"
    __table_args__ = (Index(None, "status", "created_at"), Index(None, "created_at"))
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
        return f"reports/{self.id.hex}.pdf"
