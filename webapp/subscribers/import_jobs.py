"""Large imports in the background: taken up again when their worker dies, never taken in twice."""

import time
import uuid
from datetime import timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.exc import OperationalError

from webapp import audit
from webapp.accounts.models import User
from webapp.database import pause, rows_changed, transaction
from webapp.errors import Invalid, NotFound
from webapp.extensions import db
from webapp.kit import clock
from webapp.queue import enqueue, job
from webapp.storage import storage
from webapp.subscribers import imports, undoing
from webapp.subscribers.models import READ, CustomerImport
from webapp.subscribers.spreadsheet import Fault, Sheet

SILENT_AFTER = timedelta(seconds=45)
MAX_ATTEMPTS = 3
EVERY = 0.5  # seconds between two notes of how far it is
GOING = ("waiting", "running", "undoing")


@job(queue="default", timeout=1_800, retries=0)
def run_import(import_id: str) -> None:
    """Take in the customers of a stored file."""
    mine = _claimed(uuid.UUID(import_id))
    if mine is None:
        return
    name, attempt, rows = mine.storage_name, mine.attempt, mine.rows
    pause()
    sheet = _checked(name, _Progress(mine.id, attempt, rows))
    with transaction():
        started = _own(mine.id, attempt)
        if started is not None:
            imports.store(started, sheet)
            enqueue(delete_file, name)


@job(queue="default", timeout=1_800, retries=0)
def undo_import(import_id: str) -> None:
    """Take the customers of an import away again."""
    started = db.session.get(CustomerImport, uuid.UUID(import_id), with_for_update=True)
    if started is not None and started.status == "undoing":
        _act_for(started)
        undoing.finish(started)


@job(queue="low")
def delete_file(name: str) -> None:
    """Delete a file that has been taken in: it is full of what people entrusted to us."""
    storage().delete(name)


@job(queue="high")
def rescue_imports() -> None:
    """Ask again for imports that wait or whose worker has gone silent (their message may be lost)."""
    silent = clock.now() - SILENT_AFTER
    going = select(CustomerImport.id, CustomerImport.status).where(
        CustomerImport.status.in_(GOING),
        CustomerImport.created_at < silent,
        or_(CustomerImport.alive_at.is_(None), CustomerImport.alive_at < silent),
    )
    for import_id, status in db.session.execute(going.limit(100)).all():
        enqueue(undo_import if status == "undoing" else run_import, str(import_id))


@job(queue="low", timeout=1_800)
def sweep_import_files() -> None:
    """Delete the files of imports that ended, were it that nobody was left to do it."""
    yesterday = clock.now() - timedelta(days=1)
    old = [entry.name for entry in storage().entries(imports.FOLDER) if entry.stored_at < yesterday]
    for start in range(0, len(old), 500):
        some = old[start : start + 500]
        going = CustomerImport.storage_name.in_(some), CustomerImport.status.in_(GOING)
        wanted = set(db.session.scalars(select(CustomerImport.storage_name).where(*going)))
        pause()
        for name in set(some) - wanted:
            storage().delete(name)


def _claimed(import_id: uuid.UUID) -> CustomerImport | None:
    """The import, now this worker's; None when it is somebody else's, has ended, or has killed its workers."""
    now = clock.now()
    free = or_(
        CustomerImport.status == "waiting",
        (CustomerImport.status == "running") & (CustomerImport.alive_at < now - SILENT_AFTER),
    )
    claim = update(CustomerImport).where(CustomerImport.id == import_id, free)
    values = {"status": "running", "attempt": CustomerImport.attempt + 1, "alive_at": now, "progress": 0}
    if rows_changed(claim.values(values)) != 1:
        return None
    started = imports.get_import(import_id)
    _act_for(started)
    if started.attempt > MAX_ATTEMPTS:
        imports.store(started, _unreadable("Its worker died, three times"))
        enqueue(delete_file, started.storage_name)
        return None
    return started


def _checked(name: str, progress: "_Progress") -> Sheet:
    try:
        return imports.check(storage().get(name), progress)
    except NotFound:
        return _unreadable("The file is gone")
    except Invalid as error:
        return _unreadable(" ".join(error.fields.values()))


def _unreadable(why: str) -> Sheet:
    return Sheet(faults=[Fault(1, "", why)], fault_count=1)


def _act_for(started: CustomerImport) -> None:
    """What the job does is the doing of who asked for it."""
    user = db.session.get(User, started.created_by_id) if started.created_by_id else None
    if user is not None:
        audit.become(user_id=user.id, name=user.username)


def _mine(import_id: uuid.UUID, attempt: int) -> tuple[ColumnElement[bool], ...]:
    return (
        CustomerImport.id == import_id,
        CustomerImport.attempt == attempt,
        CustomerImport.status == "running",
    )


def _own(import_id: uuid.UUID, attempt: int) -> CustomerImport | None:
    """The running import, locked to the commit, if it is still this worker's."""
    mine = select(CustomerImport).where(*_mine(import_id, attempt)).with_for_update()
    return db.session.scalar(mine.execution_options(populate_existing=True))


class _Progress:
    """Notes how far the reading is, in transactions of its own, so that others see it."""

    def __init__(self, import_id: uuid.UUID, attempt: int, rows: int) -> None:
        self._mine = _mine(import_id, attempt)
        self._rows = rows
        self._noted = 0.0

    def __call__(self, rows: int) -> None:
        if time.monotonic() - self._noted < EVERY:
            return
        self._noted = time.monotonic()
        percent = min(READ, READ * rows // max(1, self._rows))
        try:
            with transaction():
                note = update(CustomerImport).where(*self._mine)
                rows_changed(note.values(progress=percent, alive_at=clock.now()))
        except OperationalError:  # the database is busy: nobody needs this note so badly
            return
