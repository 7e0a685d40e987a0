"""A month's price, day by day: price / days in month × remaining days, the first day included (contracts, 2 ftth)."""

from calendar import monthrange
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from typing import TYPE_CHECKING

from years.plot import AUTOMATIC

if TYPE_CHECKING:
    from years.reckoning import Home

Price = int | None


def rounded(amount: Decimal) -> int:
    """Half up to whole rupiah."""
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def period_of(day: date) -> str:
    return f"{day:%Y-%m}"


def month_price(home: "Home", period: str, bill_suspended: bool) -> int:
    """Rupiah before tax for a customer's month, as far as it is known today; 0 for one without service."""
    year, month = int(period[:4]), int(period[5:])
    days = monthrange(year, month)[1]
    prices = [_price(home, date(year, month, day), bill_suspended) for day in range(1, days + 1)]
    total, left = 0, days
    for price, some in groupby(prices):
        after = left - len(list(some))
        if price is not None:
            total += _share(price, left, days) - _share(price, after, days)
        left = after
    return total


def _share(price: int, remaining: int, days: int) -> int:
    return rounded(Decimal(price) * remaining / days)


def _price(home: "Home", day: date, bill_suspended: bool) -> Price:
    """The month's price that a day is billed at; None when it is not."""
    if not _is_served(home, day) or not (bill_suspended or not _is_cut_off(home, day)):
        return None
    package = home.life.package
    for since, other in home.changes:
        package = other if since <= day else package
    return home.life.house.packages[package][1]


def _is_served(home: "Home", day: date) -> bool:
    """From the start to the last day; billed in whole months, all of those that they lie in."""
    start, end = home.life.started_on, home.ended_on
    if home.life.method == AUTOMATIC:
        start = start.replace(day=1)
        end = end and (end.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return start <= day and (end is None or day <= end)


def _is_cut_off(home: "Home", day: date) -> bool:
    return any(since <= day and (until is None or day < until) for since, until in home.suspensions)
