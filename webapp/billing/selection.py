"""Who the monthly run bills for a period, and for how much; who is left out, and why (decision 22)."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, func, or_, select, true

from webapp.accounts import settings
from webapp.billing import pricing
from webapp.billing.amounts import NewItem, sums_of
from webapp.billing.bulk import NewInvoice
from webapp.billing.days import today
from webapp.billing.models import Invoice
from webapp.billing.pricing import Change, Part
from webapp.errors import Invalid
from webapp.extensions import db
from webapp.kit.threads import breathe
from webapp.subscribers.models import SUSPENDED as IS_SUSPENDED
from webapp.subscribers.models import Brand, Customer, Package, Subscription, SubscriptionChange

NOT_STARTED, ENDED, SUSPENDED = "not_started", "ended", "suspended"
NO_PRICE, NOTHING, TOO_MUCH, BILLED = "no_price", "nothing", "too_much", "billed"
REASONS = (NOT_STARTED, ENDED, SUSPENDED, NO_PRICE, NOTHING, TOO_MUCH, BILLED)
LATE_KINDS = (pricing.START, pricing.RESUME, pricing.REOPEN)
AnyRow = Row[*tuple[Any, ...]]
_COLUMNS = (
    Subscription.id,
    Subscription.customer_id,
    Subscription.status,
    Subscription.started_on,
    Subscription.due_day,
    Subscription.payment_method,
)


@dataclass(frozen=True)
class Window:
    """The due dates of a period that are billed, both included."""

    period: str
    due_from: date
    due_to: date


@dataclass(frozen=True)
class LeftOut:
    subscription_id: int
    customer_id: int
    customer_name: str
    reason: str


@dataclass(frozen=True)
class Bill:
    """An invoice to be made; `total` is what it comes to with tax, in rupiah."""

    invoice: NewInvoice
    total: int


@dataclass(frozen=True)
class Judged:
    """What became of some candidates, up to the subscription `reached`; `count` is how many there were."""

    bills: Sequence[Bill]
    left_out: Sequence[LeftOut]
    count: int
    reached: int


def whole(period: str) -> Window:
    """All of a period's due dates. Raises Invalid."""
    return Window(period, *pricing.month(period))


def count(window: Window) -> int:
    """How many subscriptions are yet to be looked at."""
    statement = (
        select(func.count()).select_from(Subscription).join(Customer, Customer.id == Subscription.customer_id)
    )
    return db.session.scalar(statement.where(*_candidates(window))) or 0


def billed(window: Window) -> int:
    """How many of the period have their invoice."""
    made = select(func.count()).where(Invoice.period == window.period, Invoice.subscription_id.is_not(None))
    return db.session.scalar(made) or 0


def judged(window: Window, after: int, limit: int, run_id: uuid.UUID | None = None) -> Judged:
    """The next `limit` candidates after the subscription `after`, each with its bill or the reason for none.

    Invoices are to be those of the run `run_id`.
    """
    statement = (
        select(*_COLUMNS, Customer.name, Customer.brand_code)
        .join(Customer, Customer.id == Subscription.customer_id)
        .where(*_candidates(window), Subscription.id > after)
        .order_by(Subscription.id)
        .limit(limit)
    )
    rows = db.session.execute(statement).all()
    judge = _Judge(window, [row.id for row in rows], run_id)
    found = [judge(row) for row in rows]
    return Judged(
        [one for one in found if isinstance(one, Bill)],
        [one for one in found if isinstance(one, LeftOut)],
        len(rows),
        rows[-1].id if rows else after,
    )


def _candidates(window: Window) -> tuple[ColumnElement[bool], ...]:
    """Subscriptions of the period without an invoice whose due day is in the window, or was before they began again."""
    first, last = pricing.month(window.period)
    due_from = window.due_from.day if window.due_from >= first else 1
    due_to = window.due_to.day if window.due_to <= last else last.day
    began_late = exists().where(
        SubscriptionChange.subscription_id == Subscription.id,
        SubscriptionChange.kind.in_(LATE_KINDS),
        SubscriptionChange.effective_on.between(first, last),
    )
    is_present = Customer.deleted_at.is_(None).is_(
        true()
    )  # so worded, SQLite goes by subscriptions, not customers
    return (
        is_present,
        Subscription.started_on <= last,
        or_(Subscription.ended_on.is_(None), Subscription.ended_on >= first),
        or_(
            Subscription.due_day.between(due_from, due_to), and_(Subscription.due_day < due_from, began_late)
        ),
        ~exists().where(Invoice.subscription_id == Subscription.id, Invoice.period == window.period),
    )


