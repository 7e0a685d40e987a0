"""What a customer has subscribed to (contracts, 2 ftth). Every step is written down by changes.py."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from webapp import config
from webapp.database import MAX_ID
from webapp.errors import Conflict, Invalid, NotFound
from webapp.extensions import db
from webapp.kit import clock
from webapp.subscribers import catalogue, changes, clashes, lines
from webapp.subscribers.models import (
    ACTIVE,
    AUTOMATIC,
    ENDED,
    SUSPENDED,
    Customer,
    Package,
    Subscription,
    SubscriptionChange,
)

AHEAD = timedelta(days=366)  # how far a start or a change may be planned
DUNNING, BY_HAND = "dunning", "hand"


@dataclass(frozen=True)
class Terms:
    """What a new customer begins with; without `started_on`, on the day of the installation or today."""

    package_id: int
    started_on: date | None = None
    due_day: int = 1
    payment_method: str = AUTOMATIC


def get_subscription(subscription_id: int) -> Subscription:
    """Raises NotFound, also when its customer is deleted."""
    found = db.session.get(Subscription, subscription_id) if 0 < subscription_id <= MAX_ID else None
    if found is None or found.customer.deleted_at is not None:
        raise NotFound("Subscription not found")
    return found


def current(customer_id: int) -> Subscription | None:
    """The one that has not ended."""
    mine = select(Subscription).where(Subscription.customer_id == customer_id, Subscription.status != ENDED)
    return db.session.scalar(mine)


def latest(customer_id: int) -> Subscription | None:
    """The current one, or the one that ended last."""
    mine = select(Subscription).where(Subscription.customer_id == customer_id)
    return db.session.scalar(mine.order_by(Subscription.id.desc()).limit(1))


def begin(customer: Customer, terms: Terms) -> Subscription:
    """What a new customer begins with. Raises Invalid as `subscribe` does, and for a package that there is not."""
    return subscribe(
        customer,
        sellable(terms.package_id, customer),
        started_on=terms.started_on or customer.installed_on or config.today(),
        due_day=terms.due_day,
        payment_method=terms.payment_method,
    )


def subscribe(
    customer: Customer,
    package: Package,
    *,
    started_on: date,
    due_day: int = 1,
    payment_method: str = AUTOMATIC,
    reason: str = "",
) -> Subscription:
    """Begin a subscription; `due_day` is 1…28.

    Raises Conflict when the customer has one, Invalid when the package can't be sold to them or the start is more than
    a year away.
    """
    if current(customer.id) is not None:
        raise Conflict("This customer already has a subscription", field="customer_id")
    _check_sellable(package, customer)
    if started_on > config.today() + AHEAD:
        raise Invalid({"started_on": "Must be within a year from today"})
    subscription = Subscription(
        customer=customer,
        package=package,
        started_on=started_on,
        due_day=due_day,
        payment_method=payment_method,
        status=ACTIVE,
    )
    db.session.add(subscription)
    clashes.flush()
    changes.write(subscription, "start", started_on, reason)
    return subscription


def update_terms(
    subscription_id: int, *, due_day: int | None = None, payment_method: str | None = None
) -> Subscription:
    """Change how it is billed. Raises NotFound, Conflict when it has ended."""
    subscription = _running(subscription_id)
    subscription.due_day = due_day or subscription.due_day
    subscription.payment_method = payment_method or subscription.payment_method
    db.session.flush()
    return subscription


def change_package(
    subscription_id: int, package_id: int, effective_on: date | None = None, reason: str = ""
) -> Subscription:
    """Another package from `effective_on` on: today, when not given; up to a year ahead; not before the last change.

    A change that was planned for that day or later gives way. Raises NotFound, Invalid, Conflict when it has ended.
    """
    subscription, day = _running(subscription_id), effective_on or config.today()
    package = sellable(package_id, subscription.customer)
    begun = changes.terms_on(subscription, max(config.today(), subscription.started_on))
    if not begun.effective_on <= day <= config.today() + AHEAD:
        raise Invalid({"effective_on": "Must not be before the last change, nor more than a year ahead"})
    changes.drop_planned(subscription, day)
    if package.id == changes.terms_on(subscription, day).package_id:
        raise Invalid({"package_id": "Is the package already"})
    if day <= config.today():
        subscription.package = package
    changes.write(subscription, "package", day, reason, package)
    return subscription


def suspend(subscription_id: int, by: str = BY_HAND, reason: str = "") -> Subscription:
    """Cut off, `by` DUNNING or BY_HAND. Raises NotFound, Conflict unless it is active."""
    subscription = _running(subscription_id)
    if subscription.status == SUSPENDED:
        raise Conflict("Is suspended already")
    subscription.status, subscription.suspended_by = SUSPENDED, by
    subscription.suspended_at = clock.now()
    changes.write(subscription, "suspend", config.today(), reason)
    return subscription


def resume(subscription_id: int, by: str = BY_HAND, reason: str = "") -> Subscription:
    """Let them in again. DUNNING (a payment) lifts only its own suspension, BY_HAND any. Raises NotFound, Conflict."""
    subscription = _running(subscription_id)
    if subscription.status != SUSPENDED:
        raise Conflict("Is not suspended")
    if by == DUNNING and subscription.suspended_by != DUNNING:
        raise Conflict("Was suspended by hand")
    subscription.status, subscription.suspended_by, subscription.suspended_at = ACTIVE, None, None
    changes.write(subscription, "resume", config.today(), reason)
    return subscription


def end(subscription_id: int, on: date | None = None, reason: str = "") -> Subscription:
    """The last day is `on`: today, when not given, or a day that has passed. Raises NotFound, Invalid, Conflict."""
    subscription, last = _running(subscription_id), on or config.today()
    if last > config.today() or last < min(subscription.started_on, config.today()):
        raise Invalid({"on": "Must be from the start to today"})
    subscription.status, subscription.ended_on = ENDED, last
    changes.write(subscription, "end", max(last + timedelta(days=1), subscription.started_on), reason)
    return subscription


def reopen(subscription_id: int, reason: str = "") -> Subscription:
    """Take back an end: active, or suspended by whom it was. Raises NotFound, Conflict when another one runs.

    An end that has not taken effect yet, as its last day is today, leaves the history.
    """
    subscription = get_subscription(subscription_id)
    if subscription.status != ENDED or current(subscription.customer_id) is not None:
        raise Conflict("There is a subscription that runs")
    day = max(config.today(), subscription.started_on)
    changes.drop_end(subscription)
    subscription.status, subscription.ended_on = ACTIVE, None
    subscription.package_id = changes.terms_on(subscription, day).package_id
    changes.write(subscription, "reopen", day, reason)
    if subscription.suspended_by:
        subscription.status = SUSPENDED
        changes.write(subscription, "suspend", day, reason)
    return subscription


def begin_planned(limit: int = 10_000) -> int:
    """Give subscriptions the package that was planned for today, or for the week before; how many there were."""
    today = config.today()
    begun = (
        select(Subscription)
        .join(SubscriptionChange, SubscriptionChange.subscription_id == Subscription.id)
        .where(
            SubscriptionChange.kind == "package",
            SubscriptionChange.effective_on.between(today - timedelta(days=7), today),
            SubscriptionChange.package_id != Subscription.package_id,
            Subscription.status != ENDED,
        )
    )
    rows = db.session.scalars(begun.order_by(Subscription.id).limit(limit)).unique().all()
    return sum(_follow(subscription, today) for subscription in rows)


def sellable(package_id: int, customer: Customer) -> Package:
    """The package, if this customer can have it. Raises Invalid."""
    try:
        package = catalogue.get_package(package_id)
    except NotFound:
        raise Invalid({"package_id": "There is no such package"}) from None
    _check_sellable(package, customer)
    return package


def _check_sellable(package: Package, customer: Customer) -> None:
    if package.brand_code != customer.brand_code:
        raise Invalid({"package_id": "Belongs to another brand"})
    if not package.is_active:
        raise Invalid({"package_id": "Is switched off"})


def _follow(subscription: Subscription, day: date) -> bool:
    wanted = changes.terms_on(subscription, day).package_id
    if subscription.package_id == wanted:
        return False
    subscription.package_id = wanted
    db.session.flush()
    lines.want_sync(subscription.customer_id)
    return True


def _running(subscription_id: int) -> Subscription:
    """The subscription, which nobody else changes until the commit."""
    locked = {"of": Subscription}
    subscription = db.session.get(
        Subscription, get_subscription(subscription_id).id, with_for_update=locked, populate_existing=True
    )
    if subscription is None or subscription.status == ENDED:
        raise Conflict("This subscription has ended")
    return subscription
