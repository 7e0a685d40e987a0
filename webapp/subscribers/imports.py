"""Taking in many customers from a spreadsheet: all of them or none, and every fault at once (contracts, 2 ftth).

A file is read, and compared with the customers there are, before anything is locked: only the inserting itself is the
transaction, and what somebody else took meanwhile the indexes refuse. Small files are taken in at once; large ones by a
job (import_jobs.py), whose progress readers see.
"""

import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import cast

from sqlalchemy import Connection, Table, func, insert, literal, select, text
from sqlalchemy.exc import IntegrityError

from webapp import audit, config
from webapp.accounts.models import Role, User
from webapp.database import intent
from webapp.errors import Invalid, NotFound
from webapp.extensions import db
from webapp.kit import clock
from webapp.kit.packed import Packed
from webapp.kit.threads import Lane
from webapp.notifications.service import notify
from webapp.queue import enqueue
from webapp.storage import storage
from webapp.subscribers import bulk, clashes, spreadsheet
from webapp.subscribers.models import (
    ACTIVE,
    Brand,
    Customer,
    CustomerImport,
    Package,
    Subscription,
    SubscriptionChange,
)
from webapp.subscribers.spreadsheet import COLUMNS, MAX_FAULTS, Fault, Known, Line, Sheet
from webapp.subscribers.subscriptions import AHEAD, Terms

AT_ONCE = 2_000  # rows; more are a job
FOLDER = "imports/"
_CUSTOMERS, _SUBSCRIPTIONS, _CHANGES, _PACKAGES = (
    cast("Table", model.__table__) for model in (Customer, Subscription, SubscriptionChange, Package)
)
_lane = Lane(politeness=10)  # large files are read one after the other, and nobody waits for them


def get_import(import_id: uuid.UUID) -> CustomerImport:
    """Raises NotFound."""
    found = db.session.get(CustomerImport, import_id)
    if found is None:
        raise NotFound("Import not found")
    return found


def list_imports(*, skip: int = 0, limit: int = 15) -> tuple[Sequence[CustomerImport], int]:
    """The newest first; and how many there are."""
    total = db.session.scalar(select(func.count()).select_from(CustomerImport)) or 0
    newest = select(CustomerImport).order_by(CustomerImport.created_at.desc(), CustomerImport.id)
    return db.session.scalars(newest.offset(skip).limit(limit)).all(), total


def senders(rows: Iterable[CustomerImport]) -> dict[int, str]:
    """The names of those who sent these, by their accounts' ids."""
    ids = {row.created_by_id for row in rows} - {None}
    found = db.session.execute(select(User.id, User.username).where(User.id.in_(ids)))
    return {row.id: row.username for row in found}


def preview(data: bytes) -> Sheet:
    """What would come of a file. Writes nothing. Raises Invalid for what is no table of customers at all."""
    _lane.run(spreadsheet.survey, data)
    return check(data)


def begin(data: bytes, file_name: str) -> tuple[CustomerImport, list[str]]:
    """Take in a file: at once, or, if it has over 2,000 rows, by a job that its `status` tells of.

    Answers with the columns that were ignored, too. Raises Invalid for what is no table of customers, and for a small
    file with faults, each under `row 2: Email`.
    """
    rows, ignored = _lane.run(spreadsheet.survey, data)
    started = CustomerImport(
        id=uuid.uuid4(),
        file_name=_printable(file_name),
        storage_name="",
        rows=rows,
        created_by_id=audit.current().user_id,
    )
    if rows > AT_ONCE:
        return _queued(started, data), ignored
    sheet = check(data)
    if sheet.fault_count or not _stored(started, sheet):
        raise Invalid(details(sheet))
    return started, ignored


def _printable(name: str) -> str:
    """What a file is called, for people: without its folder, and without what no column holds."""
    bare = re.split(r"[/\\]", name)[-1]
    return "".join(letter for letter in bare if letter.isprintable())[:150] or "table"


def _queued(started: CustomerImport, data: bytes) -> CustomerImport:
    from webapp.subscribers.import_jobs import run_import

    started.storage_name = f"{FOLDER}{started.id.hex}.table"
    started.status = "waiting"
    storage().put(started.storage_name, data)
    db.session.add(started)
    db.session.flush()
    enqueue(run_import, str(started.id))
    return started


def details(sheet: Sheet) -> dict[str, str]:
    """The faults as Invalid has them."""
    found: dict[str, str] = {}
    for fault in sheet.faults:
        place = f"row {fault.row}: {fault.column}" if fault.column else f"row {fault.row}"
        found[place] = f"{found[place]}; {fault.message}" if place in found else fault.message
    if sheet.fault_count > len(sheet.faults):
        found["more"] = f"{sheet.fault_count - len(sheet.faults)} more faults"
    return found


# Reading and comparing


def check(data: bytes, progress: Callable[[int], None] = lambda _rows: None) -> Sheet:
    """Everything that can be known about a surveyed file without writing; `progress` hears how many rows are read.

    Raises Invalid.
    """
    with intent(write=False), db.engine.connect() as connection:
        known = _known(connection)
    sheet = _lane.run(spreadsheet.read, data, known, progress)
    _note_taken(sheet)
    sheet.forget()
    return sheet


def _known(connection: Connection) -> Known:
    """Also what is no longer sold: an export names it, and whoever comes over from elsewhere may have it."""
    offers: dict[str, dict[str, int]] = {code: {} for code in connection.scalars(select(Brand.code))}
    packages = connection.execute(select(Package.brand_code, Package.name, Package.id).order_by(Package.id))
    for brand, name, package_id in packages:
        offers[brand][name] = package_id
        offers[brand].setdefault(name.lower(), package_id)
    return Known(offers, clock.today(config.current().timezone) + AHEAD)


