"""Closing a cashier's shift: what the events say against what was counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError

from webapp.accounts.models import Role, User
from webapp.errors import Conflict, Forbidden, Invalid, NotFound
from webapp.extensions import db
from webapp.gates.models import Category, Gate, GateEvent, Location, Shift, ShiftLine
from webapp.kit import clock
from webapp.kit.paging import Page

FIRST_LOOKS_BACK = 7 * 86_400  # how far back a gate's first shift may begin


class AlreadyClosed(Conflict):
    """Someone was faster. `shift_id` is theirs."""

    message = "This shift has already been closed"

    def __init__(self, shift: Shift) -> None:
        super().__init__()
        self.shift_id = shift.id


@dataclass(frozen=True)
class CategorySum:
    """What the events of one category come to."""

    category: Category
    count: int
    amount: int


@dataclass(frozen=True)
class Expected:
    """What the events of [starts_at, ends_at) at a gate come to, in all and by category (those with events)."""

    starts_at: int
    ends_at: int
    count: int
    amount: int
    lines: Sequence[CategorySum] = ()


def next_start(gate: Gate, zone: ZoneInfo) -> int:
    """Where the gate's next shift begins: where the last one ended, or at today's midnight for the first."""
    last = _last(gate)
    return last.ends_at if last is not None else clock.day_bounds(clock.today(zone), zone)[0]


def expected(gate: Gate, starts_at: int, ends_at: int) -> Expected:
    """Events by their own time, so that late ones count into the shift they belong to."""
    statement = (
        select(Category, func.count(), func.sum(GateEvent.amount))
        .join(GateEvent, GateEvent.category_id == Category.id)
        .where(GateEvent.gate_id == gate.id, GateEvent.event_time >= starts_at)
        .where(GateEvent.event_time < ends_at)
        .group_by(Category.id)
        .order_by(Category.position)
    )
    lines = [
        CategorySum(category, count, int(amount)) for category, count, amount in db.session.execute(statement)
    ]
    count, amount = sum(line.count for line in lines), sum(line.amount for line in lines)
    return Expected(starts_at, ends_at, count, amount, lines)


def close(gate: Gate, starts_at: int, ends_at: int, counted_amount: int, note: str, by: User) -> Shift:
    """Close the shift [starts_at, ends_at), Unix seconds, as the cashier was shown it.

    `counted_amount` is the cash in the drawer, rupiah. Raises AlreadyClosed when someone else just closed it (or the
    same form came twice), Invalid for a period that can't be a shift.
    """
    db.session.execute(
        select(Gate.id).where(Gate.id == gate.id).with_for_update(key_share=True)
    )  # one at a time
    last = _last(gate)
    if last is not None and starts_at != last.ends_at:
        raise AlreadyClosed(last)
    if last is None and starts_at < clock.unix() - FIRST_LOOKS_BACK:
        raise Invalid({"starts_at": "Must be within the last 7 days"})
    if ends_at > clock.unix():
        raise Invalid({"ends_at": "Must not be in the future"})
    if ends_at <= starts_at:
        raise Invalid({"ends_at": "Must be after the start of the shift"})
    return record(gate, expected(gate, starts_at, ends_at), counted_amount, note, by)


def record(gate: Gate, found: Expected, counted_amount: int, note: str, by: User) -> Shift:
    """Write the closed shift down, with what each category came to. Raises Conflict when there is one already."""
    shift = Shift(
        gate=gate,
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        expected_count=found.count,
        expected_amount=found.amount,
        counted_amount=counted_amount,
        note=note,
        closed_by_id=by.id,
        lines=[
            ShiftLine(category=line.category, count=line.count, amount=line.amount) for line in found.lines
        ],
    )
    db.session.add(shift)
    try:
        db.session.flush()
    except IntegrityError:
        raise Conflict(AlreadyClosed.message) from None
    return shift


def sign_off(shift_id: int, by: User) -> Shift:
    """A second person vouches for the count. Raises Forbidden for the cashier's own shift unless an admin signs."""
    shift = db.session.scalar(select(Shift).where(Shift.id == shift_id).with_for_update(of=Shift))
    if shift is None:
        raise NotFound()
    if shift.signed_off_by_id is not None:
        raise Conflict("This shift has already been signed off")
    if not may_sign_off(shift, by):
        raise Forbidden("Someone else has to sign this shift off")
    shift.signed_off_by_id, shift.signed_off_at = by.id, clock.now()
    db.session.flush()
    return shift


def may_sign_off(shift: Shift, by: User) -> bool:
    """Whether the shift waits for a signature that this person may give."""
    second_person = by.role >= Role.OPERATOR and shift.closed_by_id != by.id
    return shift.signed_off_by_id is None and (second_person or by.role >= Role.ADMIN)


def get(shift_id: int) -> Shift:
    """Raises NotFound."""
    shift = db.session.get(Shift, shift_id)
    if shift is None:
        raise NotFound()
    return shift


def late(shift: Shift) -> Expected:
    """What has arrived for the shift since it was closed (all zero when nothing has)."""
    found = expected(shift.gate, shift.starts_at, shift.ends_at)
    count, amount = found.count - shift.expected_count, found.amount - shift.expected_amount
    return Expected(shift.starts_at, shift.ends_at, count, amount)


def gate_of_last_close(by: User) -> Gate | None:
    """Where this person closed a shift last: most likely where they close the next one."""
    statement = select(Gate).join(Shift).where(Shift.closed_by_id == by.id)
    return db.session.scalar(statement.order_by(Shift.id.desc()).limit(1))


@dataclass(frozen=True)
class ShiftFilter:
    """Which shifts to list; None means any. Days are those on which a shift ended, as Unix seconds [start, end)."""

    location_code: str | None = None
    gate_code: str | None = None
    start: int | None = None
    end: int | None = None
    signed: bool | None = None
    balance: str | None = None  # exact, short or over

    def __call__(self, statement: Select[Any]) -> Select[Any]:
        difference = Shift.counted_amount - Shift.expected_amount
        conditions = (
            (self.location_code, Location.code == self.location_code),
            (self.gate_code, Gate.code == self.gate_code),
            (self.start, Shift.ends_at >= (self.start or 0)),
            (self.end, Shift.ends_at < (self.end or 0)),
            (self.signed, Shift.signed_off_by_id.is_not(None) == self.signed),
        )
        balances = {"exact": difference == 0, "short": difference < 0, "over": difference > 0}
        chosen = [condition for value, condition in conditions if value is not None]
        if self.balance in balances:
            chosen.append(balances[self.balance])
        return statement.join(Shift.gate).join(Gate.location).where(*chosen)


def page(number: int = 1, size: int = 20, chosen: ShiftFilter = ShiftFilter()) -> Page[Shift]:
    """Shifts, the latest to end first."""
    statement = chosen(select(Shift))
    total = db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    statement = statement.order_by(Shift.ends_at.desc(), Shift.id.desc())
    rows = db.session.scalars(statement.limit(size).offset((number - 1) * size))
    return Page(list(rows), number, size, total)


def days(start: date | None, end: date | None, zone: ZoneInfo) -> tuple[int | None, int | None]:
    """The business days from `start` to `end`, both included, as Unix seconds [start, end)."""
    return (
        clock.day_bounds(start, zone)[0] if start else None,
        clock.day_bounds(end, zone)[1] if end else None,
    )


def _last(gate: Gate) -> Shift | None:
    return db.session.scalar(
        select(Shift).where(Shift.gate_id == gate.id).order_by(Shift.ends_at.desc()).limit(1)
    )
