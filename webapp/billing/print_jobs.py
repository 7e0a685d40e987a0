"""Printing invoices in the background."""

import uuid

from webapp.billing import bulkprints
from webapp.queue import job


@job(queue="low", timeout=3600)
def print_bulk(print_id: str) -> None:
    """Print many invoices as one file"""
    bulkprints.run(uuid.UUID(print_id))


@job(queue="high")
def rescue_prints() -> None:
    """Take up again the prints of invoices that dead workers left"""
    bulkprints.rescue()


@job(queue="low")
def expire_prints() -> None:
    """Forget the prints of invoices that are a week old"""
    bulkprints.expire()
