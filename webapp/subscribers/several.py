"""The same for several customers: each for itself, so that one who can't be helped does not stop the others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.database import pause
from webapp.errors import Conflict, DomainError, Invalid, NotFound
from webapp.extensions import db
from webapp.kit.threads import breathe
from webapp.subscribers import subscriptions
from webapp.subscribers.models import Customer, Subscription

MOST = 500
_BATCH = 25  # customers a transaction: others write in between


@dataclass(frozen=True)
class Refusal:
    """Whom it was refused to, and why; without a name when there is no such customer (any more)."""

    customer_id: int
    name: str
    reason: str


@dataclass(frozen=True)
class Outcome:
    done: int
    refused: Sequence[Refusal]


def to_each(customer_ids: Sequence[int], act: Callable[[int], Any]) -> Outcome:
    """Do `act` to each, at most 500, in their order; who is named twice is one. Commits as it goes.

    NotFound, Conflict and Invalid that `act` raises are told in the outcome; nothing of such a one is written.
    """
    done, refused = 0, []
    for number, customer_id in enumerate(list(dict.fromkeys(customer_ids))[:MOST], 1):
        try:
            with db.session.begin_nested():
                act(customer_id)
            done += 1
        except (NotFound, Conflict, Invalid) as refusal:
            refused.append(Refusal(customer_id, _name(customer_id), _reason(refusal)))
        if number % _BATCH == 0:
            pause()
            breathe()
    return Outcome(done, refused)


def running(customer_id: int) -> Subscription:
    """The customer's subscription that has not ended. Raises Conflict when there is none."""
    found = subscriptions.current(customer_id)
    if found is None:
        raise Conflict("This customer has no subscription")
    return found


def _name(customer_id: int) -> str:
    customer = db.session.get(Customer, customer_id)
    return customer.name if customer is not None and customer.deleted_at is None else ""


def _reason(refusal: DomainError) -> str:
    return next(iter(refusal.fields.values())) if isinstance(refusal, Invalid) else refusal.message
