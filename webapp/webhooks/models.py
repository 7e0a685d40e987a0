"""Partners' addresses, and what is to be delivered there."""

import uuid
from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.audit import SECRET
from webapp.database import Base, UtcDateTime
from webapp.kit import clock
from webapp.vault import EncryptedText


class WebhookEndpoint(Base):
    """Where a partner listens, and for what: `kinds` such as `invoice.paid`, or `invoice.*`, or `*`.

    `disabled_reason` says who or what switched it off.
    """

    __tablename__ = "webhook_endpoints"
    label_field = "url"

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    url: Mapped[str] = mapped_column(String(500))
    description: Mapped[str] = mapped_column(String(150), default="")
    kinds: Mapped[list[str]] = mapped_column(JSON)
    secret: Mapped[str | None] = mapped_column(EncryptedText, deferred=True, info=SECRET)
    previous_secret: Mapped[str | None] = mapped_column(EncryptedText, deferred=True, info=SECRET)
    previous_until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # signed with both until then
    is_active: Mapped[bool] = mapped_column(default=True)
    disabled_reason: Mapped[str] = mapped_column(String(200), default="")
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)


class WebhookMessage(Base):
    """One thing that happened, in the exact text that is signed and sent."""

    __tablename__ = "webhook_messages"
    __table_args__ = (Index(None, "created_at"),)
    in_activity_log = False

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    kind: Mapped[str] = mapped_column(String(60))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)


class WebhookDelivery(Base):
    """A message on its way to an endpoint: `status` is waiting, delivered or failed."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        Index(None, "status", "next_try_at"),
        Index(None, "endpoint_id", "created_at"),
        Index(None, "message_id"),
    )
    in_activity_log = False

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    endpoint_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("webhook_endpoints.id", ondelete="CASCADE"))
    message_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("webhook_messages.id", ondelete="CASCADE"))
    status: Mapped[str] = mapped_column(String(10), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer_status: Mapped[int | None]
    detail: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    message: Mapped[WebhookMessage] = relationship()
    endpoint: Mapped[WebhookEndpoint] = relationship()


class WebhookHealth(Base):
    """What the deliveries say of an endpoint: since when they fail without one that arrived."""

    __tablename__ = "webhook_health"
    in_activity_log = False

    endpoint_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("webhook_endpoints.id", ondelete="CASCADE"), primary_key=True
    )
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_success_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
