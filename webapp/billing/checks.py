"""The nightly proof that the ledger, the invoices, the accounts, the figures by day and the gateway say the same.

What disagrees becomes a finding with a name, which an admin sees until it is gone. Everything is read in one snapshot,
on a connection of its own, so that what is booked meanwhile is no disagreement.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from webapp.accounts.models import Role
from webapp.billing import evidence
from webapp.billing.models import LedgerFinding
from webapp.database import intent, lock
from webapp.extensions import db, log
from webapp.kit import clock
from webapp.notifications.service import notify

MOST = 500  # findings of one kind: beyond, more of them say no more


class Found(NamedTuple):
    """A disagreement: `kind` is a key of evidence.PROOFS, `subject` says of what."""

    kind: str
    subject: str
    expected: str
    found: str


def check_books() -> int:
    """Look for disagreements, keep what is found and tell of what is new; how many there are.

    Findings that have disappeared are resolved. Call it before anything is locked.
    """
    found = findings()
    lock("check of the books")
    fresh = _keep(found)
    if fresh:
        log.error("books_disagree", findings=len(found), new=len(fresh))
        told = {"temuan": [f"{one.kind}: {one.subject}" for one in fresh[:20]], "jumlah": len(fresh)}
        notify("system", f"Pembukuan tidak cocok: {len(fresh)} temuan baru", told, role=Role.ADMIN)
    return len(found)


def findings() -> list[Found]:
    """Every disagreement there is now, at most MOST of a kind."""
    with _snapshot() as connection:
        return [
            Found(kind, *(_written(value) for value in row))
            for kind, proof in evidence.PROOFS.items()
            for row, _ in zip(proof(connection), range(MOST), strict=False)
        ]


@contextmanager
def _snapshot() -> Iterator[Connection]:
    """A connection to which nothing changes any more."""
    with intent(write=False), db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


def _written(value: Any) -> str:
    return "–" if value is None else str(value)[:100]


def open_findings(limit: int = 200) -> Sequence[LedgerFinding]:
    """What is not resolved, the newest first."""
    statement = select(LedgerFinding).where(LedgerFinding.resolved_at.is_(None))
    return db.session.scalars(statement.order_by(LedgerFinding.id.desc()).limit(limit)).all()


def _keep(found: Iterable[Found]) -> list[Found]:
    """Write down what was found and resolve what was not; those that are new."""
    unresolved = select(LedgerFinding).where(LedgerFinding.resolved_at.is_(None))
    known = {(one.kind, one.subject): one for one in db.session.scalars(unresolved)}
    fresh = []
    for one in found:
        row = known.pop((one.kind, one.subject), None)
        if row is None:
            db.session.add(LedgerFinding(**one._asdict()))
            fresh.append(one)
        else:
            row.expected, row.found = one.expected, one.found
    for row in known.values():
        row.resolved_at = clock.now()
    return fresh
