"""What the dunning board shows: who is late and for how long, who is suspended, who has promised; and the outbox."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from webapp.billing.days import today
from webapp.billing.models import OVERDUE, CustomerAccount, Invoice
from webapp.billing.process_models import OutboxMessage, PaymentPromise
from webapp.extensions import db
from webapp.subscribers.models import SUSPENDED, Customer, Subscription

AGES: Mapping[str, tuple[int, int | None]] = {  # days after the due date, both included
    "7": (1, 7),
    "30": (8, 30),
    "60": (31, 60),
    "90": (61, 90),
    "more": (91, None),
}
MOST = 200  # rows of a list that has no pages
AnyRow = Row[*tuple[Any, ...]]


@dataclass(frozen=True)
class Age:
    """What is overdue since so many days: how many invoices, and the rupiah left to pay of them."""

    name: str
    count: int
    amount: int


@dataclass(frozen=True)
class Late:
    """An overdue invoice on the board: since how many days, what service there is, and until when somebody promised."""

    invoice: Invoice
    days: int
    service: str | None
    promised_until: date | None


def ages(brand: str | None = None) -> list[Age]:
    """What is overdue, by age."""
    left = func.coalesce(func.sum(Invoice.total - Invoice.paid - Invoice.credited), 0)
    found = []
    for name in AGES:
        wanted = select(func.count(), left).select_from(Invoice).join(Invoice.customer)
        count, amount = db.session.execute(wanted.where(*_late(name, brand))).one()
        found.append(Age(name, count, int(amount)))
    return found


def overdue(
    skip: int, limit: int, age: str | None = None, brand: str | None = None
) -> tuple[Sequence[Late], int]:
    """Overdue invoices, the oldest first, and how many there are in all. `age` is one of AGES."""
    wanted = _late(age, brand)
    total = db.session.scalar(select(func.count()).select_from(Invoice).join(Invoice.customer).where(*wanted))
    order = select(Invoice).join(Invoice.customer).where(*wanted).order_by(Invoice.due_on, Invoice.id)
    found = db.session.scalars(order.offset(skip).limit(limit)).all()
    services = _services([invoice.customer_id for invoice in found])
    promises = _promises([invoice.id for invoice in found])
    rows = [
        Late(one, (today() - one.due_on).days, services.get(one.customer_id), promises.get(one.id))
        for one in found
    ]
    return rows, total or 0


def _late(age: str | None, brand: str | None) -> list[ColumnElement[bool]]:
    wanted = [Invoice.status == OVERDUE, Customer.deleted_at.is_(None)]
    if brand:
        wanted.append(Invoice.brand_code == brand)
    if age is not None and age in AGES:
        least, most = AGES[age]
        wanted.append(Invoice.due_on <= today() - timedelta(days=least))
        if most is not None:
            wanted.append(Invoice.due_on >= today() - timedelta(days=most))
    return wanted


def _services(customer_ids: Sequence[int]) -> Mapping[int, str]:
    """The customers' last subscription's state."""
    statement = select(Subscription.customer_id, Subscription.status).order_by(Subscription.id)
    rows = db.session.execute(statement.where(Subscription.customer_id.in_(customer_ids)))
    return {row.customer_id: row.status for row in rows}


def _promises(invoice_ids: Sequence[int]) -> Mapping[int, date]:
    statement = select(PaymentPromise.invoice_id, PaymentPromise.until).order_by(PaymentPromise.until)
    rows = db.session.execute(statement.where(PaymentPromise.invoice_id.in_(invoice_ids)))
    return {row.invoice_id: row.until for row in rows}


def suspended() -> Sequence[AnyRow]:
    """(Subscription, Customer, rupiah owed) of services that are cut off, the last to be first; at most MOST."""
    statement = (
        select(Subscription, Customer, func.coalesce(CustomerAccount.owed, 0).label("owed"))
        .join(Customer, Customer.id == Subscription.customer_id)
        .outerjoin(CustomerAccount, CustomerAccount.customer_id == Customer.id)
        .where(Subscription.status == SUSPENDED, Customer.deleted_at.is_(None))
    )
    return db.session.execute(statement.order_by(Subscription.suspended_at.desc()).limit(MOST)).all()


def promises() -> Sequence[AnyRow]:
    """(PaymentPromise, Invoice, Customer) of promises that still hold, the next to come first; at most MOST."""
    statement = (
        select(PaymentPromise, Invoice, Customer)
        .join(Invoice, Invoice.id == PaymentPromise.invoice_id)
        .join(Customer, Customer.id == Invoice.customer_id)
        .where(PaymentPromise.until >= today(), Customer.deleted_at.is_(None))
    )
    order = statement.order_by(PaymentPromise.until, PaymentPromise.id).limit(MOST)
    return db.session.execute(order).all()


def exempt() -> Sequence[Customer]:
    """Customers who are never suspended; at most MOST."""
    wanted = select(Customer).where(Customer.never_suspend, Customer.deleted_at.is_(None))
    return db.session.scalars(wanted.order_by(Customer.name, Customer.id).limit(MOST)).all()


def messages(
    skip: int, limit: int, status: str | None = None, channel: str | None = None
) -> tuple[Sequence[AnyRow], int]:
    """(OutboxMessage, customer's name), the newest first, and how many there are in all."""
    wanted = [
        column == value
        for column, value in ((OutboxMessage.status, status), (OutboxMessage.channel, channel))
        if value
    ]
    total = db.session.scalar(select(func.count()).select_from(OutboxMessage).where(*wanted))
    statement = select(OutboxMessage, Customer.name).join(Customer, Customer.id == OutboxMessage.customer_id)
    newest = statement.where(*wanted).order_by(OutboxMessage.id.desc())
    rows = db.session.execute(newest.offset(skip).limit(limit)).all()
    return rows, total or 0
