"""Looking up invoices and payments. What is listed leaves the invoices of deleted customers out; the books don't.

A list costs the same however many invoices there are: an index has each filter in the order of the list, and how many
there are in all is told by the figures by day.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, and_, case, func, or_, select

from webapp.billing.ledger import get_invoice
from webapp.billing.models import (
    ISSUED,
    Allocation,
    CreditNote,
    CustomerAccount,
    DailyInvoices,
    Invoice,
    Payment,
)
from webapp.billing.payments import get_payment
from webapp.database import AnySelect, stream
from webapp.errors import NotFound
from webapp.extensions import db
from webapp.subscribers.customers import get_customer
from webapp.subscribers.models import Customer
from webapp.subscribers.queries import CustomerFilter, narrowed

# In words that both databases look up by the index of deletions: a join would have SQLite begin with all customers.
_DELETED = select(Customer.id).where(Customer.deleted_at > datetime(1970, 1, 1, tzinfo=UTC))


@dataclass(frozen=True)
class InvoiceFilter:
    """Which invoices; None is any. `period` is `YYYY-MM`; `search` a number's beginning, or of a customer."""

    customer_id: int | None = None
    status: str | None = None
    period: str | None = None
    brand: str | None = None
    search: str = ""
    since: date | None = None  # issued, both days included
    until: date | None = None
    billed: bool = False  # what a revenue report counts: no drafts, nothing cancelled

    @property
    def is_counted_by_day(self) -> bool:
        exact = self.customer_id is None and self.period is None and not self.search.strip()
        return exact and self.since is None and self.until is None and not self.billed

    def __call__(self, statement: AnySelect) -> AnySelect:
        pairs = (
            (Invoice.customer_id, self.customer_id),
            (Invoice.status, self.status),
            (Invoice.period, self.period),
            (Invoice.brand_code, self.brand),
        )
        statement = statement.where(*(column == value for column, value in pairs if value is not None))
        if self.since is not None:
            statement = statement.where(Invoice.issued_on >= self.since)
        if self.until is not None:
            statement = statement.where(Invoice.issued_on <= self.until)
        if self.billed:
            statement = statement.where(Invoice.status.in_(ISSUED))
        text = self.search.strip()
        if not text:
            return statement
        customers = narrowed(select(Customer.id), CustomerFilter(search=text))
        numbered = Invoice.number.startswith(text.upper(), autoescape=True)
        return statement.where(or_(numbered, Invoice.customer_id.in_(customers)))


def stream_invoices(chosen: InvoiceFilter, limit: int) -> Iterator[tuple[Any, ...]]:
    """At most `limit` invoices as rows of a table, newest first, a thousand at a time; good after the request."""
    columns = (
        Invoice.number,
        Customer.name,
        Invoice.brand_code,
        Invoice.period,
        Invoice.issued_on,
        Invoice.due_on,
    )
    sums = (Invoice.subtotal, Invoice.tax, Invoice.total, Invoice.paid, Invoice.credited)
    balance = Invoice.total - Invoice.paid - Invoice.credited
    statement = select(Invoice.id, *columns, *sums, balance, Invoice.status).join(Customer)
    statement = chosen(statement.where(Customer.deleted_at.is_(None))).order_by(Invoice.id.desc())
    rows = stream(db.engine, statement, lambda last: Invoice.id < last[0], limit=limit)
    return (tuple(row)[1:] for row in rows)


def invoices(chosen: InvoiceFilter, skip: int = 0, limit: int = 15) -> tuple[Sequence[Invoice], int]:
    """Invoices of customers that are not deleted, newest first, and how many there are in all."""
    statement = chosen(select(Invoice).where(Invoice.customer_id.not_in(_DELETED)))
    page = statement.order_by(Invoice.id.desc()).offset(skip).limit(limit)
    return db.session.scalars(page).all(), count_invoices(chosen)


def count_invoices(chosen: InvoiceFilter) -> int:
    """How many invoices of customers that are not deleted: all, less those of the few that are."""
    fitting = chosen(select(Invoice.id)).whereclause
    counted = func.count() if fitting is None else func.count(case((fitting, 1)))
    less = select(counted).select_from(Invoice).where(Invoice.customer_id.in_(_DELETED))
    return _count_all(chosen) - (db.session.scalar(less) or 0)


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


def invoice_by_token(token: str) -> Invoice:
    """The invoice whose public page this is. Raises NotFound."""
    statement = select(Invoice).join(Customer).where(Invoice.token == token, Customer.deleted_at.is_(None))
    invoice = db.session.scalar(statement) if token.isascii() and token.isprintable() else None
    if invoice is None:
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
