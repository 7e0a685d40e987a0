"""Many customers from a file: all or none, twice is once, and back again while nothing depends on them."""

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from customer_file import content
from flask import Flask
from sqlalchemy import func, select, update

from tests.support.factories import Make
from webapp.database import transaction
from webapp.demo.people import Offer, people
from webapp.errors import Conflict, Invalid
from webapp.extensions import db
from webapp.kit import clock, csvsafe
from webapp.notifications.models import Notification
from webapp.storage import storage
from webapp.subscribers import (
    customers,
    exports,
    import_jobs,
    imports,
    lines,
    queries,
    subscriptions,
    undoing,
)
from webapp.subscribers.models import (
    Customer,
    CustomerImport,
    CustomerNote,
    Subscription,
    SubscriptionChange,
)
from webapp.subscribers.queries import CustomerFilter
from webapp.subscribers.spreadsheet import COLUMNS

OFFERS = (Offer("JAKINET", "Internet 50Mbps", 50, 500_000),)


@pytest.fixture(autouse=True)
def package(app: Flask, make: Make) -> int:
    make.brand()
    return make.package()


def table(count: int, **how: Any) -> bytes:
    return content(people(count, offers=OFFERS), **how)


def counted(model: type = Customer) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def begun(data: bytes, name: str = "a.csv") -> uuid.UUID:
    with transaction():
        return imports.begin(data, name)[0].id


def state(import_id: uuid.UUID) -> CustomerImport:
    db.session.expire_all()
    return db.session.get_one(CustomerImport, import_id)


def test_a_small_file_is_taken_in_at_once(app: Flask, package: int, logged: Any) -> None:
    with app.app_context():
        started = state(begun(table(30, untidy=True, dates="slash"), r"C:\files\a.csv"))
        assert (started.status, started.created, started.rows, started.progress) == ("done", 30, 30, 100)
        assert started.file_name == "a.csv"
        siti = db.session.scalars(select(Customer).order_by(Customer.id)).first()
        first = next(people(1, offers=OFFERS))
        assert siti is not None
        assert (siti.name, siti.national_id, siti.import_id) == (first.name, first.national_id, started.id)
        runs = subscriptions.current(siti.id)
        assert runs is not None
        assert (runs.package_id, runs.started_on, runs.due_day) == (package, first.installed_on, 1)
        change = db.session.scalars(select(SubscriptionChange).filter_by(subscription_id=runs.id)).one()
        assert (change.kind, change.price, change.effective_on) == ("start", 500_000, first.installed_on)
        assert counted(SubscriptionChange) == 30
        assert [row.id for row in queries.list_customers(CustomerFilter(search=first.email[:12]))] == [
            siti.id
        ]
    (note,) = logged(action="import")
    assert (note.object_type, note.object_label, note.changes) == (
        "customers",
        "a.csv",
        {"count": [None, 30]},
    )


def test_one_fault_and_nobody_is_taken_in(app: Flask, make: Make) -> None:
    known = list(people(12, offers=OFFERS))
    make.customer(email=known[3].email, national_id=known[7].national_id)
    make.customer(email=known[5].email, national_id=known[5].national_id, deleted_at=clock.now())
    with app.app_context():
        with pytest.raises(Invalid) as refusal:
            begun(content([*known, known[0]]))
        assert refusal.value.fields == {
            "row 5: Email": "Another customer has this e-mail",
            "row 9: No KTP": "Another customer has this KTP number",
            "row 14: Email": "Is in row 2 already",
            "row 14: No KTP": "Is in row 2 already",
        }
        assert (counted(), counted(CustomerImport), counted(Notification)) == (2, 0, 0)


def test_a_large_file_is_a_job_and_twice_is_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "AT_ONCE", 20)
    monkeypatch.setattr(import_jobs, "EVERY", 0.0)
    with app.app_context():
        import_id = begun(table(21))
        started = state(import_id)
        assert (started.status, started.progress, counted()) == ("waiting", 0, 0)
        db.session.rollback()
        for _ in range(2):
            import_jobs.run_import(str(import_id))
        assert (state(import_id).status, counted(), counted(Subscription)) == ("done", 21, 21)
        (told,) = db.session.scalars(select(Notification)).all()
        assert (told.kind, told.data["created"]) == ("import_finished", 21)
        assert told.message == "Impor pelanggan selesai: 21 pelanggan dari a.csv"


def test_a_job_that_fails_tells_the_faults_of_all_rows(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "AT_ONCE", 0)
    with app.app_context():
        twice = [*people(3, offers=OFFERS)] * 2
        import_id = begun(content(twice))
        import_jobs.run_import(str(import_id))
        started = state(import_id)
        assert (started.status, started.fault_count, started.created, counted()) == ("failed", 6, 0, 0)
        assert started.faults[0] == {"row": 5, "column": "Email", "message": "Is in row 2 already"}


