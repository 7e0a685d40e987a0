"""Invoices, payments and the ledger (contract 2, Invoice Endpoints). All money is whole rupiah."""

import secrets
import uuid
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, Numeric, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.audit import SECRET
from webapp.database import Base, UtcDateTime
from webapp.kit import clock
from webapp.subscribers.models import Customer

DRAFT, OPEN, PAID, OVERDUE, CANCELLED = "Draft", "Menunggu Pembayaran", "Lunas", "Jatuh Tempo", "Batal"
INVOICE_STATES = (DRAFT, OPEN, PAID, OVERDUE, CANCELLED)
OWING = (OPEN, OVERDUE)
ISSUED = (*OWING, PAID)  # what counts as revenue
CASH, TRANSFER, GATEWAY = "cash", "transfer", "xendit"
METHODS = (CASH, TRANSFER, GATEWAY)
# The ledger's accounts: what customers owe us, what we owe them, where the money is, what it was for.
RECEIVABLE, CREDIT, REVENUE, TAX = "receivable", "credit", "revenue", "tax"
ACCOUNTS = (RECEIVABLE, CREDIT, REVENUE, TAX, *METHODS)
LongId = BigInteger().with_variant(Integer, "sqlite")


def new_token() -> str:
    """What nobody guesses: 192 bits."""
    return secrets.token_urlsafe(24)


class NumberSeries(Base):
    """The last number given in a series, such as `INV-2024-`. Taken and used in one transaction, so without gaps."""

    __tablename__ = "number_series"
    in_activity_log = False

    prefix: Mapped[str] = mapped_column(String(80), primary_key=True)
    last: Mapped[int]


class Invoice(Base):
    """What a customer owes for a period (`YYYY-MM`). Once issued, only `paid`, `credited` and `status` change.

    `subscription_id` is set on the month's invoice, of which a subscription has one a period; `token` opens its public
    payment page.
    """

    __tablename__ = "invoices"
    __table_args__ = (
        Index(None, "subscription_id", "period", unique=True),
        Index(None, "customer_id", "id"),
        Index(None, "status", "id"),
        Index(None, "period", "id"),
        Index(None, "status", "due_on", "id"),
        Index(None, "brand_code", "issued_on", "id"),
        Index(None, "run_id"),
    )
    label_field = "number"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    token: Mapped[str] = mapped_column(String(40), unique=True, default=new_token, info=SECRET)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    subscription_id: Mapped[int | None] = mapped_column(ForeignKey("subscriptions.id", ondelete="SET NULL"))
    brand_code: Mapped[str] = mapped_column(ForeignKey("brands.code"))
    run_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("billing_runs.id", ondelete="SET NULL"))
    period: Mapped[str] = mapped_column(String(7))
    issued_on: Mapped[date]
    due_on: Mapped[date]
    subtotal: Mapped[int] = mapped_column(BigInteger)
    tax_percent: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    tax: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int] = mapped_column(BigInteger)
    paid: Mapped[int] = mapped_column(BigInteger, default=0)  # by payments and by credit
    credited: Mapped[int] = mapped_column(BigInteger, default=0)  # by credit notes
    status: Mapped[str] = mapped_column(String(20), default=OPEN)
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)

    customer: Mapped[Customer] = relationship()
    items: Mapped[list["InvoiceItem"]] = relationship(order_by="InvoiceItem.id", cascade="all, delete-orphan")
    link: Mapped["PaymentLink | None"] = relationship()

    @property
    def balance(self) -> int:
        """What is left to pay, in rupiah."""
        return self.total - self.paid - self.credited


class InvoiceItem(Base):
    """A line of an invoice: `amount` is quantity × unit price, in rupiah before tax."""

    __tablename__ = "invoice_items"
    __table_args__ = (Index(None, "invoice_id"),)
    in_activity_log = False  # written with the invoice, and never changed

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"))
    description: Mapped[str] = mapped_column(String(200))
    quantity: Mapped[int]
    unit_price: Mapped[int] = mapped_column(BigInteger)
    amount: Mapped[int] = mapped_column(BigInteger)


class PaymentLink(Base):
    """An invoice's page at the gateway, for `amount` rupiah.

    `status` is wanted, created, paid, expired, closing (nobody shall pay there any more), closed or failed (the gateway
    says no). `next_try_at` is when it is next asked about it, whatever for.
    """

    __tablename__ = "payment_links"
    __table_args__ = (Index(None, "status", "next_try_at"),)
    in_activity_log = False

    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"), primary_key=True)
    status: Mapped[str] = mapped_column(String(10), default="wanted")
    gateway_id: Mapped[str | None] = mapped_column(String(100), unique=True)
    amount: Mapped[int] = mapped_column(BigInteger, default=0)
    url: Mapped[str] = mapped_column(String(500), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)


class CreditNote(Base):
    """What is taken back of an issued invoice: `amount` with its tax, in rupiah."""

    __tablename__ = "credit_notes"
    __table_args__ = (Index(None, "invoice_id"),)
    label_field = "number"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"))
    amount: Mapped[int] = mapped_column(BigInteger)
    tax: Mapped[int] = mapped_column(BigInteger)  # the part of it that is tax
    reason: Mapped[str] = mapped_column(String(200))
    issued_on: Mapped[date]
    created_by: Mapped[str] = mapped_column(String(150), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)


