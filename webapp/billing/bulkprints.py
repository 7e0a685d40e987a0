"""Printing many invoices at once, in the background: as one PDF, or as a ZIP of one PDF each.

Pages go to disk as they are printed, so memory stays flat. `attempt` makes a worker that was only slow notice that the
print is no longer its own; what a dead worker left is taken up again from the beginning.
"""

import uuid
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pypdfium2  # type: ignore[import-untyped]
from sqlalchemy import select, update

from webapp import config
from webapp.billing import papers
from webapp.billing.models import Invoice
from webapp.billing.process_models import BulkPrint
from webapp.billing.queries import InvoiceFilter
from webapp.database import lock, pause, rows_changed, transaction
from webapp.documents.workfolder import work_folder
from webapp.errors import Conflict, Invalid, NotFound, NotReady, QueueFull
from webapp.extensions import db
from webapp.kit import clock
from webapp.queue import enqueue
from webapp.storage import Chunks, storage
from webapp.subscribers.models import Customer

MOST = 5_000  # invoices of one print
MAX_WAITING = 20
CHUNK = 50  # invoices that are read, printed and joined at a time
SILENT_AFTER = timedelta(minutes=2)
KEPT_FOR = timedelta(days=7)
MAX_ATTEMPTS = 3


class _Taken(Exception):
    """The print is another worker's by now."""


def request(
    chosen: InvoiceFilter, *, ids: Sequence[int] = (), as_files: bool = False, by: int | None = None
) -> BulkPrint:
    """Ask for the invoices of a filter, or those with these ids, oldest first; a worker prints them soon.

    Raises Invalid when there are none or more than 5,000, QueueFull when 20 prints are waiting.
    """
    from webapp.billing.print_jobs import print_bulk

    asked = {"ids": sorted(set(ids))} if ids else {"filter": _stored(chosen)}
    total = len(db.session.scalars(_of(asked).limit(MOST + 1)).all())
    if not 0 < total <= MOST:
        raise Invalid({"invoices": f"Must be from 1 to {MOST}"})
    lock("bulk-prints")
    waiting = select(BulkPrint.id).where(BulkPrint.status.in_(("waiting", "running")))
    if len(db.session.scalars(waiting).all()) >= MAX_WAITING:
        raise QueueFull()
    made = BulkPrint(chosen=asked, as_files=as_files, total=total, created_by_id=by)
    db.session.add(made)
    db.session.flush()
    enqueue(print_bulk, str(made.id))
    return made


def get(print_id: uuid.UUID) -> BulkPrint:
    """Raises NotFound."""
    found = db.session.get(BulkPrint, print_id)
    if found is None:
        raise NotFound("Print not found")
    return found


def opened(print_id: uuid.UUID) -> tuple[Chunks, int, str]:
    """A finished print: its pieces, bytes, file name. Raises NotFound, Conflict, NotReady, Unavailable."""
    found = get(print_id)
    if found.status == "failed":
        raise Conflict(found.error)
    if found.status != "done":
        raise NotReady("The print is not ready yet")
    suffix = "zip" if found.as_files else "pdf"
    return *storage().open(found.storage_name), f"invoices-{found.created_at:%Y%m%d-%H%M%S}.{suffix}"


def run(print_id: uuid.UUID) -> None:
    """Print what was asked for, unless somebody else does or has. It ends the current transaction."""
    attempt = _claim(print_id)
    if attempt is None:
        return
    found = get(print_id)
    asked, as_files = found.chosen, found.as_files
    pause()
    name = f"prints/{print_id.hex}-{attempt}.{'zip' if as_files else 'pdf'}"
    try:
        with work_folder() as folder:
            pages = _pages(print_id, attempt, asked)
            path = _zipped(pages, folder) if as_files else _joined(pages, folder)
            storage().put_file(name, path)
    except _Taken:
        return
    _move(print_id, attempt, status="done", storage_name=name, finished_at=clock.now())


