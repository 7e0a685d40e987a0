"""What the product says at the end of a month, against the reckoning; and its own proof of its books."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, select

from webapp.billing import checks, reports, segments
from webapp.billing.models import CustomerAccount, Invoice, LedgerLine
from webapp.extensions import db
from webapp.subscribers.models import Subscription
from years.plot import FIRST, HOUSES
from years.prices import period_of
from years.reckoning import CANCELLED, OWING, Bill, Home, Reckoning
from years.world import World

Figures = Mapping[Any, Any]


def differences(world: World, reckoning: Reckoning) -> Iterator[str]:
    """Every figure that differs, in a sentence; then every finding of the product's own check."""
    for name, (told, expected) in _figures(world, reckoning).items():
        for key in sorted({*told, *expected}, key=str):
            if told.get(key) != expected.get(key):
                yield f"{name} {key}: {told.get(key)} instead of {expected.get(key)}"
    yield from (f"finding: {one}" for one in checks.findings())


def _figures(world: World, of: Reckoning) -> dict[str, tuple[Figures, Figures]]:
    today = of.today
    found: dict[str, tuple[Figures, Figures]] = {
        f"revenue by {group}": (_revenue(today, group), _billed(of, key)) for group, key in _GROUPS.items()
    }
    found["collected in"] = _without_nothing(reports.collected(FIRST, today)), _collected(of)
    found["segment"] = segments.counts(), _segments(of, "")
    for house in HOUSES:
        found[f"segment of {house.code}"] = segments.counts(house.code), _segments(of, house.code)
    found["aging"] = {one.label: (one.invoices, one.amount) for one in reports.aging()}, _aging(of)
    found["ledger"] = _ledger(), _by_hand(of)
    found["numbers"] = _numbers(), _as_many(of)
    found["customer"] = _accounts(), _homes(world, of)
    found["status"] = _statuses(), _suspended(of)
    return found


_GROUPS: dict[str, Callable[[Bill], str]] = {
    "month": lambda bill: period_of(bill.issued),
    "brand": lambda bill: bill.home.life.house.code,
    "status": lambda bill: bill.status,
}


def _revenue(today: date, group: str) -> Figures:
    found = reports.revenue(FIRST, today, group)
    return {one.group: (one.invoices, one.billed, one.paid) for one in found if one.invoices}


def _billed(of: Reckoning, key: Callable[[Bill], str]) -> Figures:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for bill in of.bills:
        if bill.status != CANCELLED:
            for place, amount in enumerate((1, bill.total - bill.credited, bill.paid)):
                sums[key(bill)][place] += amount
    return {name: tuple(some) for name, some in sums.items()}


def _collected(of: Reckoning) -> Figures:
    sums: Counter[str] = Counter()
    for money in of.moneys:
        sums[period_of(money.on)] += money.amount
        if money.reversed_on:
            sums[period_of(money.reversed_on)] -= money.amount
    return _without_nothing(sums)


def _without_nothing(sums: Mapping[str, int]) -> Figures:
    return {name: amount for name, amount in sums.items() if amount}


def _segments(of: Reckoning, brand: str) -> Figures:
    active = [home for home in of.homes.values() if home.ended_on is None and not home.is_suspended]
    chosen = [home for home in active if brand in ("", home.life.house.code)]
    return dict.fromkeys(segments.SEGMENTS, 0) | Counter(_segment(home, of.today) for home in chosen)


def _segment(home: Home, today: date) -> str:
    if any(bill.due < today or bill.expired for bill in home.owing()):
        return "menunggak"
    return "lunas-telat" if any(bill.paid_late for bill in home.bills.values()) else "setia"


def _aging(of: Reckoning) -> Figures:
    found = dict.fromkeys(("0-30", "31-60", "61-90", "90+"), (0, 0))
    for bill in of.bills:
        days = (of.today - bill.due).days
        if bill.status in OWING and days > 0:
            label = next(
                (name for name, most in (("0-30", 30), ("31-60", 60), ("61-90", 90)) if days <= most), "90+"
            )
            found[label] = found[label][0] + 1, found[label][1] + bill.balance
    return found


def _ledger() -> Figures:
    rows = db.session.execute(
        select(LedgerLine.account, func.sum(LedgerLine.amount)).group_by(LedgerLine.account)
    )
    return {account: int(amount) for account, amount in rows if amount}


def _by_hand(of: Reckoning) -> Figures:
    sums: Counter[str] = Counter()
    for money in of.moneys:
        if not money.reversed_on:
            sums[money.by] += money.amount
    for bill in of.bills:
        if bill.status != CANCELLED:
            tax = bill.tax - bill.tax_credited
            sums["tax"] -= tax
            sums["revenue"] -= bill.total - bill.credited - tax
            sums["receivable"] += bill.balance
    sums["credit"] = -sum(home.credit for home in of.homes.values())
    return _without_nothing(sums)


def _numbers() -> Figures:
    """Whether every year's numbers are 1, 2, 3 … without a gap."""
    years: dict[str, list[int]] = defaultdict(list)
    for number in db.session.scalars(select(Invoice.number)):
        _, year, sequence = number.split("-")
        years[year].append(int(sequence))
    return {year: (len(some), sorted(some) == list(range(1, len(some) + 1))) for year, some in years.items()}


def _as_many(of: Reckoning) -> Figures:
    return {year: (count, True) for year, count in Counter(f"{bill.issued:%Y}" for bill in of.bills).items()}


def _accounts() -> Figures:
    rows = db.session.execute(
        select(CustomerAccount.customer_id, CustomerAccount.owed, CustomerAccount.credit)
    )
    return {customer_id: (owed, credit) for customer_id, owed, credit in rows if owed or credit}


def _homes(world: World, of: Reckoning) -> Figures:
    sums = {
        world.customers[number]: (sum(bill.balance for bill in home.owing()), home.credit)
        for number, home in of.homes.items()
    }
    return {customer_id: some for customer_id, some in sums.items() if any(some)}


def _statuses() -> Figures:
    rows = db.session.execute(select(Subscription.status, func.count()).group_by(Subscription.status))
    return {status: count for status, count in rows}  # noqa: C416 - rows are no pairs to mypy


def _suspended(of: Reckoning) -> Figures:
    homes = of.homes.values()
    return Counter(
        "Berhenti" if home.ended_on else "Suspended" if home.is_suspended else "Aktif" for home in homes
    )
