"""Reports on revenue, arrears and customers, from figures that are kept up to date (contract 2, Reports).

Revenue is what was billed: invoices that were issued in the days asked for and not cancelled, less credit notes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import ColumnElement, case, extract, func, select

from webapp.billing.days import today
from webapp.billing.models import ISSUED, OWING, DailyCollections, DailyInvoices, Invoice
from webapp.errors import Invalid
from webapp.extensions import db
from webapp.kit import months
from webapp.subscribers.models import ENDED, Customer, Subscription

GROUPS = ("month", "brand", "status")
MAX_DAYS = 3_660
BUCKETS = (("0-30", 0, 30), ("31-60", 31, 60), ("61-90", 61, 90), ("90+", 91, None))  # days past the due date


@dataclass(frozen=True)
class RevenueLine:
    """A month, a brand or a status: what was billed in it, and how much of that was paid. In rupiah."""

    group: str
    invoices: int
    billed: int
    paid: int

    @property
    def outstanding(self) -> int:
        return self.billed - self.paid


@dataclass(frozen=True)
class Bucket:
    """Invoices that are so many days past their due date, and what is left of them, in rupiah."""

    label: str
    invoices: int
    amount: int


def revenue(start: date, end: date, group_by: str = "month", brand: str = "") -> list[RevenueLine]:
    """Revenue of `start` to `end` (both included, at most ten years), every month of them when it is by month.

    Raises Invalid.
    """
    _check(start, end, group_by)
    keys = _keys(group_by)
    sums = [func.sum(column) for column in (DailyInvoices.count, DailyInvoices.total, DailyInvoices.credited)]
    statement = select(*keys, *sums, func.sum(DailyInvoices.paid)).where(
        DailyInvoices.day.between(start, end), DailyInvoices.status.in_(ISSUED), *_of_brand(brand)
    )
    rows = db.session.execute(statement.group_by(*keys).order_by(*keys)).all()
    found = {}
    for *key, count, total, credited, paid in rows:
        name = f"{int(key[0])}-{int(key[1]):02}" if group_by == "month" else str(key[0])
        found[name] = RevenueLine(name, int(count), int(total) - int(credited), int(paid))
    if group_by == "month":
        return [found.get(month, RevenueLine(month, 0, 0, 0)) for month in months.between(start, end)]
    return list(found.values())


def collected(start: date, end: date, brand: str = "") -> dict[str, int]:
    """The rupiah that came in, month by month, whatever they were for. Raises Invalid."""
    _check(start, end, "month")
    year, month = extract("year", DailyCollections.day), extract("month", DailyCollections.day)
    chosen: list[ColumnElement[bool]] = [DailyCollections.day.between(start, end)]
    if brand:
        chosen.append(DailyCollections.brand_code == brand.upper())
    rows = db.session.execute(
        select(year, month, func.sum(DailyCollections.amount)).where(*chosen).group_by(year, month)
    )
    sums = {f"{int(year)}-{int(month):02}": int(amount) for year, month, amount in rows}
    return {name: sums.get(name, 0) for name in months.between(start, end)}


def aging(brand: str = "") -> list[Bucket]:
    """What is owed and past its due date, by how long. Reads the invoices that are owed, not those that are paid."""
    day = today()
    edges = [day - timedelta(days=first) for _, first, _ in BUCKETS]
    place = case(
        *((Invoice.due_on > edge, number) for number, edge in enumerate(edges[1:])), else_=len(edges) - 1
    )
    left = Invoice.total - Invoice.paid - Invoice.credited
    chosen: list[ColumnElement[bool]] = [Invoice.status.in_(OWING), Invoice.due_on < day]
    if brand:
        chosen.append(Invoice.brand_code == brand.upper())
    rows = db.session.execute(select(place, func.count(), func.sum(left)).where(*chosen).group_by(place))
    found = {int(number): (int(count), int(amount)) for number, count, amount in rows}
    return [Bucket(label, *found.get(number, (0, 0))) for number, (label, *_) in enumerate(BUCKETS)]


def percent(part: int, whole: int) -> Decimal:
    """`part` of `whole` in percent, to one decimal; nothing of nothing is 0."""
    if whole == 0:
        return Decimal("0.0")
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.1"), ROUND_HALF_UP)


@dataclass(frozen=True)
class Churn:
    """Of the subscriptions there were when the month began, how many ended in it."""

    month: str
    at_start: int
    ended: int
    started: int

    @property
    def rate(self) -> Decimal:
        return percent(self.ended, self.at_start)


def churn(start: date, end: date) -> list[Churn]:
    """Month by month, from the month of `start` to that of `end`. Raises Invalid."""
    _check(start, end, "month")
    first = start.replace(day=1)
    before = _count(Subscription.started_on < first) - _count(Subscription.ended_on < first)
    began, ended = (
        _by_month(Subscription.started_on, first, end),
        _by_month(Subscription.ended_on, first, end),
    )
    lines = []
    for month in months.between(start, end):
        lines.append(Churn(month, before, ended.get(month, 0), began.get(month, 0)))
        before += lines[-1].started - lines[-1].ended
    return lines


def _count(*where: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(Subscription).where(*where)) or 0


def _by_month(day: Any, start: date, end: date) -> dict[str, int]:
    year, month = extract("year", day), extract("month", day)
    statement = select(year, month, func.count()).where(day.between(start, months.last_day(end)))
    if day is Subscription.ended_on:
        statement = statement.where(Subscription.status == ENDED)
    rows = db.session.execute(statement.group_by(year, month))
    return {f"{int(year)}-{int(month):02}": count for year, month, count in rows}


def customers_by_status() -> dict[str, int]:
    """How many customers are active, suspended, gone."""
    present = Customer.deleted_at.is_(None)
    rows = db.session.execute(select(Customer.status, func.count()).where(present).group_by(Customer.status))
    return {name: count for name, count in rows}  # noqa: C416 - rows are no pairs to mypy


def _keys(group_by: str) -> Sequence[ColumnElement[Any]]:
    if group_by == "month":
        return extract("year", DailyInvoices.day), extract("month", DailyInvoices.day)
    column: Any = DailyInvoices.brand_code if group_by == "brand" else DailyInvoices.status
    return (column,)


def _of_brand(brand: str) -> list[ColumnElement[bool]]:
    return [DailyInvoices.brand_code == brand.upper()] if brand else []


def _check(start: date, end: date, group_by: str) -> None:
    if group_by not in GROUPS:
        raise Invalid({"group_by": f"Must be one of: {', '.join(GROUPS)}"})
    if end < start:
        raise Invalid({"end_date": "Must not be before start_date"})
    if (end - start).days > MAX_DAYS:
        raise Invalid({"end_date": "Must be at most ten years after start_date"})