def _claim(print_id: uuid.UUID) -> int | None:
    """The number of our attempt; None when there is nothing to do (any more)."""
    found = db.session.scalar(select(BulkPrint).where(BulkPrint.id == print_id).with_for_update())
    if found is None or found.status != "waiting":
        return None
    found.status, found.attempt, found.done = "running", found.attempt + 1, 0
    found.alive_at = clock.now()
    attempt = found.attempt
    pause()
    return attempt


def _pages(print_id: uuid.UUID, attempt: int, asked: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """(file name, PDF) of each invoice; raises _Taken when the print is no longer ours."""
    last, done = 0, 0
    while True:
        chunk = db.session.scalars(_of(asked).where(Invoice.id > last).limit(CHUNK)).all()
        told = [papers.snapshot(invoice, config.current().DEEP_LINK_BASE_URL) for invoice in chunk]
        last = chunk[-1].id if chunk else last
        db.session.expunge_all()
        pause()
        if not told:
            return
        for one in told:
            yield f"{_file_name(one['number'])}.pdf", papers.printed(one)
        done += len(told)
        if not _move(print_id, attempt, done=done):
            raise _Taken


def _of(asked: dict[str, Any]) -> Any:
    """The invoices that are asked for, by id, without those of deleted customers."""
    statement = select(Invoice).join(Customer).where(Customer.deleted_at.is_(None)).order_by(Invoice.id)
    if "ids" in asked:
        return statement.where(Invoice.id.in_(asked["ids"]))
    return _restored(asked["filter"])(statement)


def _stored(chosen: InvoiceFilter) -> dict[str, Any]:
    """The filter as JSON."""
    fields = asdict(chosen).items()
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in fields}


def _restored(stored: dict[str, Any]) -> InvoiceFilter:
    days = {name: date.fromisoformat(stored[name]) for name in ("since", "until") if stored.get(name)}
    return InvoiceFilter(**stored | days)


def _file_name(number: str) -> str:
    return "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in number).lstrip(".")


def _zipped(pages: Iterator[tuple[str, bytes]], folder: Path) -> Path:
    path = folder / "invoices.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:  # PDFs are packed already
        for name, pdf in pages:
            archive.writestr(name, pdf)
    return path


def _joined(pages: Iterator[tuple[str, bytes]], folder: Path) -> Path:
    path = folder / "invoices.pdf"
    whole = pypdfium2.PdfDocument.new()
    for _, pdf in pages:
        with pypdfium2.PdfDocument(pdf) as one:
            whole.import_pages(one)
    whole.save(path)
    whole.close()
    return path


def _move(print_id: uuid.UUID, attempt: int, **values: Any) -> bool:
    """Note how far it is, in a transaction of its own; False when the print is no longer ours."""
    mine = BulkPrint.id == print_id, BulkPrint.attempt == attempt, BulkPrint.status == "running"
    with transaction():
        return rows_changed(update(BulkPrint).where(*mine).values(alive_at=clock.now(), **values)) == 1


def rescue() -> None:
    """Take up again what dead workers left, and what nobody was told of; after three attempts it has failed."""
    from webapp.billing.print_jobs import print_bulk

    silent = clock.now() - SILENT_AFTER
    running = select(BulkPrint).where(BulkPrint.status == "running", BulkPrint.alive_at < silent)
    for found in db.session.scalars(running.with_for_update()):
        found.status = "waiting" if found.attempt < MAX_ATTEMPTS else "failed"
        found.error = "" if found.status == "waiting" else "Its worker died three times"
    db.session.flush()
    waiting = select(BulkPrint.id).where(BulkPrint.status == "waiting").limit(MAX_WAITING)
    for print_id in db.session.scalars(waiting):
        enqueue(print_bulk, str(print_id))


def expire() -> None:
    """Forget prints that are a week old, with their files. Raises Unavailable; what is left goes the next time."""
    old = select(BulkPrint).where(BulkPrint.created_at < clock.now() - KEPT_FOR).limit(500)
    for found in db.session.scalars(old):
        if found.storage_name:
            storage().delete(found.storage_name)
        db.session.delete(found)
