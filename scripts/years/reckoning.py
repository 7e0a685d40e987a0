"""What must come of the plot, by the rules of contracts/README.md (2 ftth) and decision 19; nothing of the product.

A day is a night (overdue, the run, suspensions) and then what people do; each deed is told as a Step, so that the
product can be asked to do the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from years.plot import (
    BEFORE_DUE,
    DAY,
    FIRST,
    GATEWAY,
    TRANSFER,
    Intent,
    Life,
    Outages,
    intents,
)
from years.prices import month_price, period_of, rounded

OPEN, PAID, OVERDUE, CANCELLED = "Menunggu Pembayaran", "Lunas", "Jatuh Tempo", "Batal"
OWING = (OPEN, OVERDUE)


class Step(NamedTuple):
    """A deed, in plain values: `number` and `key` name the bill (or customer), `serial` the payment."""

    kind: str
    number: int
    key: str = ""
    amount: int = 0
    by: str = ""
    serial: int = 0
    named: bool = True
    until: date | None = None


@dataclass(eq=False)
class Bill:
    home: "Home"
    key: str
    serial: int
    issued: date
    due: date
    subtotal: int
    tax: int
    paid: int = 0
    credited: int = 0
    tax_credited: int = 0
    status: str = OPEN
    paid_on: date | None = None
    expired: bool = False
    promise: date | None = None
    shares: list[tuple["Money | None", int]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.subtotal + self.tax

    @property
    def balance(self) -> int:
        return self.total - self.paid - self.credited

    @property
    def owes(self) -> bool:
        return self.status in OWING

    @property
    def paid_late(self) -> bool:
        return self.status == PAID and self.paid > 0 and self.paid_on is not None and self.paid_on > self.due


@dataclass(eq=False)
class Money:
    """A payment; `credit` is what nothing was owed for when it came."""

    home: "Home"
    serial: int
    amount: int
    by: str
    on: date
    credit: int = 0
    reversed_on: date | None = None


@dataclass(eq=False)
class Home:
    """A customer, with what has happened so far."""

    life: Life
    bills: dict[str, Bill] = field(default_factory=dict)
    owed: list[Bill] = field(default_factory=list)  # also of those just settled; `owing` looks
    credit: int = 0
    suspensions: list[tuple[date, date | None]] = field(default_factory=list)
    changes: list[tuple[date, int]] = field(default_factory=list)  # (from, package)
    ended_on: date | None = None

    @property
    def is_suspended(self) -> bool:
        return bool(self.suspensions) and self.suspensions[-1][1] is None

    def owing(self) -> list[Bill]:
        """What is owed, the oldest due first."""
        self.owed = [bill for bill in self.owed if bill.owes]
        return sorted(self.owed, key=lambda bill: (bill.due, bill.serial))


class Reckoning:
    def __init__(self, lives: Iterable[Life], outages: Outages, seed: int, bill_suspended: bool) -> None:
        self.waiting = sorted(lives, key=lambda life: (life.entered_on, life.number))
        self.homes: dict[int, Home] = {}
        self.bills: list[Bill] = []
        self.moneys: list[Money] = []
        self.outages, self.seed, self.bill_suspended = outages, seed, bill_suspended
        self.plans: dict[date, list[tuple[Bill, Intent]]] = defaultdict(list)
        self.reversals: dict[date, list[Money]] = defaultdict(list)
        self.today = FIRST

    # The night

    def night(self, today: date) -> None:
        """Overdue, then the run, then who is cut off and let in."""
        self.today = today
        for home in self.homes.values():
            for bill in home.owing():
                if bill.status == OPEN and bill.due < today:
                    bill.status = OVERDUE
            self._bill(home)
            self._settle(home)

    def _bill(self, home: Home) -> None:
        """An invoice five days before its due date, or as soon as there is something to bill after that; once."""
        periods = (self.today - DAY, self.today, self.today + DAY * BEFORE_DUE)
        for period in sorted({period_of(day) for day in periods}):
            due = date.fromisoformat(f"{period}-01").replace(day=home.life.due_day)
            too_early = due - DAY * BEFORE_DUE > self.today or home.life.started_on > self.today
            if period < period_of(FIRST) or period in home.bills or too_early:
                continue
            price = month_price(home, period, self.bill_suspended)
            if price:
                self._issue(home, period, due if due >= self.today else self.today + DAY * BEFORE_DUE, price)

    def _issue(self, home: Home, key: str, due: date, price: int) -> None:
        tax = rounded(price * home.life.house.tax_percent / 100)
        bill = Bill(home, key, len(self.bills), self.today, due, price, tax)
        home.bills[key] = bill
        home.owed.append(bill)
        self.bills.append(bill)
        for intent in intents(self.seed, home.life.number, key, home.life.house, self.today, due):
            self.plans[intent.on].append((bill, intent))
        self._use_credit(home)

    def _settle(self, home: Home) -> None:
        if home.ended_on is None and not home.is_suspended and self._is_beyond_grace(home):
            home.suspensions.append((self.today, None))
        else:
            self._let_in(home)

    def _let_in(self, home: Home) -> None:
        if home.ended_on is None and home.is_suspended and not self._is_beyond_grace(home):
            home.suspensions[-1] = (home.suspensions[-1][0], self.today)

    def _is_beyond_grace(self, home: Home) -> bool:
        limit = self.today - DAY * home.life.house.grace_days
        return any(
            bill.due < limit and not (bill.promise and bill.promise >= self.today) for bill in home.owing()
        )

    # The day

    def day(self) -> Iterator[Step]:
        """What people do today; each step has been reckoned when it is told. Pages are paid last."""
        yield from self._comings()
        for money in self.reversals.pop(self.today, []):
            yield from self._reverse(money)
        plans = self.plans.pop(self.today, [])
        for bill, intent in sorted(plans, key=lambda plan: self._by(plan[1]) == GATEWAY):
            yield from getattr(self, f"_{intent.kind}")(bill, intent)

    def _comings(self) -> Iterator[Step]:
        while self.waiting and self.waiting[0].entered_on <= self.today:
            life = self.waiting.pop(0)
            self.homes[life.number] = Home(life)
            yield Step("join", life.number)
        for home in self.homes.values():
            for change in home.life.changes:
                if change.asked_on == self.today:
                    home.changes.append((change.effective_on, change.package))
                    yield Step("change", home.life.number, amount=change.package, until=change.effective_on)
            if home.life.ends_on == self.today:
                yield from self._end(home)

    def _end(self, home: Home) -> Iterator[Step]:
        """Whoever leaves is not asked for the months after."""
        home.ended_on = self.today
        yield Step("end", home.life.number)
        for bill in home.owing():
            if bill.key > period_of(self.today):
                yield from self._cancel(bill, None)

    def _by(self, intent: Intent) -> str:
        """A dead gateway's customers pay otherwise."""
        is_dead = intent.by == GATEWAY and self.today in self.outages.gateway
        return TRANSFER if is_dead or intent.kind != "pay" else intent.by

    def _pay(self, bill: Bill, intent: Intent) -> Iterator[Step]:
        by, home = self._by(intent), bill.home
        due = bill.balance if bill.owes else 0
        amounts = {"full": due, "half": due // 2, "over": due + 50_000 if due else 0}
        amounts["all"] = sum(one.balance for one in home.owing())
        if amount := amounts[intent.how]:
            named = bill if intent.how != "all" else None
            money = self._take(home, amount, by, named)
            if intent.days and by != GATEWAY and not money.credit:
                self.reversals[self.today + DAY * intent.days].append(money)
            yield Step("pay", home.life.number, bill.key, amount, by, money.serial, named is not None)
            self._let_in(home)

    def _take(self, home: Home, amount: int, by: str, named: Bill | None) -> Money:
        money = Money(home, len(self.moneys), amount, by, self.today)
        self.moneys.append(money)
        left = amount
        for bill in sorted(home.owing(), key=lambda one: one is not named):
            part = min(left, bill.balance)
            if part:
                self._cover(bill, part, money)
                left -= part
        money.credit = left
        home.credit += left
        return money

    def _cover(self, bill: Bill, amount: int, money: Money | None) -> None:
        bill.paid += amount
        bill.shares.append((money, amount))
        bill.expired = False  # its page was for another amount
        if bill.balance == 0:
            bill.status, bill.paid_on = PAID, self.today

    def _use_credit(self, home: Home) -> None:
        for bill in home.owing():
            part = min(home.credit, bill.balance)
            if part:
                self._cover(bill, part, None)
                home.credit -= part

    def _reverse(self, money: Money) -> Iterator[Step]:
        """Money that did not come: what it paid is owed again, and is paid by transfer some days later."""
        paid = [bill for bill in money.home.bills.values() if any(one is money for one, _ in bill.shares)]
        if any(bill.credited or bill.status == CANCELLED for bill in paid):
            return
        money.reversed_on = self.today
        for bill in paid:
            bill.paid -= sum(amount for one, amount in bill.shares if one is money)
            bill.shares = [share for share in bill.shares if share[0] is not money]
            if bill.balance and bill.status == PAID:
                bill.status, bill.paid_on = (OVERDUE if bill.due < self.today else OPEN), None
                money.home.owed.append(bill)
            self.plans[self.today + DAY * (2 + money.serial % 9)].append((bill, Intent(self.today, "pay")))
        self._use_credit(money.home)
        yield Step("reverse", money.home.life.number, serial=money.serial)
        self._let_in(money.home)

    def _expire(self, bill: Bill, _intent: Intent) -> Iterator[Step]:
        is_there = bill.home.life.house.has_gateway and self.today not in self.outages.gateway
        if bill.owes and is_there and not bill.paid and not bill.credited:
            bill.expired = True
            yield Step("expire", bill.home.life.number, bill.key, bill.balance)

    def _note(self, bill: Bill, _intent: Intent) -> Iterator[Step]:
        """A tenth of it is taken back; what was paid beyond the rest becomes credit."""
        if bill.status == CANCELLED or bill.credited:
            return
        amount = bill.total // 10
        over = max(0, amount - bill.balance)
        bill.credited, bill.paid = amount, bill.paid - over
        bill.tax_credited = rounded(Decimal(bill.tax) * amount / bill.total)
        bill.home.credit += over
        bill.expired = False
        if bill.balance == 0 and bill.owes:
            bill.status, bill.paid_on = PAID, self.today
        self._use_credit(bill.home)
        yield Step("note", bill.home.life.number, bill.key, amount)
        self._let_in(bill.home)

    def _cancel(self, bill: Bill, _intent: Intent | None) -> Iterator[Step]:
        if bill.status != OPEN:
            return
        bill.status = CANCELLED
        bill.home.credit += bill.paid
        bill.paid = 0
        self._use_credit(bill.home)
        yield Step("cancel", bill.home.life.number, bill.key)
        self._let_in(bill.home)

    def _promise(self, bill: Bill, intent: Intent) -> Iterator[Step]:
        if bill.owes:
            bill.promise = self.today + DAY * intent.days
            yield Step("promise", bill.home.life.number, bill.key, until=bill.promise)
            self._settle(bill.home)
