"""The monthly run: whom it bills, when, once, and what is left when a worker dies in the middle of it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from tests.support.factories import Make
from webapp.accounts import settings
from webapp.billing import run_jobs, runs, runworker, selection
from webapp.billing.models import CANCELLED, DRAFT, Invoice, LedgerEntry, LedgerLine, PaymentLink
from webapp.billing.process_models import BillingRun, OutboxMessage
from webapp.billing.runs import due_windows, preview
from webapp.billing.selection import Window, whole
from webapp.database import transaction
from webapp.errors import Conflict, Invalid
from webapp.extensions import db
from webapp.notifications.models import Notification
from webapp.subscribers import subscriptions
from webapp.subscribers.models import ENDED, PRORATED, Subscription, SubscriptionChange

NOON = datetime(2024, 1, 15, 5, tzinfo=UTC)  # noon in Jakarta
JANUARY = "2024-01"


@pytest.fixture
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as travel:
        yield travel


@pytest.fixture
def package(make: Make) -> int:
    make.brand(tax_percent=11)
    return make.package()


def ran(app: Flask, period: str = JANUARY) -> BillingRun:
    """A run by hand, to its end."""
    with app.app_context(), transaction():
        run_id = runs.start(runs.by_hand(period)).id
    run_jobs_in(app, run_id)
    with app.app_context():
        return runs.get(run_id)


def run_jobs_in(app: Flask, run_id: UUID) -> None:
    with app.app_context():
        run_jobs.bill(str(run_id))


def a_day_goes_by(app: Flask) -> list[BillingRun]:
    """What the clock does."""
    with app.app_context():
        run_jobs.start_billing()
        waiting = db.session.scalars(select(BillingRun.id).where(BillingRun.status == "waiting")).all()
        for run_id in waiting:
            run_jobs.bill(str(run_id))
        return [runs.get(run_id) for run_id in waiting]


def invoices(app: Flask) -> list[Invoice]:
    with app.app_context():
        return list(db.session.scalars(select(Invoice).order_by(Invoice.id)))


def subscription_of(app: Flask, customer_id: int) -> int:
    with app.app_context():
        found = subscriptions.latest(customer_id)
        assert found is not None
        return found.id


@pytest.mark.usefixtures("now")
def test_a_run_makes_the_months_invoice_once(app: Flask, make: Make, package: int) -> None:
    make.customer(package, due_day=20)
    first = ran(app)
    assert (first.status, first.created, first.amount, first.done) == ("done", 1, 555_000, 1)
    [invoice] = invoices(app)
    assert (invoice.period, invoice.due_on, invoice.issued_on) == (
        JANUARY,
        date(2024, 1, 20),
        date(2024, 1, 15),
    )
    assert (invoice.subtotal, invoice.tax, invoice.total, invoice.run_id) == (
        500_000,
        55_000,
        555_000,
        first.id,
    )
    with app.app_context():
        assert [item.description for item in db.session.get_one(Invoice, invoice.id).items] == [
            "Internet 50Mbps"
        ]
    again = ran(app)
    assert (again.created, len(invoices(app))) == (0, 1)


@pytest.mark.usefixtures("now")
def test_a_start_in_the_month_is_billed_by_its_days_and_says_which(
    app: Flask, make: Make, package: int
) -> None:
    make.customer(package, date(2024, 1, 15), payment_method=PRORATED, due_day=20)
    ran(app)
    [invoice] = invoices(app)
    assert invoice.subtotal == 274_194
    with app.app_context():
        [item] = db.session.get_one(Invoice, invoice.id).items
    assert item.description == "Internet 50Mbps (15/01/2024 – 31/01/2024)"


@pytest.mark.usefixtures("now")
def test_what_is_due_before_it_is_made_is_due_later(app: Flask, make: Make, package: int) -> None:
    make.customer(package, due_day=10)
    ran(app)
    assert invoices(app)[0].due_on == date(2024, 1, 20)


@pytest.mark.usefixtures("now")
def test_the_preview_says_how_much_and_who_is_left_out_and_writes_nothing(
    app: Flask, make: Make, package: int
) -> None:
    free = make.package(name="Gratis", price=0)
    billed = make.customer(package)
    ran(app)
    cut_off = subscription_of(app, make.customer(package, date(2023, 1, 1)))
    with app.app_context(), transaction():
        settings.change("bill_suspended_time", "false")
        db.session.add(
            SubscriptionChange(
                subscription_id=cut_off,
                effective_on=date(2023, 12, 1),
                kind="suspend",
                package_id=package,
                price=500_000,
            )
        )
        db.session.get_one(Subscription, cut_off).status = "Suspended"
    make.customer(package, date(2024, 1, 25), name="Later")
    make.customer(free)
    make.customer(package)
    with app.app_context():
        found = preview(whole(JANUARY))
    assert (found.count, found.amount) == (1, 555_000)
    assert found.left_out == {
        selection.SUSPENDED: 1,
        selection.NOT_STARTED: 1,
        selection.NO_PRICE: 1,
        selection.BILLED: 1,
    }
    assert {one.customer_name for one in found.examples if one.reason == selection.NOT_STARTED} == {"Later"}
    assert [invoice.customer_id for invoice in invoices(app)] == [billed]


@pytest.mark.usefixtures("now")
def test_deleted_customers_and_those_who_ended_before_are_no_candidates(
    app: Flask, make: Make, package: int
) -> None:
    make.customer(package, deleted_at=NOON)
    ended = make.customer(package)
    with app.app_context(), transaction():
        subscription = db.session.get_one(Subscription, subscription_of(app, ended))
        subscription.status, subscription.ended_on = ENDED, date(2023, 12, 31)
        assert selection.count(whole(JANUARY)) == 0


def test_invoices_appear_five_days_before_each_due_day(
    app: Flask, make: Make, package: int, now: time_machine.Traveller
) -> None:
    make.customer(package, date(2023, 1, 1), due_day=20)
    make.customer(package, date(2023, 1, 1), due_day=1)
    now.move_to(NOON - timedelta(days=1))
    a_day_goes_by(app)
    assert invoices(app) == []
    now.move_to(NOON)
    for _ in range(2):
        a_day_goes_by(app)
    assert [invoice.due_on for invoice in invoices(app)] == [date(2024, 1, 20)]
    for days in range(1, 13):
        now.move_to(NOON + timedelta(days=days))
        a_day_goes_by(app)
    assert [(invoice.due_on, invoice.issued_on) for invoice in invoices(app)][1:] == [
        (date(2024, 2, 1), date(2024, 1, 27))
    ]


def test_what_was_missed_is_made_up_for(
    app: Flask, make: Make, package: int, now: time_machine.Traveller
) -> None:
    make.customer(package, due_day=25)
    a_day_goes_by(app)
    now.move_to(datetime(2024, 2, 3, 5, tzinfo=UTC))
    a_day_goes_by(app)
    assert [(one.period, one.due_on) for one in invoices(app)] == [(JANUARY, date(2024, 2, 8))]


def test_who_begins_after_the_due_day_is_billed_the_next_day(
    app: Flask, make: Make, package: int, now: time_machine.Traveller
) -> None:
    now.move_to(datetime(2024, 1, 31, 5, tzinfo=UTC))
    a_day_goes_by(app)
    make.customer(package, date(2024, 1, 31), due_day=20, payment_method=PRORATED)
    make.customer(package, date(2023, 1, 31), due_day=20)  # imported: what was due before is not ours
    now.move_to(datetime(2024, 2, 1, 5, tzinfo=UTC))
    a_day_goes_by(app)
    [invoice] = invoices(app)
    assert (invoice.period, invoice.subtotal, invoice.due_on) == (JANUARY, 16_129, date(2024, 2, 6))


def test_the_first_day_ever_looks_at_no_earlier_due_dates(app: Flask) -> None:
    with app.app_context():
        windows = due_windows(date(2024, 1, 29))
    assert windows == [
        Window(JANUARY, date(2024, 1, 29), date(2024, 1, 31)),
        Window("2024-02", date(2024, 2, 1), date(2024, 2, 3)),
    ]


@pytest.mark.usefixtures("now")
def test_a_cancelled_invoice_is_not_made_again(app: Flask, make: Make, package: int) -> None:
    make.customer(package)
    ran(app)
    with app.app_context(), transaction():
        db.session.scalars(select(Invoice)).one().status = CANCELLED
    assert ran(app).created == 0


@pytest.mark.usefixtures("now")
def test_a_run_whose_worker_died_goes_on_where_it_was(
    app: Flask, make: Make, package: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runworker, "BATCH", 2)
    for _ in range(5):
        make.customer(package)
    with app.app_context(), transaction():
        run_id = runs.start(runs.by_hand(JANUARY)).id
    with app.app_context(), transaction():
        attempt = runworker.claim(run_id)
        assert attempt == 1
        assert runworker.advance(run_id, attempt)
    with app.app_context(), transaction():
        run_jobs.bill(str(run_id))  # somebody else's message: the first is still alive
        assert runs.get(run_id).done == 2
        assert runworker.rescue() == []
        silent = update(BillingRun).values(alive_at=NOON - timedelta(minutes=1))
        db.session.execute(silent)
    with app.app_context(), transaction():
        assert runworker.rescue() == [run_id]
        run_jobs.bill(str(run_id))
    with app.app_context(), transaction():
        run = runs.get(run_id)
        assert (run.status, run.done, run.created, run.attempt) == ("done", 5, 5, 2)
        assert not runworker.advance(run_id, attempt), (
            "the first worker wakes up, and it is no longer its own"
        )
    assert len(invoices(app)) == 5


@pytest.mark.usefixtures("now")
def test_a_failure_is_remembered_and_given_up_after_ten(
    app: Flask, make: Make, package: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.customer(package)
    with app.app_context(), transaction():
        run_id = runs.start(runs.by_hand(JANUARY)).id
    with monkeypatch.context() as broken:
        broken.setattr(runworker, "insert_many", lambda _rows: 1 / 0)
        for _ in range(runworker.MAX_ATTEMPTS):
            with pytest.raises(ZeroDivisionError):
                run_jobs_in(app, run_id)
    with app.app_context(), transaction():
        assert (runs.get(run_id).status, runs.get(run_id).error) == (
            "failed",
            "An error of the server; its log says more",
        )
        runs.resume(run_id)
    run_jobs_in(app, run_id)
    with app.app_context(), pytest.raises(Conflict):
        runs.resume(run_id)
    assert len(invoices(app)) == 1


def test_two_runs_at_once_bill_once(
    app: Flask, make: Make, package: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runworker, "BATCH", 3)
    for _ in range(12):
        make.customer(package, date(2020, 1, 1))
    with app.app_context(), transaction():
        period = f"{datetime.now(UTC):%Y-%m}"
        ids = [runs.start(whole(period), runs.CLOCK).id for _ in range(2)]
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda run_id: run_jobs_in(app, run_id), ids))
    with app.app_context():
        made = db.session.scalars(select(BillingRun)).all()
        assert {run.status for run in made} == {"done"}
        assert sum(run.created for run in made) == 12
        assert db.session.scalar(select(func.count()).select_from(LedgerEntry)) == 12
        assert db.session.scalar(select(func.sum(LedgerLine.amount))) == 0
    numbers = sorted(int(invoice.number.rpartition("-")[2]) for invoice in invoices(app))
    assert numbers == list(range(1, 13))


@pytest.mark.usefixtures("now")
def test_a_run_tells_once_and_wants_links_where_the_brand_has_an_account(
    app: Flask, make: Make, package: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings_now = app.config["GERBANG"]
    changed = settings_now.model_copy(
        update={"XENDIT_API_KEY": {"JAKINET": "xnd_test"}, "SMTP_URL": "smtp://127.0.0.1"}
    )
    monkeypatch.setitem(app.config, "GERBANG", changed)
    for email in ("ani@example.com", "budi@example.com", None):
        make.customer(package, email=email)
    make.customer(package, email="citra@example.com", no_messages=True)
    ran(app)
    with app.app_context():
        [told] = db.session.scalars(select(Notification)).all()
        assert (told.kind, told.message, told.data["jumlah"]) == (
            "new_invoice",
            "4 invoice baru telah dibuat untuk periode 2024-01",
            4,
        )
        assert db.session.scalar(select(func.count()).select_from(PaymentLink)) == 4
        letters = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.recipient)).all()
        assert [(one.recipient, one.attach_invoice, one.status) for one in letters] == [
            ("ani@example.com", True, "waiting"),
            ("budi@example.com", True, "waiting"),
        ]
        assert letters[0].subject == "Tagihan INV-2024-001 dari Jakinet"
        assert "Rp 555.000" in letters[0].body


@pytest.mark.usefixtures("now")
def test_one_run_of_a_period_by_hand_at_a_time_and_none_of_the_far_future(
    app: Flask, make: Make, package: int
) -> None:
    make.customer(package)
    with app.app_context(), transaction():
        runs.start(runs.by_hand("2024-02"))
        with pytest.raises(Conflict):
            runs.start(runs.by_hand("2024-02"))
        with pytest.raises(Invalid):
            runs.by_hand("2024-03")
    assert DRAFT not in [invoice.status for invoice in invoices(app)]
