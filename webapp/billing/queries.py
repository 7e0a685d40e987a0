"""Looking up invoices and payments. What is listed leaves the invoices of deleted customers out; the books don't.

A list costs the same however many invoices there are: an index has each filter in the order of the list, and how many
there are in all is told by the figures by day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, and_, case, func, select

from webapp.billing.ledger import get_invoice
from webapp.billing.models import (
    RECEIVABLE,
    Allocation,
    CreditNote,
    CustomerAccount,
    DailyInvoices,
    Invoice,
    LedgerEntry,
    LedgerLine,
    Payment,
)
from webapp.billing.payments import get_payment
from webapp.errors import NotFound
from webapp.extensions import db
from webapp.subscribers.customers import get_customer
from webapp.subscribers.models import Customer


@dataclass(frozen=True)
class InvoiceFilter:
    """Which invoices; None is any. `period` is `YYYY-MM`."""

    customer_id: int | None = None
    status: str | None = None
    period: str | None = None
    brand: str | None = None

    @property
    def is_counted_by_day(self) -> bool:
        return self.customer_id is None and self.period is None

    def __call__(self, statement: Select[Any]) -> Select[Any]:
        pairs = (
            (Invoice.customer_id, self.customer_id),
            (Invoice.status, self.status),
            (Invoice.period, self.period),
            (Invoice.brand_code, self.brand),
        )
        return statement.where(*(column == value for column, value in pairs if value is not None))


def invoices(chosen: InvoiceFilter, skip: int = 0, limit: int = 15) -> tuple[Sequence[Invoice], int]:
    """Invoices of customers that are not deleted, newest first, and how many there are in all."""
    statement = chosen(select(Invoice).join(Customer).where(Customer.deleted_at.is_(None)))
    page = statement.order_by(Invoice.id.desc()).offset(skip).limit(limit)
    return db.session.scalars(page).all(), count_invoices(chosen)


def count_invoices(chosen: InvoiceFilter) -> int:
    """How many invoices of customers that are not deleted: all, less those of the few that are."""
    deleted = select(func.count(Invoice.id)).select_from(Customer).join(Invoice)
    less = db.session.scalar(chosen(deleted.where(Customer.deleted_at.is_not(None)))) or 0
    return _count_all(chosen) - less


def _count_all(chosen: InvoiceFilter) -> int:
    if not chosen.is_counted_by_day:
        return db.session.scalar(chosen(select(func.count(Invoice.id)))) or 0
    pairs = ((DailyInvoices.status, chosen.status), (DailyInvoices.brand_code, chosen.brand))
    counted = select(func.sum(DailyInvoices.count)).where(
        *(column == value for column, value in pairs if value is not None)
    )
    return int(db.session.scalar(counted) or 0)


def invoice_of_present(invoice_id: int) -> Invoice:
    """An invoice whose customer is not deleted. Raises NotFound."""
    invoice = get_invoice(invoice_id)
    if invoice.customer.deleted_at is not None:
        raise NotFound("Invoice not found")
    return invoice


def payment_of_present(payment_id: int) -> Payment:
    """A payment whose customer is not deleted. Raises NotFound."""
    payment = get_payment(payment_id)
    if payment.customer.deleted_at is not None:
        raise NotFound("Payment not found")
    return payment


class Source(NamedTuple):
    """What paid an invoice, and how much of it still does; `payment` is None for the customer's credit."""

    payment: Payment | None
    amount: int


def sources_of(invoice_id: int) -> list[Source]:
    """What pays an invoice, in the order in which it came."""
    net = func.sum(Allocation.amount)
    statement = select(Payment, net).select_from(Allocation).outerjoin(Payment)
    statement = statement.where(Allocation.invoice_id == invoice_id).group_by(Payment.id).having(net > 0)
    rows = db.session.execute(statement.order_by(func.min(Allocation.id)))
    return [Source(payment, int(amount)) for payment, amount in rows]


def credit_notes_of(invoice_id: int) -> Sequence[CreditNote]:
    """Oldest first."""
    statement = select(CreditNote).where(CreditNote.invoice_id == invoice_id)
    return db.session.scalars(statement.order_by(CreditNote.id)).all()


class Moment(NamedTuple):
    """A turn in an invoice's life: `kind` is the ledger entry's, `amount` what it added to what is owed (rupiah)."""

    at: datetime
    kind: str
    amount: int
    payment_id: int | None
    memo: str
    actor_name: str


def timeline(invoice_id: int) -> list[Moment]:
    """What the books say of an invoice, from its issue on."""
    owed = func.sum(case((LedgerLine.account == RECEIVABLE, LedgerLine.amount), else_=0))
    columns = LedgerEntry.payment_id, LedgerEntry.memo, LedgerEntry.actor_name
    statement = select(LedgerEntry.at, LedgerEntry.kind, owed, *columns).join(LedgerLine)
    statement = statement.where(LedgerEntry.invoice_id == invoice_id).group_by(LedgerEntry.id)
    rows = db.session.execute(statement.order_by(LedgerEntry.id))
    return [Moment(at, kind, int(amount), *rest) for at, kind, amount, *rest in rows]


@dataclass(frozen=True)
class PaymentFilter:
    """Which payments; None is any. Those of an invoice are the ones that have paid some of it."""

    customer_id: int | None = None
    invoice_id: int | None = None
    method: str | None = None

    def __call__(self, statement: Select[Any]) -> Select[Any]:
        pairs = ((Payment.customer_id, self.customer_id), (Payment.method, self.method))
        statement = statement.where(*(column == value for column, value in pairs if value is not None))
        if self.invoice_id is None:
            return statement
        paying = select(Allocation.payment_id).where(Allocation.invoice_id == self.invoice_id)
        return statement.where(Payment.id.in_(paying))


def payments(chosen: PaymentFilter, skip: int = 0, limit: int = 15) -> tuple[Sequence[Payment], int]:
    """Payments of customers that are not deleted, newest first, and how many there are in all."""
    present = and_(Customer.id == Payment.customer_id, Customer.deleted_at.is_(None))
    statement = chosen(select(Payment).join(Customer, present))
    total = db.session.scalar(chosen(select(func.count(Payment.id)).join(Customer, present))) or 0
    page = statement.order_by(Payment.id.desc()).offset(skip).limit(limit)
    return db.session.scalars(page).all(), total


def shares_of(payment_ids: Sequence[int]) -> Sequence[Row[*tuple[Any, ...]]]:
    """(payment_id, invoice_id, number, amount) of what these payments pay now."""
    net = func.sum(Allocation.amount)
    statement = select(Allocation.payment_id, Invoice.id, Invoice.number, net).join(Invoice)
    statement = statement.where(Allocation.payment_id.in_(payment_ids)).having(net > 0)
    statement = statement.group_by(Allocation.payment_id, Invoice.id, Invoice.number)
    return db.session.execute(statement.order_by(Invoice.id)).all()


def balance(customer_id: int) -> CustomerAccount:
    """Where a customer stands, if only with an empty account. Raises NotFound, also for a deleted one."""
    customer = get_customer(customer_id)
    account = db.session.get(CustomerAccount, customer.id)
    return account or CustomerAccount(customer_id=customer.id, owed=0, credit=0, paid_late=False, expired=0)
