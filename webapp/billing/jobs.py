"""Billing work that runs outside a request."""

from webapp.billing import checks, dunning, ledger
from webapp.queue import job


@job(queue="high")
def after_payment(customer_id: int) -> None:
    """An invoice was paid: where the customer stands decides what follows."""
    ledger.standing(customer_id)
    dunning.restore(customer_id)


@job(queue="low", timeout=3600)
def check_books() -> None:
    """Every night: prove that ledger, invoices, accounts, figures and gateway agree, or tell of what does not."""
    checks.check_books()
