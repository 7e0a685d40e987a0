"""What billing is busy with: the monthly run, the gateway's callbacks, reminders on their way."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.billing.models import Invoice
from webapp.database import Base, UtcDateTime
from webapp.kit import clock


class BillingRun(Base):
    """One run over the subscriptions for a period: `status` is waiting, running, done or failed.

    It has dealt with every subscription up to `reached_id`; `attempt` tells a worker whether it is still its own.
    """

    __tablename__ = "billing_runs"
    __table_args__ = (Index(None, "status", "created_at"), Index(None, "period", "created_at"))
    in_activity_log = False

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    period: Mapped[str] = mapped_column(String(7))
    due_from: Mapped[date]  # the due dates that it bills, both included
    due_to: Mapped[date]
    trigger: Mapped[str] = mapped_column(String(10))  # clock or hand
    status: Mapped[str] = mapped_column(String(10), default="waiting")
    reached_id: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    created: Mapped[int] = mapped_column(default=0)
    amount: Mapped[int] = mapped_column(BigInteger, default=0)
    left_out: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)  # reason → how many
    attempt: Mapped[int] = mapped_column(default=0)
    alive_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str] = mapped_column(Text, default="")
    created_by: Mapped[str] = mapped_column(String(150), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class GatewayCallback(Base):
    """What the gateway told us, as it came: `status` is waiting, applied, ignored or failed."""

    __tablename__ = "gateway_callbacks"
    __table_args__ = (
        Index(None, "status", "id"),
        Index(None, "external_id", "id"),
        Index(None, "received_at"),
    )
    in_activity_log = False

    id: Mapped[int] = mapped_column(primary_key=True)
    brand_code: Mapped[str] = mapped_column(String(30))  # whose token it carried
    external_id: Mapped[str] = mapped_column(String(100), default="")
    gateway_id: Mapped[str] = mapped_column(String(100), default="")
    kind: Mapped[str] = mapped_column(String(20), default="")  # PAID, EXPIRED, …
    body: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(10), default="waiting")
    detail: Mapped[str] = mapped_column(String(300), default="")
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DunningRule(Base):
    """When a reminder goes out: `offset_days` after the due date (negative: before), for a brand or for all."""

    __tablename__ = "dunning_rules"
    __table_args__ = (Index(None, "brand_code", "offset_days", "channel", unique=True),)
    label_field = "template"

    id: Mapped[int] = mapped_column(primary_key=True)
    brand_code: Mapped[str | None] = mapped_column(ForeignKey("brands.code"))
    offset_days: Mapped[int]
    channel: Mapped[str] = mapped_column(String(10))  # email or whatsapp
    template: Mapped[str] = mapped_column(String(30))
    is_active: Mapped[bool] = mapped_column(default=True)


class MessageTemplate(Base):
    """The words of a message in a language; where there is none, those in webapp/billing/wording.py stand."""

    __tablename__ = "message_templates"
    __table_args__ = (Index(None, "key", "channel", "language", unique=True),)
    label_field = "key"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(30))
    channel: Mapped[str] = mapped_column(String(10))
    language: Mapped[str] = mapped_column(String(5))
    subject: Mapped[str] = mapped_column(String(200), default="")
    body: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)


class OutboxMessage(Base):
    """A message to a customer, written with what it tells of and sent later: waiting, sent, failed or dropped.

    `once` is what it is about (rule, invoice, day): the same is never written twice.
    """

    __tablename__ = "outbox_messages"
    __table_args__ = (
        Index(None, "status", "next_try_at"),
        Index(None, "customer_id", "id"),
        Index(None, "invoice_id"),
    )
    in_activity_log = False

    id: Mapped[int] = mapped_column(primary_key=True)
    once: Mapped[str] = mapped_column(String(120), unique=True)
    channel: Mapped[str] = mapped_column(String(10))
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200), default="")
    body: Mapped[str] = mapped_column(Text)
    attach_invoice: Mapped[bool] = mapped_column(default=False)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"))
    status: Mapped[str] = mapped_column(String(10), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    invoice: Mapped[Invoice | None] = relationship()


class PaymentPromise(Base):
    """A customer's word to pay an invoice until a day: it is neither reminded of nor suspended before."""

    __tablename__ = "payment_promises"
    __table_args__ = (Index(None, "invoice_id", "until"),)
    label_field = "note"

    id: Mapped[int] = mapped_column(primary_key=True)
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"))
    until: Mapped[date]
    note: Mapped[str] = mapped_column(String(200), default="")
    created_by: Mapped[str] = mapped_column(String(150), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)


class BulkPrint(Base):
    """Many invoices printed at once, as one PDF or as files: what was asked for, and where the result is kept."""

    __tablename__ = "bulk_prints"
    __table_args__ = (Index(None, "status", "created_at"),)
    in_activity_log = False

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    chosen: Mapped[dict[str, Any]] = mapped_column(JSON)  # the list's filter, or ids
    as_files: Mapped[bool] = mapped_column(default=False)  # a ZIP of one PDF each
    status: Mapped[str] = mapped_column(String(10), default="waiting")  # running, done, failed
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    storage_name: Mapped[str] = mapped_column(String(150), default="")
    attempt: Mapped[int] = mapped_column(default=0)
    alive_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str] = mapped_column(Text, default="")
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
