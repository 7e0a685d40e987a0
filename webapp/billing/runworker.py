"""Carrying a monthly run out, in a worker (decision 22).

A run goes through the subscriptions by their ids, some at a time, each batch a transaction that also says how far it
has come. A worker that dies loses at most its batch; whoever takes the run up goes on after the last one.
"""

import gc
import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

from sqlalchemy import ColumnElement, and_, or_, select, update

from webapp.billing import channels, links, messages, selection, wording
from webapp.billing.bulk import insert_many
from webapp.billing.messages import Kind
from webapp.billing.models import Invoice
from webapp.billing.process_models import BillingRun
from webapp.billing.runs import DONE, FAILED, RUNNING, WAITING, window_of
from webapp.billing.selection import Judged
from webapp.billing.xendit import account
from webapp.database import intent, pause, rows_changed
from webapp.extensions import db, log
from webapp.kit import clock
from webapp.kit.threads import breathe
from webapp.notifications.service import notify
from webapp.queue import enqueue
from webapp.subscribers.models import Brand

BATCH = 1_000  # subscriptions a transaction: on SQLite nobody else writes while it does
SILENT_AFTER = timedelta(seconds=45)
MAX_ATTEMPTS = 10


def carry_out(run_id: uuid.UUID) -> None:
    """Bill batch after batch, unless somebody else does; commits after each."""
    attempt = claim(run_id)
    pause()
    gc.freeze()  # so many rows wake the collector often; let it not go through the whole application each time
    try:
        while attempt is not None and advance(run_id, attempt):
            breathe()
    finally:
        gc.unfreeze()


def claim(run_id: uuid.UUID) -> int | None:
    """This worker's attempt; None when there is nothing to do, or another is alive and does it."""
    now = clock.now()
    mine = update(BillingRun).where(BillingRun.id == run_id, _is_free())
    values = {"status": RUNNING, "attempt": BillingRun.attempt + 1, "alive_at": now}
    if rows_changed(mine.values(values).execution_options(synchronize_session=False)) == 0:
        return None
    return db.session.scalar(select(BillingRun.attempt).where(BillingRun.id == run_id))


def _is_free() -> ColumnElement[bool]:
    silent = BillingRun.alive_at < clock.now() - SILENT_AFTER
    return or_(BillingRun.status == WAITING, and_(BillingRun.status == RUNNING, silent))


def advance(run_id: uuid.UUID, attempt: int) -> bool:
    """Bill the next batch and commit; False when it was the last, or the run is another's by now.

    What is to be billed is found out first, in a transaction that reads only: on SQLite others write meanwhile.
    """
    with intent(write=False):
        run = _own(run_id, attempt)
        found = selection.judged(window_of(run), run.reached_id, BATCH, run_id) if run else None
        pause()
    if found is None:
        return False
    is_more = _write(run_id, attempt, found)
    pause()
    return is_more


def _own(run_id: uuid.UUID, attempt: int, *, locked: bool = False) -> BillingRun | None:
    """The run, if it is still this worker's."""
    mine = BillingRun.id == run_id, BillingRun.attempt == attempt, BillingRun.status == RUNNING
    fresh = select(BillingRun).where(*mine).execution_options(populate_existing=True)
    return db.session.scalar(fresh.with_for_update() if locked else fresh)


def _write(run_id: uuid.UUID, attempt: int, found: Judged) -> bool:
    """Make the invoices and say how far the run has come; whether there is more to do."""
    run = _own(run_id, attempt, locked=True)
    if run is None:
        return False
    _bill(run, found)
    run.reached_id, run.alive_at, run.error = found.reached, clock.now(), ""
    run.done += found.count
    run.total = max(run.total, run.done)
    if found.count < BATCH:
        _finish(run)
    return found.count == BATCH


def _bill(run: BillingRun, found: Judged) -> None:
    run.left_out = dict(Counter(run.left_out) + Counter(one.reason for one in found.left_out))
    if not found.bills:
        return
    made = insert_many(bill.invoice for bill in found.bills)
    run.created += len(made.ids)
    run.amount += made.amount
    _want_links(made.ids)
    if channels.is_configured(channels.EMAIL):
        kind = Kind(wording.ISSUED, channels.EMAIL, attach=True)
        messages.write(kind, made.ids, lambda invoice_id: f"issued:{invoice_id}:{channels.EMAIL}")


def _want_links(invoice_ids: Sequence[int]) -> None:
    """A page at the gateway for each that is still to be paid, where the brand has an account there."""
    brands = db.session.execute(select(Brand.code, Brand.gateway_key)).all()
    paying = [code for code, key in brands if account(key) is not None]
    if not paying:
        return
    left = Invoice.total - Invoice.paid - Invoice.credited
    wanted = Invoice.id.in_(invoice_ids), Invoice.brand_code.in_(paying)
    statement = select(Invoice.brand_code, Invoice.id, left).where(*wanted)
    rows = db.session.execute(statement.order_by(Invoice.brand_code, Invoice.id)).all()
    for brand_code, some in groupby(rows, key=lambda row: row.brand_code):
        links.want_many(brand_code, [(row[1], row[2]) for row in some])


def _finish(run: BillingRun) -> None:
    run.status, run.finished_at = DONE, clock.now()
    if run.created:
        told = {"run_id": str(run.id), "periode": run.period, "jumlah": run.created, "total": run.amount}
        notify("new_invoice", f"{run.created} invoice baru telah dibuat untuk periode {run.period}", told)


def note_failure(run_id: uuid.UUID, error: Exception) -> None:
    """Remember why an attempt ended; after the last one the run has failed."""
    run = db.session.get(BillingRun, run_id, with_for_update=True, populate_existing=True)
    if run is None or run.status != RUNNING:
        return
    log.error("billing_run_failed", run=str(run_id), error=repr(error))
    run.status, run.error = WAITING, "An error of the server; its log says more"
    if run.attempt >= MAX_ATTEMPTS:
        run.status, run.finished_at = FAILED, clock.now()
        notify("system", f"Penagihan periode {run.period} gagal", {"run_id": str(run.id)})


def rescue() -> Sequence[uuid.UUID]:
    """Send for workers where runs wait or their worker has gone silent (a message may be lost); which those are."""
    from webapp.billing.run_jobs import bill

    ids = db.session.scalars(select(BillingRun.id).where(_is_free()).limit(20)).all()
    for run_id in ids:
        enqueue(bill, str(run_id))
    return ids
