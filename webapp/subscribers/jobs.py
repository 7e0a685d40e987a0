"""What happens to subscribers outside a request."""

from webapp.extensions import log
from webapp.queue import job
from webapp.subscribers import subscriptions, trash


@job(queue="low", timeout=3600)
def begin_planned_packages() -> None:
    """Every night: packages that were planned for the day that begins."""
    log.info("planned_packages_begun", count=subscriptions.begin_planned())


@job(queue="low", timeout=3600)
def purge_customers() -> None:
    """Every night: forget the customers who were deleted over 30 days ago."""
    log.info("customers_purged", count=trash.purge())
