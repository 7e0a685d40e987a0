"""The monthly run: what it would do, when it is due, how it is asked for and taken up again (decision 22)."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import func, or_, select, update

from webapp import audit
from webapp.accounts import settings
from webapp.billing import pricing, selection
from webapp.billing.days import day_of, today
from webapp.billing.process_models import BillingRun
from webapp.billing.selection import LeftOut, Window
from webapp.database import lock, rows_changed
from webapp.errors import Conflict, Invalid, NotFound
from webapp.extensions import db
from webapp.kit import clock
from webapp.queue import enqueue

WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
GOING = (WAITING, RUNNING)
CLOCK, HAND = "clock", "hand"
LONGEST_CATCH_UP = timedelta(days=62)
MAX_SHOWN = 200  # of those left out, in a preview
DAY = timedelta(days=1)


@dataclass
class Preview:
    """What a run would do: `left_out` counts by reason, `examples` are the first MAX_SHOWN of them."""

    window: Window
    count: int = 0
    amount: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    examples: list[LeftOut] = field(default_factory=list)


def preview(window: Window) -> Preview:
    """What billing the window now would come to; nothing is written."""
    found = Preview(window)
    for some in selection.everyone(window):
        found.count += len(some.bills)
        found.amount += sum(bill.total for bill in some.bills)
        found.left_out.update(one.reason for one in some.left_out)
        found.examples += some.left_out[: MAX_SHOWN - len(found.examples)]
    if already := selection.billed(window):
        found.left_out[selection.BILLED] = already
    return found


def by_hand(period: str) -> Window:
    """The whole of a month, as a run by hand bills it. Raises Invalid for a month after the next."""
    window = selection.whole(period)
    _, end_of_this = pricing.month(pricing.period_of(today()))
    if period > pricing.period_of(end_of_this + DAY):
        raise Invalid({"period": "Must not be later than next month"})
    return window


def start(window: Window, trigger: str = HAND) -> BillingRun:
    """Ask for a run; a worker begins soon. Raises Conflict when one by hand is still going over the period."""
    from webapp.billing.run_jobs import bill

    lock("billing-runs")
    if trigger == HAND and _is_going(window.period):
        raise Conflict("A run of this period is still going")
    run = BillingRun(
        period=window.period,
        due_from=window.due_from,
        due_to=window.due_to,
        trigger=trigger,
        total=selection.count(window),
        left_out={},
        created_by=audit.current().name[:150] if trigger == HAND else "",
    )
    if run.total == 0:
        run.status, run.finished_at = DONE, clock.now()
    db.session.add(run)
    db.session.flush()
    if trigger == HAND:
        audit.note("run", "billing_runs", run.id, run.period, total=run.total)
    if run.status == WAITING:
        enqueue(bill, str(run.id))
    return run


def _is_going(period: str) -> bool:
    going = select(BillingRun.id).where(BillingRun.period == period, BillingRun.status.in_(GOING))
    return db.session.scalar(going.limit(1)) is not None


def start_due() -> list[BillingRun]:
    """What the clock asks for every day: a run for each period that has invoices to be made now."""
    return [start(window, CLOCK) for window in due_windows(today())]


def due_windows(on: date) -> list[Window]:
    """The due dates up to `invoice_days_before_due` days from `on`, and what was missed since the last run.

    Where there was none, what was due before is somebody else's. The period of the last run is looked at once more for
    those who have begun in it since.
    """
    due_to = on + timedelta(days=settings.number("invoice_days_before_due"))
    reached, at = db.session.execute(
        select(func.max(BillingRun.due_to), func.max(BillingRun.created_at)).where(
            BillingRun.trigger == CLOCK, BillingRun.status != FAILED
        )
    ).one()
    oldest = on - LONGEST_CATCH_UP
    since = max(oldest, min(on, reached + DAY)) if reached else on
    day = max(oldest, min(since, day_of(at))) if at else since
    windows = []
    while pricing.period_of(day) <= pricing.period_of(due_to):
        first, last = pricing.month(pricing.period_of(day))
        window = Window(pricing.period_of(day), min(max(since, first), last), min(due_to, last))
        windows.append(window)
        day = last + DAY
    return windows


def get(run_id: uuid.UUID) -> BillingRun:
    """Raises NotFound."""
    run = db.session.get(BillingRun, run_id)
    if run is None:
        raise NotFound("Billing run not found")
    return run


def listed(skip: int = 0, limit: int = 50) -> tuple[Sequence[BillingRun], int]:
    """The runs that had anything to look at, newest first, and how many there are in all."""
    seen = or_(BillingRun.total > 0, BillingRun.trigger == HAND)
    newest = select(BillingRun).where(seen).order_by(BillingRun.created_at.desc(), BillingRun.id)
    total = db.session.scalar(select(func.count()).select_from(BillingRun).where(seen)) or 0
    return db.session.scalars(newest.offset(skip).limit(limit)).all(), total


def window_of(run: BillingRun) -> Window:
    return Window(run.period, run.due_from, run.due_to)


def resume(run_id: uuid.UUID) -> BillingRun:
    """Take a failed run up where it stopped. Raises NotFound, Conflict when it has not failed."""
    from webapp.billing.run_jobs import bill

    again = update(BillingRun).where(BillingRun.id == run_id, BillingRun.status == FAILED)
    run = get(run_id)
    if rows_changed(again.values(status=WAITING, attempt=0, finished_at=None)) == 0:
        raise Conflict("Only a run that failed can be resumed")
    db.session.refresh(run)
    enqueue(bill, str(run.id))
    return run
