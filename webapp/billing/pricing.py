"""What a subscription costs for a month, from its history; whole rupiah, before tax (decision 22).

A part of a month costs price / days in month × its days, half up. Parts are rounded by what remains of the month after
them, so that those of one price always sum to it, and a month from its day n on costs exactly the formula.
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from webapp.billing.days import PERIOD
from webapp.errors import Invalid
from webapp.subscribers.models import AUTOMATIC

START, PACKAGE, SUSPEND, RESUME, END, REOPEN = "start", "package", "suspend", "resume", "end", "reopen"
BEGINNINGS = (START, REOPEN)
DAY = timedelta(days=1)


class Change(NamedTuple):
    """From `effective_on` on it was so: `start` and `package` say the price (rupiah a month), the others the state."""

    effective_on: date
    kind: str
    package_id: int
    price: int


class Part(NamedTuple):
    """Days of one price in a month, both included; `whole` when they are all of the month."""

    first: date
    last: date
    package_id: int
    price: int
    amount: int
    whole: bool


class _Stretch(NamedTuple):
    """Days from `start` to before `end`; `price` is None where nothing is billed."""

    start: date
    end: date
    package_id: int
    price: int | None


@lru_cache(maxsize=1_000)
def month(period: str) -> tuple[date, date]:
    """The first and last day of `YYYY-MM`. Raises Invalid."""
    if not re.fullmatch(PERIOD, period):
        raise Invalid({"period": "Must be a month as YYYY-MM"})
    year, number = int(period[:4]), int(period[5:])
    return date(year, number, 1), date(year, number, monthrange(year, number)[1])


def period_of(day: date) -> str:
    return f"{day:%Y-%m}"


def prorated(price: int, remaining_days: int, days_in_month: int) -> int:
    """price / days in month × remaining days, half up to whole rupiah (contracts, 2 ftth)."""
    return (2 * price * remaining_days + days_in_month) // (2 * days_in_month)


def parts(changes: Iterable[Change], period: str, *, method: str, bill_suspended: bool) -> list[Part]:
    """What is billed of the month, in its order; nothing for a month without service.

    `changes` are the subscription's, in the order in which they were made within a day. With `method` AUTOMATIC the
    month in which it starts or ends counts whole; PRORATED bills its days of service. Suspended days are billed if
    `bill_suspended`. Raises Invalid for a period that is no month.
    """
    first, last = month(period)
    history = list(changes)
    if len(history) == 1 and history[0].kind == START and history[0].effective_on <= first:
        _, _, package_id, price = history[0]
        return [Part(first, last, package_id, price, price, True)]  # most are so; the rest comes to the same
    history.sort(key=lambda change: change.effective_on)
    if method == AUTOMATIC:
        history = _in_whole_months(history, first, last)
    stretches = _merged(_stretches(history, first, last + DAY, bill_suspended))
    return [_part(stretch, first, last) for stretch in stretches if stretch.price is not None]


def _in_whole_months(history: Sequence[Change], first: date, last: date) -> list[Change]:
    """As if what began or ended in the month had been there from its first to its last day."""
    moved = [
        change._replace(effective_on=min(first, change.effective_on)) if change.kind in BEGINNINGS else change
        for change in history
        if change.effective_on <= last and not (change.kind == END and first < change.effective_on)
    ]
    return sorted(moved, key=lambda change: change.effective_on)


def _stretches(
    history: Sequence[Change], first: date, after: date, bill_suspended: bool
) -> Iterator[_Stretch]:
    """The month from change to change."""
    is_served, is_suspended = False, False
    terms = history[0] if history else None
    for place, change in enumerate(history):
        if change.effective_on >= after:
            return
        if change.kind in (*BEGINNINGS, END):
            is_served, is_suspended = change.kind != END, False
        elif change.kind != PACKAGE:
            is_suspended = change.kind == SUSPEND
        terms = change if change.kind in (START, PACKAGE) or terms is None else terms
        following = history[place + 1].effective_on if place + 1 < len(history) else after
        start, end = max(first, change.effective_on), min(after, following)
        is_billed = is_served and (bill_suspended or not is_suspended)
        if start < end:
            yield _Stretch(start, end, terms.package_id, terms.price if is_billed else None)


def _merged(stretches: Iterable[_Stretch]) -> list[_Stretch]:
    """Neighbours of one price as one: a change that changes nothing divides no line of an invoice."""
    merged: list[_Stretch] = []
    for stretch in stretches:
        before = merged[-1] if merged else None
        same = before is not None and (before.end, before.package_id, before.price) == (
            stretch.start,
            stretch.package_id,
            stretch.price,
        )
        if before is not None and same:
            merged[-1] = before._replace(end=stretch.end)
        else:
            merged.append(stretch)
    return merged


def _part(stretch: _Stretch, first: date, last: date) -> Part:
    days, price = last.day, stretch.price or 0
    left_before, left_after = days + 1 - stretch.start.day, (last + DAY - stretch.end).days
    amount = prorated(price, left_before, days) - prorated(price, left_after, days)
    whole = stretch.start == first and stretch.end == last + DAY
    return Part(stretch.start, stretch.end - DAY, stretch.package_id, price, amount, whole)
