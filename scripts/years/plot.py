"""Who subscribes, changes, leaves, and how each bill is paid: the same seed tells the same story."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

FIRST = date(2023, 1, 1)  # the first month that is billed
EVE = FIRST - timedelta(days=1)  # when those who were there before are entered
AUTOMATIC, PRORATED = "Otomatis", "Prorate"
CASH, TRANSFER, GATEWAY = "cash", "transfer", "xendit"
DAY = timedelta(days=1)
BEFORE_DUE = 5  # days, as the contract says


@dataclass(frozen=True)
class House:
    """A brand: its tax, its days of grace, whether it has an account at the gateway."""

    code: str
    tax_percent: Decimal
    grace_days: int
    has_gateway: bool
    packages: Sequence[tuple[str, int]]  # name, rupiah a month


HOUSES = (
    House(
        "JAKINET",
        Decimal(11),
        7,
        True,
        (("Internet 20Mbps", 250_000), ("Internet 50Mbps", 500_000), ("Internet 100Mbps", 751_333)),
    ),
    House("GARUTNET", Decimal("1.1"), 3, False, (("Rumah 10Mbps", 165_000), ("Rumah 30Mbps", 275_555))),
)


@dataclass(frozen=True)
class Change:
    """Another package, asked for on a day, from another day on."""

    asked_on: date
    effective_on: date
    package: int


@dataclass(frozen=True)
class Life:
    """A customer from the day they are entered; `package` is the place in their house's packages."""

    number: int
    house: House
    entered_on: date
    started_on: date
    due_day: int
    method: str
    package: int
    changes: Sequence[Change]
    ends_on: date | None


@dataclass(frozen=True)
class Intent:
    """What somebody means to do about a bill on a day; what it comes to depends on how the bill stands then."""

    on: date
    kind: str  # pay, expire, note, cancel, promise
    how: str = "full"  # of pay: full, half, over, all (that is owed, naming no bill)
    by: str = TRANSFER
    days: int = (
        0  # of promise: how long; of pay: after how many days it turns out not to have come (0: it came)
    )


@dataclass
class Outages:
    """When the gateway and the routers are dead."""

    gateway: set[date] = field(default_factory=set)
    routers: set[date] = field(default_factory=set)


def lives(count: int, last: date, seed: int) -> Iterator[Life]:
    """So many customers: half are there at the beginning, the others come until `last`."""
    for number in range(count):
        draw = random.Random(f"{seed}:life:{number}")
        yield _life(draw, number, last)


def _life(draw: random.Random, number: int, last: date) -> Life:
    house = HOUSES[draw.random() < 0.4]
    entered = EVE if draw.random() < 0.5 else FIRST + DAY * draw.randrange((last - FIRST).days)
    started = _start(draw, entered)
    package = draw.randrange(len(house.packages))
    leaves = started + DAY * draw.randrange(20, 1_500)
    ends_on = leaves if leaves <= last and draw.random() < 0.6 and leaves > max(entered, started) else None
    changes = tuple(_changes(draw, house, package, max(entered, started, EVE), ends_on or last))
    method = PRORATED if draw.random() < 0.5 else AUTOMATIC
    due_day = draw.choice((1, 2, 3, 5, 10, 15, 20, 25, 28))
    return Life(number, house, entered, started, due_day, method, package, changes, ends_on)


def _start(draw: random.Random, entered: date) -> date:
    """Most begin at once, some in a few days, some have begun a few days ago (in this month)."""
    if entered == EVE:
        return date(2020, 1, 1) + DAY * draw.randrange(1_000)
    way = draw.random()
    if way < 0.2:
        return entered + DAY * draw.randrange(1, 12)
    return max(entered.replace(day=1), entered - DAY * 2) if way < 0.3 else entered


def _changes(draw: random.Random, house: House, package: int, since: date, until: date) -> Iterator[Change]:
    """Now and then another package, at once or planned; the next is asked for when the last has begun."""
    day = since + DAY * draw.randrange(1, 500)
    while day < until:
        effective = day if draw.random() < 0.6 else day + DAY * draw.randrange(1, 40)
        package = (package + draw.randrange(1, len(house.packages))) % len(house.packages)
        yield Change(day, effective, package)
        day = effective + DAY * draw.randrange(1, 600)


def intents(seed: int, number: int, key: str, house: House, issued: date, due: date) -> list[Intent]:
    """What becomes of a bill, as its customer would have it."""
    draw = random.Random(f"{seed}:bill:{number}:{key}")
    by = draw.choice((GATEWAY, GATEWAY, CASH, TRANSFER) if house.has_gateway else (CASH, TRANSFER))
    early = issued + DAY * draw.randrange(0, max(1, (due - issued).days + 1))
    late, very_late = due + DAY * draw.randrange(1, 4), due + DAY * draw.randrange(9, 26)
    way = draw.random()
    if way < 0.60:
        return [Intent(early, "pay", by=by, days=draw.randrange(3, 15) if draw.random() < 0.02 else 0)]
    if way < 0.72:
        return [Intent(late, "pay", by=by)]
    if way < 0.82:
        return [Intent(very_late, "pay", by=by)]
    if way < 0.86:
        return [Intent(early, "pay", "half", TRANSFER), Intent(very_late, "pay", by=by)]
    if way < 0.89:
        return [Intent(early, "pay", "over", CASH)]
    return _unusual(way, by, early, late, very_late)


def _unusual(way: float, by: str, early: date, late: date, very_late: date) -> list[Intent]:
    if way < 0.93:
        return [Intent(very_late + DAY * 20, "pay", "all", CASH)]
    if way < 0.95:
        return [Intent(late, "expire"), Intent(very_late, "pay", by=by)]
    if way < 0.965:
        return [Intent(early, "note"), Intent(late, "pay", by=by)]
    if way < 0.98:
        return [Intent(early, "pay", by=by), Intent(late, "note")]
    if way < 0.99:
        return [Intent(late + DAY * 2, "promise", days=12), Intent(very_late + DAY * 5, "pay", by=by)]
    return [Intent(early, "cancel")]


def outages(last: date, seed: int) -> Outages:
    """Every few weeks the gateway or the routers are dead for one to four days."""
    draw, found, day = random.Random(f"{seed}:outages"), Outages(), FIRST + DAY * 12
    while day < last:
        dead = found.gateway if draw.random() < 0.5 else found.routers
        dead.update(day + DAY * number for number in range(draw.randrange(1, 5)))
        day += DAY * draw.randrange(15, 60)
    return found
