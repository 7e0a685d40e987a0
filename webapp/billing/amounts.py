"""Whole rupiah: tax, and its part in what is taken back. Integers and Decimal only."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from webapp.errors import Invalid

MOST = 10**12  # rupiah, of one invoice or payment: thousands of them still fit the columns' sums
_HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True)
class NewItem:
    """A line to be invoiced: `quantity` (from 1) times `unit_price` (rupiah before tax, from 0)."""

    description: str
    quantity: int
    unit_price: int

    @property
    def amount(self) -> int:
        return self.quantity * self.unit_price


@dataclass(frozen=True)
class Sums:
    """What an invoice comes to, in rupiah."""

    subtotal: int
    tax: int

    @property
    def total(self) -> int:
        return self.subtotal + self.tax


def sums_of(items: Iterable[NewItem], percent: Decimal) -> Sums:
    """Subtotal and tax of the items. Raises Invalid where there are none, or where they come to more than MOST."""
    amounts = [item.amount for item in items]
    if not amounts:
        raise Invalid({"items": "Must have at least one"})
    sums = Sums(sum(amounts), tax_on(sum(amounts), percent))
    if sums.total > MOST:
        raise Invalid({"items": f"Must not come to more than {MOST} rupiah"})
    return sums


def tax_on(subtotal: int, percent: Decimal) -> int:
    """Subtotal × percent, rounded half up to whole rupiah (contracts, 2 ftth)."""
    return int((subtotal * percent * _HUNDREDTH).quantize(Decimal(1), ROUND_HALF_UP))


def tax_within(taken: int, total: int, tax: int) -> int:
    """How much of the first `taken` rupiah of a `total` is tax, when `tax` of all of it is; half up.

    Of amounts taken one after the other, each has the difference to the one before, so that they add up to `tax`.
    """
    return (2 * tax * taken + total) // (2 * total)