class _Judge:
    """Prices some subscriptions, with what is needed for all of them read at once."""

    def __init__(self, window: Window, ids: Sequence[int], run_id: uuid.UUID | None) -> None:
        self.window, self.today, self.run_id = window, today(), run_id
        self.first, _ = pricing.month(window.period)
        self.lead = timedelta(days=settings.number("invoice_days_before_due"))
        self.bill_suspended = settings.is_on("bill_suspended_time")
        self.changes = _histories(ids)
        self.packages = _package_names(self.changes)
        self.taxes = {brand.code: brand.tax_percent for brand in db.session.scalars(select(Brand))}

    def __call__(self, row: AnyRow) -> Bill | LeftOut:
        parts = self._parts(row)
        reason = self._reason(row, parts)
        if not reason:
            items = [self._item(part) for part in parts]
            try:
                total = sums_of(items, self.taxes[row.brand_code]).total
            except Invalid:
                reason = TOO_MUCH
        if reason:
            return LeftOut(row.id, row.customer_id, row.name, reason)
        return Bill(self._invoice(row, items), total)

    def _parts(self, row: AnyRow) -> list[Part]:
        changes = self.changes.get(row.id, [])
        how = {"method": row.payment_method, "bill_suspended": self.bill_suspended}
        return pricing.parts(changes, self.window.period, **how)

    def _reason(self, row: AnyRow, parts: Sequence[Part]) -> str:
        """Why there is no bill; empty when there is one."""
        if row.started_on > self.today:
            return NOT_STARTED
        if not parts:
            return SUSPENDED if row.status == IS_SUSPENDED else ENDED
        if all(part.price == 0 for part in parts):
            return NO_PRICE
        return "" if sum(part.amount for part in parts) else NOTHING

    def _item(self, part: Part) -> NewItem:
        name = self.packages[part.package_id]
        days = "" if part.whole else f" ({part.first:%d/%m/%Y} – {part.last:%d/%m/%Y})"
        return NewItem(f"{name}{days}", 1, part.amount)

    def _invoice(self, row: AnyRow, items: Sequence[NewItem]) -> NewInvoice:
        return NewInvoice(
            customer_id=row.customer_id,
            subscription_id=row.id,
            brand_code=row.brand_code,
            period=self.window.period,
            issued_on=self.today,
            due_on=self._due_on(row.due_day),
            items=items,
            run_id=self.run_id,
        )

    def _due_on(self, due_day: int) -> date:
        """The due day of the period; when it has passed already, as long from today as others have."""
        nominal = self.first.replace(day=due_day)
        return nominal if nominal >= self.today else self.today + self.lead


def _histories(ids: Sequence[int]) -> Mapping[int, list[Change]]:
    found: dict[int, list[Change]] = {}
    columns = (
        SubscriptionChange.subscription_id,
        SubscriptionChange.effective_on,
        SubscriptionChange.kind,
        SubscriptionChange.package_id,
        SubscriptionChange.price,
    )
    statement = select(*columns).where(SubscriptionChange.subscription_id.in_(ids))
    rows = db.session.execute(statement.order_by(SubscriptionChange.id))
    for subscription_id, effective_on, kind, package_id, price in rows:
        change = Change(effective_on, kind, package_id, price)
        found.setdefault(subscription_id, []).append(change)
    return found


def _package_names(changes: Mapping[int, list[Change]]) -> Mapping[int, str]:
    ids = {change.package_id for history in changes.values() for change in history}
    rows = db.session.execute(select(Package.id, Package.name).where(Package.id.in_(ids)))
    return {row.id: row.name for row in rows}


def everyone(window: Window, size: int = 500) -> Iterator[Judged]:
    """All candidates of the window, some at a time; for previews, which write nothing."""
    after = 0
    while True:
        some = judged(window, after, size)
        yield some
        if some.count < size:
            return
        after = some.reached
        breathe()
