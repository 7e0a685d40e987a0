"""Notifications, and which accounts have read them (contract 2, Notifications)."""

from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import Base, UtcDateTime
from webapp.kit import clock

Kind = Literal[
    "new_invoice",
    "payment_received",
    "service_suspended",
    "mikrotik_issue",
    "new_customer",
    "import_finished",
    "system",
]
KINDS: tuple[str, ...] = get_args(Kind)


class Notification(Base):
    """Something worth telling every account that is at least `role_level` on the day it happens."""

    __tablename__ = "notifications"
    __table_args__ = (Index(None, "created_at"),)
    in_activity_log = False

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))
    message: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    role_level: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)


class Receipt(Base):
    """One account's copy: unread while `read_at` is None."""

    __tablename__ = "notification_receipts"
    __table_args__ = (Index(None, "user_id", "read_at", "notification_id"), Index(None, "notification_id"))
    in_activity_log = False

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    notification_id: Mapped[int] = mapped_column(
        ForeignKey("notifications.id", ondelete="CASCADE"), primary_key=True
    )
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    notification: Mapped[Notification] = relationship(lazy="joined", innerjoin=True)
