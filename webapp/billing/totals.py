"""Figures by day that follow every change of an invoice or a payment, in the same transaction.

What rows change is added up as they are flushed and written once, just before the commit, its keys sorted: the
figures' rows are the last that a transaction locks, always in the same order, so no two can wait for each other.
What bypasses the session (bulk.py) says so with `fold`.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, event, inspect
from sqlalchemy.orm import Session, SessionTransaction

from webapp.billing.days import day_of
from webapp.billing.models import DailyCollections, DailyInvoices, Invoice, Payment
from webapp.billing.upserts import adding_to
from webapp.extensions import db

INVOICES = cast("Table", DailyInvoices.__table__)
COLLECTIONS = cast("Table", DailyCollections.__table__)
_WAITING = "daily_figures"
Key = tuple[Any, ...]  # a figure's row: (day, brand, status) or (day, brand, method)
Deltas = dict[Key, tuple[int, ...]]
_TRACKED = ("issued_on", "brand_code", "status", "total", "paid", "credited")


class _Delta(NamedTuple):
    savepoint: SessionTransaction | None  # it goes when that is rolled back
    table: Table
    key: Key
    by: tuple[int, ...]


def fold(table: Table, deltas: Mapping[Key, tuple[int, ...]]) -> None:
    """Add to the figures of these days what the session doesn't see. `table` is INVOICES or COLLECTIONS."""
    _note(db.session(), ((table, key, by) for key, by in deltas.items()))


@event.listens_for(Session, "after_flush")
def _follow(session: Session, _context: Any) -> None:
    for row in session.new:
        _note(session, _of(row))
    for row in session.dirty:
        if isinstance(row, Invoice):
            _note(session, _moved(row))
        elif isinstance(row, Payment):
            _note(session, _reversed(row))


def _of(row: object) -> Iterator[tuple[Table, Key, tuple[int, ...]]]:
    """What a new row adds."""
    if isinstance(row, Invoice):
        yield INVOICES, *figures_of(row.__dict__)
    elif isinstance(row, Payment):
        yield COLLECTIONS, (row.received_on, row.brand_code, row.method), (1, row.amount)


def figures_of(invoice: Mapping[str, Any]) -> tuple[Key, tuple[int, ...]]:
    """An invoice's place among the figures, and what it adds there."""
    key = (invoice["issued_on"], invoice["brand_code"], invoice["status"])
    return key, (1, invoice["total"], invoice["paid"] or 0, invoice["credited"] or 0)


def _moved(invoice: Invoice) -> Iterator[tuple[Table, Key, tuple[int, ...]]]:
    """From where it was to where it is."""
    history = {name: inspect(invoice).attrs[name].history for name in _TRACKED}
    if not any(change.has_changes() for change in history.values()):
        return
    now = {name: getattr(invoice, name) for name in _TRACKED}
    before = {name: next(iter(history[name].deleted or ()), now[name]) for name in _TRACKED}
    key, by = figures_of(before)
    yield INVOICES, key, tuple(-number for number in by)
    yield INVOICES, *figures_of(now)


def _reversed(payment: Payment) -> Iterator[tuple[Table, Key, tuple[int, ...]]]:
    """A reversal takes the money off the day on which it is reversed."""
    if payment.reversed_at is not None and inspect(payment).attrs.reversed_at.history.has_changes():
        key = (day_of(payment.reversed_at), payment.brand_code, payment.method)
        yield COLLECTIONS, key, (-1, -payment.amount)


def _note(session: Session, deltas: Any) -> None:
    savepoint = session.get_nested_transaction()
    waiting: list[_Delta] = session.info.setdefault(_WAITING, [])
    waiting.extend(_Delta(savepoint, *delta) for delta in deltas)


@event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    waiting: list[_Delta] = session.info.pop(_WAITING, [])
    for table in (COLLECTIONS, INVOICES):
        rows = _rows(table, _sum(delta for delta in waiting if delta.table is table))
        if rows:
            session.execute(adding_to(table), rows)


def _sum(deltas: Iterator[_Delta]) -> Deltas:
    found: Deltas = defaultdict(tuple)
    for delta in deltas:
        found[delta.key] = tuple(
            map(sum, zip(found[delta.key] or (0,) * len(delta.by), delta.by, strict=True))
        )
    return {key: by for key, by in found.items() if any(by)}


def _rows(table: Table, deltas: Deltas) -> list[dict[str, Any]]:
    names = [column.name for column in table.columns]
    return [dict(zip(names, key + by, strict=True)) for key, by in sorted(deltas.items())]


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, previous: SessionTransaction) -> None:
    waiting: list[_Delta] = session.info.pop(_WAITING, [])
    if previous.parent is not None:
        session.info[_WAITING] = [one for one in waiting if not _within(one.savepoint, previous)]


def _within(savepoint: SessionTransaction | None, rolled_back: SessionTransaction) -> bool:
    while savepoint is not None and savepoint is not rolled_back:
        savepoint = savepoint.parent
    return savepoint is rolled_back
