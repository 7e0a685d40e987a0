"""Customers as a table that imports again: the template's columns (contract 2, Export Pelanggan to CSV)."""

from collections.abc import Iterator, Sequence

from sqlalchemy import select

from webapp.subscribers import queries, spreadsheet
from webapp.subscribers.models import ENDED, Customer, Package, Subscription
from webapp.subscribers.queries import CustomerFilter

HEADING = tuple(spreadsheet.COLUMNS.values())
MAX_ROWS = spreadsheet.MAX_ROWS
EXAMPLE = (  # the document's
    "John Doe",
    "1234567890123456",
    "john@example.com",
    "08123456789",
    "Internet 50Mbps",
    "Jl. Example No. 123",
    "2024-01-15",
    "JAKINET",
)


def rows(wanted: CustomerFilter, *, skip: int = 0, limit: int = MAX_ROWS) -> Iterator[Sequence[object]]:
    """The wanted customers by id, read while they are asked for; who reads slowly holds nothing."""
    found = queries.stream(_STATEMENT, wanted, skip=skip, limit=min(limit, MAX_ROWS))
    return (row[1:] for row in found)


# Asked for row by row: a join would be made anew, of all of them, for every thousand.
_PACKAGE = (
    select(Package.name)
    .join(Subscription, Subscription.package_id == Package.id)
    .where(Subscription.customer_id == Customer.id, Subscription.status != ENDED)
    .correlate(Customer)
    .scalar_subquery()
)
_STATEMENT = select(
    Customer.id,
    Customer.name,
    Customer.national_id,
    Customer.email,
    Customer.phone,
    _PACKAGE,
    Customer.address,
    Customer.installed_on,
    Customer.brand_code,
)
