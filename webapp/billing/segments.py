"""Who pays how: each customer with an active subscription is in one of three segments (contracts, 2 ftth)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from webapp.billing.days import today
from webapp.billing.models import CustomerAccount
from webapp.database import AnySelect
from webapp.extensions import db
from webapp.subscribers.models import ACTIVE, Customer, Subscription

IN_ARREARS, LATE, LOYAL = "menunggak", "lunas-telat", "setia"
SEGMENTS = (LOYAL, LATE, IN_ARREARS)
LABELS = {LOYAL: "Setia On-Time", LATE: "Lunas (Tapi Telat)", IN_ARREARS: "Menunggak"}


class Wanted(NamedTuple):
    """Which customers a report is about; None or "" means any. Only those with an active subscription are segmented."""

    segment: str | None = None
    status: str = ""
    brand: str = ""


class Reported(NamedTuple):
    """A customer, their segment if they are in one, and what they owe, in rupiah."""

    customer: Customer
    segment: str | None
    owed: int


@dataclass(frozen=True)
class CustomerReport:
    """A part of the customers asked for, how many there are in all, and what kinds of them."""

    items: Sequence[Reported]
    total: int
    by_status: dict[str, int]
    by_brand: dict[str, int]
    by_segment: dict[str, int]


class Segmented(NamedTuple):
    """A customer, and the segment that they are in."""

    customer: Customer
    segment: str


def named(text: str) -> str | None:
    """The segment that a client means by its name or its old label, in whatever case; None for none of them."""
    known = {name: name for name in SEGMENTS} | {label.lower(): name for name, label in LABELS.items()}
    return known.get(text.strip().lower())


def counts(brand: str = "") -> dict[str, int]:
    """How many customers each segment has."""
    segment = expression()
    rows = db.session.execute(_active(select(segment, func.count(Customer.id)), brand).group_by(segment))
    return dict.fromkeys(SEGMENTS, 0) | {name: count for name, count in rows}  # noqa: C416 - rows are no pairs to mypy


def members(segment: str | None, *, brand: str = "", skip: int = 0, limit: int = 15) -> Sequence[Segmented]:
    """Customers of a segment (None: of all), by id."""
    statement = _active(select(Customer, expression()), brand)
    if segment is not None:
        statement = statement.where(expression() == segment)
    rows = db.session.execute(statement.order_by(Customer.id).offset(skip).limit(limit))
    return [Segmented(*row) for row in rows]


def expression() -> ColumnElement[str]:
    """The segment as SQL; the statement joins CustomerAccount from the outside.

    In arrears: something is past its due date, or a payment link has expired. Late: nothing is, but once an invoice was
    paid after its due date. Loyal: never late.
    """
    in_arrears = or_(CustomerAccount.oldest_due_on < today(), CustomerAccount.expired > 0)
    return case((in_arrears, IN_ARREARS), (CustomerAccount.paid_late.is_(True), LATE), else_=LOYAL)


def _active(statement: AnySelect, brand: str) -> Select[Any]:
    statement = (
        statement.select_from(Customer)
        .join(Subscription, Subscription.customer_id == Customer.id)
        .outerjoin(CustomerAccount, CustomerAccount.customer_id == Customer.id)
        .where(Customer.deleted_at.is_(None), Subscription.status == ACTIVE)
    )
    return statement.where(Customer.brand_code == brand.upper()) if brand else statement


def report(wanted: Wanted, *, skip: int = 0, limit: int = 15) -> CustomerReport:
    """The customers asked for, by id, and how they are spread over statuses, brands and segments."""
    segment = case((Subscription.id.is_(None), None), else_=expression())
    owed = func.coalesce(CustomerAccount.owed, 0)
    rows = db.session.execute(
        _reported(select(Customer, segment, owed), wanted, segment)
        .order_by(Customer.id)
        .offset(skip)
        .limit(limit)
    )
    by_status = _spread(Customer.status, wanted, segment)
    by_segment = _spread(segment, wanted, segment)
    return CustomerReport(
        [Reported(*row) for row in rows],
        sum(by_status.values()),
        by_status,
        _spread(Customer.brand_code, wanted, segment),
        {name: by_segment.get(name, 0) for name in SEGMENTS},
    )


def _spread(column: Any, wanted: Wanted, segment: ColumnElement[Any]) -> dict[str, int]:
    rows = db.session.execute(
        _reported(select(column, func.count(Customer.id)), wanted, segment).group_by(column)
    )
    return {name: count for name, count in rows}  # noqa: C416 - rows are no pairs to mypy


def _reported(statement: AnySelect, wanted: Wanted, segment: ColumnElement[Any]) -> Select[Any]:
    active = and_(Subscription.customer_id == Customer.id, Subscription.status == ACTIVE)
    statement = (
        statement.select_from(Customer)
        .outerjoin(Subscription, active)
        .outerjoin(CustomerAccount, CustomerAccount.customer_id == Customer.id)
        .where(Customer.deleted_at.is_(None))
    )
    equal = (Customer.status, wanted.status), (Customer.brand_code, wanted.brand.upper())
    statement = statement.where(*(column == value for column, value in equal if value))
    return statement.where(segment == wanted.segment) if wanted.segment else statement