class Payment(Base):
    """Money that came in. `reference` is the gateway's or the bank's: one payment each."""

    __tablename__ = "payments"
    __table_args__ = (
        Index(None, "customer_id", "id"),
        Index(None, "received_on", "id"),
        Index(None, "method", "reference", unique=True),
    )
    label_field = "label"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    brand_code: Mapped[str] = mapped_column(ForeignKey("brands.code"))
    method: Mapped[str] = mapped_column(String(10))
    amount: Mapped[int] = mapped_column(BigInteger)
    reference: Mapped[str | None] = mapped_column(String(100))
    note: Mapped[str] = mapped_column(String(200), default="")
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_on: Mapped[date]  # the business day, in APP_TIMEZONE
    reversed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reversal_reason: Mapped[str] = mapped_column(String(200), default="")
    created_by: Mapped[str] = mapped_column(String(150), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)

    customer: Mapped[Customer] = relationship()
    allocations: Mapped[list["Allocation"]] = relationship(order_by="Allocation.id")

    @property
    def label(self) -> str:
        return f"{self.method} {self.amount}"


class Allocation(Base):
    """How much of a payment (or, without one, of the customer's credit) pays an invoice; negative takes it back."""

    __tablename__ = "allocations"
    __table_args__ = (Index(None, "invoice_id"), Index(None, "payment_id"))
    in_activity_log = False

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"))
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"))
    amount: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)


class LedgerEntry(Base):
    """One thing that happened to the books; its lines sum to nothing. The database refuses to change it (0007).

    `kind` is issue, payment, credit (used), credit_note, cancel or reversal.
    """

    __tablename__ = "ledger_entries"
    __table_args__ = (
        Index(None, "invoice_id"),
        Index(None, "customer_id", "id"),
        Index(None, "payment_id"),
        Index(None, "booked_on", "id"),
    )
    in_activity_log = False

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(15))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    brand_code: Mapped[str] = mapped_column(String(30))
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"))
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"))
    booked_on: Mapped[date]  # in APP_TIMEZONE
    memo: Mapped[str] = mapped_column(String(200), default="")
    actor_name: Mapped[str] = mapped_column(String(150), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)

    lines: Mapped[list["LedgerLine"]] = relationship(order_by="LedgerLine.id")


class LedgerLine(Base):
    """One side of an entry: `amount` in rupiah, debit positive, credit negative."""

    __tablename__ = "ledger_lines"
    __table_args__ = (Index(None, "entry_id"),)
    in_activity_log = False

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entries.id"))
    account: Mapped[str] = mapped_column(String(12))
    amount: Mapped[int] = mapped_column(BigInteger)


class CustomerAccount(Base):
    """Where a customer stands, kept with every booking; whoever books for a customer locks this row first.

    `oldest_due_on` is the earliest due date among what is owed; `paid_late` that an invoice was once paid after its
    due date; `expired` how many owed invoices' payment links have expired.
    """

    __tablename__ = "customer_accounts"
    __table_args__ = (Index(None, "oldest_due_on"), Index(None, "paid_late"))
    in_activity_log = False

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    credit: Mapped[int] = mapped_column(BigInteger, default=0)
    owed: Mapped[int] = mapped_column(BigInteger, default=0)
    oldest_due_on: Mapped[date | None]
    paid_late: Mapped[bool] = mapped_column(default=False)
    expired: Mapped[int] = mapped_column(default=0)


class DailyInvoices(Base):
    """The invoices issued on a day, by brand and the status they have now: what dashboards and reports read."""

    __tablename__ = "daily_invoices"
    in_activity_log = False

    day: Mapped[date] = mapped_column(primary_key=True)
    brand_code: Mapped[str] = mapped_column(String(30), primary_key=True)
    status: Mapped[str] = mapped_column(String(20), primary_key=True)
    count: Mapped[int]
    total: Mapped[int] = mapped_column(BigInteger)
    paid: Mapped[int] = mapped_column(BigInteger)
    credited: Mapped[int] = mapped_column(BigInteger)


class DailyCollections(Base):
    """The money that came in on a day, by brand and method; what was reversed that day is taken off."""

    __tablename__ = "daily_collections"
    in_activity_log = False

    day: Mapped[date] = mapped_column(primary_key=True)
    brand_code: Mapped[str] = mapped_column(String(30), primary_key=True)
    method: Mapped[str] = mapped_column(String(10), primary_key=True)
    count: Mapped[int]
    amount: Mapped[int] = mapped_column(BigInteger)


class LedgerFinding(Base):
    """A disagreement that the nightly check found between the ledger, the invoices and the gateway."""

    __tablename__ = "ledger_findings"
    __table_args__ = (Index(None, "resolved_at", "id"), Index(None, "kind", "subject"))
    in_activity_log = False

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(100))  # an invoice's number, a customer's id, a day
    expected: Mapped[str] = mapped_column(String(100))
    found: Mapped[str] = mapped_column(String(100))
    found_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
