"""Several changes of a subscription in one wish, in the order in which they make sense."""

from dataclasses import dataclass
from datetime import date

from webapp.subscribers import subscriptions
from webapp.subscribers.models import ACTIVE, ENDED, SUSPENDED, Subscription


@dataclass(frozen=True)
class Amendment:
    """What is wanted; None leaves it as it is. `effective_on` is the package's, `last_day` the end's."""

    package_id: int | None = None
    effective_on: date | None = None
    status: str | None = None
    last_day: date | None = None
    due_day: int | None = None
    payment_method: str | None = None
    reason: str = ""


def amend(subscription_id: int, wanted: Amendment) -> Subscription:
    """Make it so; a status that it has already changes nothing. Raises what the steps raise: subscriptions.py."""
    subscription = subscriptions.get_subscription(subscription_id)
    if wanted.status == ACTIVE:
        _activate(subscription, wanted.reason)
    if wanted.due_day or wanted.payment_method:
        subscriptions.update_terms(
            subscription_id, due_day=wanted.due_day, payment_method=wanted.payment_method
        )
    if wanted.package_id is not None:
        subscriptions.change_package(subscription_id, wanted.package_id, wanted.effective_on, wanted.reason)
    if wanted.status == SUSPENDED != subscription.status:
        subscriptions.suspend(subscription_id, reason=wanted.reason)
    if wanted.status == ENDED != subscription.status:
        subscriptions.end(subscription_id, wanted.last_day, wanted.reason)
    return subscription


def _activate(subscription: Subscription, reason: str) -> None:
    if subscription.status == ENDED:
        subscriptions.reopen(subscription.id, reason)
    if subscription.status == SUSPENDED:
        subscriptions.resume(subscription.id, reason=reason)
