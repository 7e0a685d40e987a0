"""Rebuilding a day's totals from its raw events, and saying how far off they were (expected: nowhere)."""

from datetime import date, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, func, select, update

from webapp import audit
from webapp.accounts.models import User
from webapp.database import rows_changed
from webapp.errors import NotFound
from webapp.extensions import db, log
from webapp.gates import store
from webapp.gates.models import DailyTotal, Gate, GateEvent, HourlyTotal, Recount
from webapp.gates.streamlock import lock_stream
from webapp.kit import clock
from webapp.queue import enqueue

S = TypeVar("S", bound=Any)
STALLED_AFTER = timedelta(seconds=30)
Totals = dict[tuple[int, int, int], tuple[int, int]]  # (gate, category, hour) → (count, amount)


def rebuild(day: date, zone: ZoneInfo, gate_id: int | None = None) -> tuple[int, int]:
    """Replace the totals of the day (of one gate, or of all) by what the events say, while ingest waits.

    Runs in the current transaction. Returns how many events there are and how many hourly totals were wrong.
    """
    connection = db.session.connection()
    with store.cursor_of(connection) as cursor:
        lock_stream(cursor)
    counted = _count(connection, day, zone, gate_id)
    kept = _kept(connection, day, gate_id)
    drift = sum(counted.get(key) != kept.get(key) for key in counted.keys() | kept.keys())
    for table in (HourlyTotal, DailyTotal):
        connection.execute(_of_gate(delete(table).where(table.day == day), table.gate_id, gate_id))
    _write(connection, day, counted)
    return sum(count for count, _ in counted.values()), drift


def _of_gate(statement: S, column: Any, gate_id: int | None) -> S:
    return statement if gate_id is None else statement.where(column == gate_id)


def _count(connection: Connection, day: date, zone: ZoneInfo, gate_id: int | None) -> Totals:
    """The day's events by gate, category and business hour. The database adds up quarters of an hour."""
    start, end = clock.day_bounds(day, zone)
    columns = (
        GateEvent.gate_id,
        GateEvent.category_id,
        (GateEvent.event_time // clock.QUARTER).label("quarter"),
    )
    statement = select(*columns, func.count(), func.sum(GateEvent.amount)).group_by(*columns)
    statement = statement.where(GateEvent.event_time >= start, GateEvent.event_time < end)
    totals: Totals = {}
    for gate, category, quarter, count, amount in connection.execute(
        _of_gate(statement, GateEvent.gate_id, gate_id)
    ):
        _, hour = clock.business_hour(quarter * clock.QUARTER, zone)
        before = totals.get((gate, category, hour), (0, 0))
        totals[gate, category, hour] = (before[0] + count, before[1] + int(amount))
    return totals


def _kept(connection: Connection, day: date, gate_id: int | None) -> Totals:
    columns = (
        HourlyTotal.gate_id,
        HourlyTotal.category_id,
        HourlyTotal.hour,
        HourlyTotal.count,
        HourlyTotal.amount,
    )
    statement = _of_gate(select(*columns).where(HourlyTotal.day == day), HourlyTotal.gate_id, gate_id)
    rows = connection.execute(statement)
    return {(gate, category, hour): (count, amount) for gate, category, hour, count, amount in rows}


def _write(connection: Connection, day: date, totals: Totals) -> None:
    text = day.isoformat()
    days: dict[tuple[int, int], list[int]] = {}
    hours: list[tuple[Any, ...]] = []
    for (gate, category, hour), (count, amount) in sorted(totals.items()):
        hours.append((text, gate, category, hour, count, amount))
        total = days.setdefault((gate, category), [0, 0])
        total[0] += count
        total[1] += amount
    if hours:
        with store.cursor_of(connection) as cursor:
            store.HOURLY.insert(cursor, hours)
            store.DAILY.insert(cursor, [(text, *key, *total) for key, total in days.items()])


def request(day: date, by: User | None = None) -> Recount:
    """Ask for a recount of the day in the background; its row tells how far it is.

    One that is under way already is returned as it is. One that has stopped moving is sent once more: running twice
    is safe, and the message may have been lost with its queue.
    """
    from webapp.gates.jobs import run_recount

    with store.cursor_of(db.session.connection()) as cursor:
        lock_stream(cursor)  # whoever asks at the same time waits, and then finds ours
    recount = db.session.scalar(select(Recount).where(Recount.day == day, Recount.state != "done"))
    if recount is not None and not is_stalled(recount):
        return recount
    if recount is None:
        recount = Recount(day=day, requested_by_id=by.id if by else None)
        db.session.add(recount)
    recount.moved_at = clock.now()
    db.session.flush()
    audit.note("recount", "recounts", recount.id, day.isoformat())
    enqueue(run_recount, recount.id)
    return recount


def is_stalled(recount: Recount) -> bool:
    """Whether it has not moved for so long that its worker is probably not running."""
    return recount.state != "done" and clock.now() - (recount.moved_at or recount.created_at) > STALLED_AFTER


def get(recount_id: int) -> Recount:
    """Raises NotFound."""
    found = db.session.get(Recount, recount_id)
    if found is None:
        raise NotFound()
    return found


def latest(limit: int = 10) -> list[Recount]:
    return list(db.session.scalars(select(Recount).order_by(Recount.id.desc()).limit(limit)))


def run(recount_id: int, zone: ZoneInfo) -> None:
    """Recount gate by gate, each in a transaction of its own, so that ingest never waits long.

    Safe to run twice, also at once: each step is claimed, and one that broke off goes on where it stopped.
    """
    recount = get(recount_id)
    if recount.state == "done":
        return
    gate_ids = list(db.session.scalars(select(Gate.id).order_by(Gate.id)))
    recount.state, recount.steps = "running", len(gate_ids)
    db.session.commit()
    for step in range(recount.steps_done, len(gate_ids)):
        rows, drift = rebuild(recount.day, zone, gate_ids[step])
        if not _advance(recount, step, rows, drift):
            db.session.rollback()  # another worker is on it
            return
        db.session.commit()
    recount.state, recount.finished_at = "done", clock.now()
    if recount.drift:
        log.error("totals_drifted", day=recount.day.isoformat(), wrong=recount.drift)


def _advance(recount: Recount, step: int, rows: int, drift: int) -> bool:
    """Note that the step is done; False when someone else has done it."""
    claim = update(Recount).where(Recount.id == recount.id, Recount.steps_done == step)
    done = claim.values(
        steps_done=step + 1,
        rows_processed=Recount.rows_processed + rows,
        drift=Recount.drift + drift,
        moved_at=clock.now(),
    )
    return rows_changed(done) == 1
