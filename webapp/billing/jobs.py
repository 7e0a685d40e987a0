"""Billing work that runs outside a request."""

from webapp.billing import dunning, ledger
from webapp.queue import job


@job(queue="high")
def after_payment(customer_id: int) -> None:
    """An invoice was paid: where the customer stands decides what follows."""
    ledger.standing(customer_id)
    dunning.restore(customer_id)