def _note_taken(sheet: Sheet) -> None:
    """Other customers' e-mails and KTP numbers are faults; afterwards the faults are in the order of rows."""
    with intent(write=False), db.engine.connect() as connection:
        for name, rows in (("email", sheet.emails), ("national_id", sheet.national_ids)):
            for value in _taken(connection, name, list(rows)):
                sheet.note(Fault(rows[value], COLUMNS[name], clashes.TAKEN[name]))
    sheet.faults.sort()


def _taken(connection: Connection, name: str, values: Sequence[str]) -> Iterator[str]:
    column = _CUSTOMERS.c[name]
    present = select(column).where(_CUSTOMERS.c.deleted_at.is_(None))
    for start in range(0, len(values), 1_000):
        yield from connection.scalars(present.where(column.in_(values[start : start + 1_000])))


# Storing


def store(started: CustomerImport, sheet: Sheet) -> bool:
    """Insert the sheet's customers, and tell of it; False, with the `sheet`'s faults, if others were faster.

    In the current transaction, which should end soon: on SQLite nobody else can write meanwhile.
    """
    if not sheet.fault_count and _stored(started, sheet):
        return True
    started.status, started.finished_at = "failed", clock.now()
    started.fault_count = sheet.fault_count
    started.faults = [fault._asdict() for fault in sheet.faults[:MAX_FAULTS]]
    _tell(started, f"Impor pelanggan gagal: {sheet.fault_count} kesalahan di {started.file_name}")
    return False


def _stored(started: CustomerImport, sheet: Sheet) -> bool:
    try:
        with db.session.begin_nested():
            db.session.add(started)
            db.session.flush()
            _insert(started.id, sheet.lines)
    except IntegrityError:
        sheet.recall()
        _note_taken(sheet)
        if not sheet.fault_count:
            raise
        return False
    started.status, started.progress, started.finished_at = "done", 100, clock.now()
    started.created = len(sheet.lines)
    audit.note("import", "customers", started.id, started.file_name, count=started.created)
    _tell(started, f"Impor pelanggan selesai: {started.created} pelanggan dari {started.file_name}")
    return True


def _tell(started: CustomerImport, message: str) -> None:
    data = {
        "import_id": str(started.id),
        "file_name": started.file_name,
        "status": started.status,
        "created": started.created,
        "fault_count": started.fault_count or 0,
    }
    notify("import_finished", message, data, role=Role.OPERATOR)


def _insert(import_id: uuid.UUID, lines: Packed[Line]) -> None:
    """Customers, their subscriptions, and the beginning of each subscription's history."""
    now, ids = clock.now(), _new_ids(len(lines))
    of_all = {"status": ACTIVE, "created_at": now, "updated_at": now}
    rows = ((customer_id, *line[2:]) for customer_id, line in zip(ids, lines, strict=True))
    same = {"address_2": "", "block": "", "unit": "", "language": "id", "import_id": import_id}
    switches = {"no_messages": False, "never_suspend": False}
    bulk.insert_rows(_CUSTOMERS, ("id", *Line._fields[2:]), rows, {**of_all, **same, **switches})
    today = clock.today(config.current().timezone)
    subscribed = (
        (customer_id, line.package_id, line.installed_on or today)
        for customer_id, line in zip(ids, lines, strict=True)
        if line.package_id is not None
    )
    terms = {"due_day": Terms.due_day, "payment_method": Terms.payment_method}
    bulk.insert_rows(
        _SUBSCRIPTIONS, ("customer_id", "package_id", "started_on"), subscribed, {**of_all, **terms}
    )
    _begin_histories(import_id)
    if len(lines) > AT_ONCE:
        _let_planner_know()


def _let_planner_know() -> None:
    """PostgreSQL counts anew a minute later; until then it would sort all customers for every page of them."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(text("ANALYZE customers, subscriptions"))


def _new_ids(count: int) -> Sequence[int]:
    """Ids for as many customers, nobody else's."""
    if db.session.get_bind().dialect.name == "sqlite":  # whoever writes is alone
        last = db.session.scalar(select(func.max(_CUSTOMERS.c.id))) or 0
        return range(last + 1, last + 1 + count)
    series = "SELECT nextval(pg_get_serial_sequence('customers', 'id')) FROM generate_series(1, :count)"
    return db.session.scalars(text(series), {"count": count}).all()


def _begin_histories(import_id: uuid.UUID) -> None:
    words = {
        "kind": literal("start"),
        "reason": literal("import"),
        "actor_name": literal(audit.current().name[:150]),
    }
    columns = {
        "subscription_id": _SUBSCRIPTIONS.c.id,
        "effective_on": _SUBSCRIPTIONS.c.started_on,
        "package_id": _PACKAGES.c.id,
        "price": _PACKAGES.c.price,
        "at": _SUBSCRIPTIONS.c.created_at,
        **words,
    }
    mine = (
        select(*columns.values())
        .join_from(_SUBSCRIPTIONS, _CUSTOMERS, _CUSTOMERS.c.id == _SUBSCRIPTIONS.c.customer_id)
        .join(_PACKAGES, _PACKAGES.c.id == _SUBSCRIPTIONS.c.package_id)
        .where(_CUSTOMERS.c.import_id == import_id)
    )
    db.session.execute(insert(_CHANGES).from_select(list(columns), mine))
