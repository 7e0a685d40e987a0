"""Closing a cashier's shift: what the events say against what was counted."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from webapp.accounts.models import Role, User
from webapp.errors import Conflict, Forbidden, Invalid, NotFound
from webapp.extensions import db
from webapp.gates.models import Gate, GateEvent, Shift
from webapp.kit import clock
from webapp.kit.paging import Page

MAX_LENGTH = 7 * 86_400  # a first shift, or one after a long pause, looks back no further


@dataclass(frozen=True)
class Expected:
    """What the events of [starts_at, ends_at) at a gate come to."""

    starts_at: int
    ends_at: int
    count: int
    amount: int


def next_start(gate: Gate, zone: ZoneInfo) -> int:
    """Where the gate's next shift begins: where the last one ended, or at today's midnight for the first."""
    last = db.session.scalar(select(func.max(Shift.ends_at)).where(Shift.gate_id == gate.id))
    if last is None:
        return clock.day_bounds(clock.today(zone), zone)[0]
    return max(last, clock.unix() - MAX_LENGTH)


def expected(gate: Gate, starts_at: int, ends_at: int) -> Expected:
    """Events by their own time, so that late ones count into the shift they belong to."""
    statement = select(func.count(), func.coalesce(func.sum(GateEvent.amount), 0)).where(
        GateEvent.gate_id == gate.id, GateEvent.event_time >= starts_at, GateEvent.event_time < ends_at
    )
    count, amount = db.session.execute(statement).one()
    return Expected(starts_at, ends_at, count, int(amount))


def close(gate: Gate, ends_at: int, counted_amount: int, note: str, by: User, zone: ZoneInfo) -> Shift:
    """Close the gate's current shift at `ends_at` (Unix seconds, not in the future).

    `counted_amount` is the cash in the drawer, rupiah. Raises Invalid, or Conflict when someone else just closed it.
    """
    starts_at = next_start(gate, zone)
    if ends_at > clock.unix():
        raise Invalid({"ends_at": "Must not be in the future"})
    if ends_at <= starts_at:
        raise Conflict("This shift has already been closed")
    found = expected(gate, starts_at, ends_at)
    shift = Shift(
        gate=gate,
        starts_at=starts_at,
        ends_at=ends_at,
        expected_count=found.count,
        expected_amount=found.amount,
        counted_amount=counted_amount,
        note=note,
        closed_by_id=by.id,
    )
    db.session.add(shift)
    db.session.flush()
    return shift


def sign_off(shift_id: int, by: User) -> Shift:
    """A second person vouches for the count. Raises Forbidden for the cashier's own shift unless an admin signs."""
    shift = get(shift_id)
    if shift.signed_off_by_id is not None:
        raise Conflict("This shift has already been signed off")
    if shift.closed_by_id == by.id and by.role < Role.ADMIN:
        raise Forbidden("Someone else has to sign this shift off")
    shift.signed_off_by_id, shift.signed_off_at = by.id, clock.now()
    db.session.flush()
    return shift


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


def page(number: int = 1, size: int = 20, *, gate_id: int | None = None) -> Page[Shift]:
    """Shifts, the latest to end first."""
    statement = select(Shift) if gate_id is None else select(Shift).where(Shift.gate_id == gate_id)
    total = db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    statement = statement.order_by(Shift.ends_at.desc(), Shift.id.desc())
    return Page(
        list(db.session.scalars(statement.limit(size).offset((number - 1) * size))), number, size, total
    )