def test_a_worker_that_died_is_replaced_and_one_that_was_only_slow_gives_way(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "AT_ONCE", 0)
    with app.app_context():
        import_id = begun(table(3))
        with transaction():
            assert import_jobs._claimed(import_id)
        import_jobs.run_import(str(import_id))
        assert state(import_id).status == "running"  # its worker may be alive
        with transaction():
            silent = clock.now() - import_jobs.SILENT_AFTER - timedelta(seconds=1)
            db.session.execute(
                update(CustomerImport.__table__).values(alive_at=silent, created_at=silent)  # type: ignore[arg-type]
            )
        asked: list[Any] = []
        monkeypatch.setattr(import_jobs, "enqueue", lambda job, *args: asked.append((job, args)))
        import_jobs.rescue_imports()
        assert asked == [(import_jobs.run_import, (str(import_id),))]
        import_jobs.run_import(str(import_id))
        assert (state(import_id).status, state(import_id).attempt, counted()) == ("done", 2, 3)
        assert import_jobs._own(import_id, 1) is None


def test_a_file_that_kills_its_workers_is_given_up(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "AT_ONCE", 0)
    with app.app_context():
        import_id = begun(table(3))
        with transaction():
            state(import_id).attempt = import_jobs.MAX_ATTEMPTS
        import_jobs.run_import(str(import_id))
        assert (state(import_id).status, state(import_id).fault_count) == ("failed", 1)


def test_whoever_is_faster_keeps_the_number(app: Flask, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    person = next(people(1, offers=OFFERS))
    with app.app_context():
        checked = imports.check(table(2))
        db.session.rollback()
        make.customer(national_id=person.national_id)
        with transaction():
            started = CustomerImport(file_name="a.csv", storage_name="", rows=2)
            db.session.add(started)
            assert not imports.store(started, checked)
            assert started.status == "failed"
        assert (counted(), checked.faults[0].column) == (1, COLUMNS["national_id"])


def test_an_import_is_undone_without_a_trace_of_its_customers(app: Flask, make: Make, logged: Any) -> None:
    stays = make.customer(email="a@example.com")
    with app.app_context():
        import_id = begun(table(5))
        with transaction():
            assert undoing.undo(import_id).status == "undone"
        assert db.session.scalars(select(Customer.id)).all() == [stays]
        assert (counted(Subscription), counted(SubscriptionChange)) == (0, 0)
        with pytest.raises(Conflict), transaction():
            undoing.undo(import_id)
        assert state(begun(table(5))).status == "done"
    assert len(logged(action="undo")) == 1


def test_a_large_import_is_undone_by_a_job(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        import_id = begun(table(3))
        monkeypatch.setattr(undoing, "AT_ONCE", 2)
        with transaction():
            assert undoing.undo(import_id).status == "undoing"
        for _ in range(2):
            import_jobs.undo_import(str(import_id))
        assert (state(import_id).status, counted()) == ("undone", 0)


def _note(customer_id: int) -> None:
    db.session.add(CustomerNote(customer_id=customer_id, author="Siti", body="Telepon lagi"))


def _line(customer_id: int) -> None:
    lines.create_line(customers.get_customer(customer_id), {"pppoe_name": "a"})


def _suspension(customer_id: int) -> None:
    running = subscriptions.current(customer_id)
    assert running is not None
    subscriptions.suspend(running.id)


@pytest.mark.parametrize("happen", [_note, _line, _suspension])
def test_what_depends_on_a_customer_keeps_the_import(app: Flask, happen: Any) -> None:
    with app.app_context():
        import_id = begun(table(3))
        with transaction():
            happen(db.session.scalars(select(func.max(Customer.id))).one())
        with pytest.raises(Conflict, match="Its customers have invoices"), transaction():
            undoing.undo(import_id)
        assert counted() == 3


def test_what_is_exported_imports_again_unchanged(app: Flask, make: Make) -> None:
    with app.app_context():
        begun(table(20))
        formula = '=HYPERLINK("http://evil.example","x")'
    make.customer(
        name=formula, national_id="1" * 16, address="-1+1", phone="+6281234567890", installed_on=None
    )
    with app.app_context():

        def exported() -> list[Any]:
            return list(exports.rows(CustomerFilter()))

        before = exported()
        file = "".join(csvsafe.stream(exports.HEADING, before)).encode()
        assert b"\n=" not in file
        assert b"'=HYPERLINK" in file
        with transaction():
            db.session.execute(
                update(Customer.__table__).values(deleted_at=clock.now())  # type: ignore[arg-type]
            )
        begun(file)
        assert exported() == before
        assert isinstance(before[0][6], date)


def test_files_of_ended_imports_are_swept(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "AT_ONCE", 0)
    with app.app_context():
        waiting = state(begun(table(1))).storage_name
        storage().put("imports/left.table", b"x")
        later = clock.now() + timedelta(days=2)
        monkeypatch.setattr(import_jobs.clock, "now", lambda: later)
        import_jobs.sweep_import_files()
        assert {entry.name for entry in storage().entries("imports/")} == {waiting}
        storage().delete(waiting)
