"""What the billing dashboard shows, from figures that are kept up to date: it costs the same however much is billed."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from webapp.billing import reports, segments
from webapp.billing.days import today
from webapp.billing.models import OPEN, OVERDUE, DailyCollections, DailyInvoices
from webapp.extensions import db
from webapp.kit import months
from webapp.subscribers.models import ACTIVE, SUSPENDED, Customer, Router, RouterState

MONTHS = 12


@dataclass(frozen=True)
class Open:
    """Invoices in a status: how many, and what is left to pay of them, in rupiah."""

    count: int
    amount: int


@dataclass(frozen=True)
class Board:
    """The dashboard's figures of today. Money is rupiah, months are `YYYY-MM`."""

    day: date
    customers: int
    active: int
    suspended: int
    new_customers: int  # this month
    waiting: Open
    overdue: Open
    routers_down: int
    revenue: list[reports.RevenueLine]  # twelve months, this one last
    collected: dict[str, int]  # the same months
    received: dict[str, int]  # this month, by how it was paid
    by_brand: list[reports.RevenueLine]  # this month
    segments: dict[str, int]
    aging: list[reports.Bucket]

    @property
    def this_month(self) -> reports.RevenueLine:
        return self.revenue[-1]


def board() -> Board:
    """The figures of all brands."""
    day = today()
    month, year_ago = day.replace(day=1), months.ahead(day, 1 - MONTHS)
    statuses = reports.customers_by_status()
    return Board(
        day=day,
        customers=sum(statuses.values()),
        active=statuses.get(ACTIVE, 0),
        suspended=statuses.get(SUSPENDED, 0),
        new_customers=_new_customers(month),
        waiting=_open(OPEN),
        overdue=_open(OVERDUE),
        routers_down=_routers_down(),
        revenue=reports.revenue(year_ago, day),
        collected=reports.collected(year_ago, day),
        received=_received(month, day),
        by_brand=reports.revenue(month, day, "brand"),
        segments=segments.counts(),
        aging=reports.aging(),
    )


def _new_customers(since: date) -> int:
    joined = select(func.count()).select_from(Customer).where(Customer.deleted_at.is_(None))
    return db.session.scalar(joined.where(Customer.installed_on >= since)) or 0


def _open(status: str) -> Open:
    left = func.sum(DailyInvoices.total - DailyInvoices.paid - DailyInvoices.credited)
    statement = select(func.sum(DailyInvoices.count), left).where(DailyInvoices.status == status)
    count, amount = db.session.execute(statement).one()
    return Open(int(count or 0), int(amount or 0))


def _received(start: date, end: date) -> dict[str, int]:
    amount = func.sum(DailyCollections.amount)
    statement = select(DailyCollections.method, amount).where(DailyCollections.day.between(start, end))
    return {
        method: int(sum_) for method, sum_ in db.session.execute(statement.group_by(DailyCollections.method))
    }


def _routers_down() -> int:
    down = select(func.count()).select_from(RouterState).join(Router)
    return db.session.scalar(down.where(RouterState.status == "down", Router.is_active.is_(True))) or 0
