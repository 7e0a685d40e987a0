"""Numbers of invoices and credit notes: without gaps, without doubles, in the transaction that uses them.

A series is a brand's pattern with all but the sequence filled in, such as `INV-2024-{sequence}`; brands whose patterns
come to the same share it. Its row is locked from the first number to the commit, and a rollback gives the numbers back.
"""

from datetime import date
from typing import cast

from sqlalchemy import Table

from webapp.billing.models import NumberSeries
from webapp.billing.upserts import insert_into
from webapp.extensions import db
from webapp.subscribers.models import Brand

SEQUENCE = "{sequence}"
OF_CREDIT_NOTES = "CN-"  # stands before the brand's pattern
_TABLE = cast("Table", NumberSeries.__table__)


def next_number(brand: Brand, on: date) -> str:
    """The next number of an invoice of `brand` issued on this day."""
    return take(series_of(brand.invoice_pattern, brand.code, on), 1)[0]


def next_credit_number(brand: Brand, on: date) -> str:
    """The next number of a credit note of `brand`: a series of its own."""
    return take(series_of(OF_CREDIT_NOTES + brand.invoice_pattern, brand.code, on), 1)[0]


def series_of(pattern: str, brand_code: str, on: date) -> str:
    """The pattern with year, month and brand filled in."""
    parts = {"{year}": f"{on.year}", "{month}": f"{on.month:02}", "{brand}": brand_code}
    for name, value in parts.items():
        pattern = pattern.replace(name, value)
    return pattern


def take(series: str, count: int) -> list[str]:
    """The next `count` numbers of a series, in order. Accounts are locked before, never after (ledger.py)."""
    statement = insert_into(_TABLE).values(prefix=series, last=count)
    statement = statement.on_conflict_do_update(
        index_elements=["prefix"], set_={"last": _TABLE.c.last + count}
    )
    last: int = db.session.execute(statement.returning(_TABLE.c.last)).scalar_one()
    return [written(series, number) for number in range(last - count + 1, last + 1)]


def written(series: str, number: int) -> str:
    """The series with this number in its place, of three digits at least."""
    return series.replace(SEQUENCE, f"{number:03}")
