"""A subscription's history, and who is told when it grows.

A month's price follows from the history (SubscriptionChange) read in the order of `effective_on`, `id`: `package` sets
package and price, `start`, `suspend`, `resume`, `end` and `reopen` the state. A package's change may lie in the
future; it stays in the history when the subscription ends before that day.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select

from webapp import audit, config
from webapp.extensions import db
from webapp.subscribers import clashes, lines
from webapp.subscribers.models import Package, Subscription, SubscriptionChange
from webapp.webhooks import service as webhooks

MAX_HISTORY = 500
_WEBHOOKS = {
    "start": "subscription.started",
    "package": "subscription.changed",
    "suspend": "subscription.suspended",
    "resume": "subscription.resumed",
    "reopen": "subscription.resumed",
    "end": "subscription.ended",
}


def history(subscription_id: int) -> Sequence[SubscriptionChange]:
    """The last 500 changes, in the order in which they took or take effect."""
    mine = select(SubscriptionChange).where(SubscriptionChange.subscription_id == subscription_id)
    newest = mine.order_by(SubscriptionChange.effective_on.desc(), SubscriptionChange.id.desc())
    return db.session.scalars(newest.limit(MAX_HISTORY)).all()[::-1]


def terms_on(subscription: Subscription, day: date) -> SubscriptionChange:
    """The last change that has effect on `day`, which is not before the start: it knows the package and the price."""
    before = select(SubscriptionChange).where(
        SubscriptionChange.subscription_id == subscription.id, SubscriptionChange.effective_on <= day
    )
    newest = before.order_by(SubscriptionChange.effective_on.desc(), SubscriptionChange.id.desc()).limit(1)
    return db.session.scalars(newest).one()


def drop_planned(subscription: Subscription, day: date) -> None:
    """What was planned for `day` or later is off; also a price that begins then, which is the other package's."""
    _drop(subscription, "package", max(day, _tomorrow()))


def drop_end(subscription: Subscription) -> None:
    """An end that has no effect yet is off."""
    _drop(subscription, "end", _tomorrow())


def _drop(subscription: Subscription, kind: str, since: date) -> None:
    for change in history(subscription.id):
        if change.kind == kind and change.effective_on >= since:
            db.session.delete(change)
    db.session.flush()


def _tomorrow() -> date:
    return config.today() + timedelta(days=1)


def write(
    subscription: Subscription, kind: str, day: date, reason: str, package: Package | None = None
) -> None:
    """Write a change of `kind` down, and let the customer, the line, its router and partners follow.

    `package` is the new one of a change of packages.
    """
    change = _change(subscription, kind, day, package)
    change.reason, change.actor_name = reason, audit.current().name[:150]
    subscription.customer.status = subscription.status
    db.session.add(change)
    clashes.flush()
    lines.follow(subscription.customer_id, subscription.status)
    webhooks.publish(_WEBHOOKS[kind], _told(subscription, change))


def _change(subscription: Subscription, kind: str, day: date, package: Package | None) -> SubscriptionChange:
    """A package is had at its price of today; whatever else happens leaves package and price as they were."""
    if package is None and kind != "start":
        before = terms_on(subscription, day)
        package_id, price = before.package_id, before.price
    else:
        sold = package or subscription.package
        package_id, price = sold.id, sold.price
    return SubscriptionChange(
        subscription_id=subscription.id, effective_on=day, kind=kind, package_id=package_id, price=price
    )


def _told(subscription: Subscription, change: SubscriptionChange) -> dict[str, object]:
    """What partners get."""
    return {
        "subscription_id": subscription.id,
        "customer_id": subscription.customer_id,
        "status": subscription.status,
        "package_id": change.package_id,
        "price": change.price,
        "effective_on": change.effective_on.isoformat(),
        "reason": change.reason,
    }
