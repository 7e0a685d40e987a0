"""Not paid: reminded, overdue, suspended; paid: restored. A year of mornings goes by in a moment."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from tests.support.factories import Make
from webapp.billing import dunning, invoices, jobs, messages, reminders, run_jobs, wording
from webapp.billing.models import CASH, OVERDUE, PAID, TRANSFER, Invoice
from webapp.billing.payments import record_payment
from webapp.billing.process_models import BillingRun, MessageTemplate, OutboxMessage
from webapp.billing.reminders import RuleIn
from webapp.billing.wording import Text
from webapp.database import transaction
from webapp.errors import Conflict, Invalid
from webapp.extensions import db
from webapp.kit import clock
from webapp.notifications.models import Notification
from webapp.subscribers import subscriptions
from webapp.subscribers.models import ACTIVE, SUSPENDED, Customer

START = datetime(2024, 1, 10, 2, tzinfo=UTC)  # nine in the morning in Jakarta
DUE = date(2024, 1, 20)


@pytest.fixture
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as travel:
        yield travel


@pytest.fixture
def package(make: Make, now: time_machine.Traveller) -> int:
    make.brand()
    return make.package()


@pytest.fixture
def rules(app: Flask) -> None:
    """Those of a fresh install, by e-mail."""
    days = ((-3, "reminder_before"), (0, "reminder_due"), (3, "reminder_after"), (7, "reminder_last"))
    with app.app_context(), transaction():
        for day, template in days:
            reminders.add_rule(RuleIn(None, day, "email", template))


def configured(app: Flask, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> None:
    changed = app.config["GERBANG"].model_copy(update=settings)
    monkeypatch.setitem(app.config, "GERBANG", changed)


@pytest.fixture
def posted(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mail is configured; nobody sends it here."""
    configured(app, monkeypatch, SMTP_URL="smtp://127.0.0.1:1")


def owing(app: Flask, customer_id: int, due: date = DUE, period: str = "2024-01") -> int:
    with app.app_context(), transaction():
        items = [invoices.NewItem("Internet", 1, 500_000)]
        return invoices.create_invoice(customer_id, period, due, items).id


def nightly(app: Flask) -> None:
    """All that the clock does in a day, in its order."""
    with app.app_context():
        run_jobs.mark_overdue()
        run_jobs.start_billing()
        for run_id in db.session.scalars(select(BillingRun.id).where(BillingRun.status == "waiting")).all():
            run_jobs.bill(str(run_id))
        run_jobs.settle_suspensions()
        run_jobs.write_reminders()


def until(app: Flask, now: time_machine.Traveller, day: date) -> None:
    """Let nights pass to the morning of `day`."""
    today = clock.now().date()
    while today < day:
        today += timedelta(days=1)
        now.move_to(datetime(today.year, today.month, today.day, 2, tzinfo=UTC))
        nightly(app)


def status(app: Flask, customer_id: int) -> str:
    with app.app_context():
        return db.session.get_one(Customer, customer_id).status


def told(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(OutboxMessage.once).order_by(OutboxMessage.id)))


def within(app: Flask, act: Callable[[], Any]) -> Any:
    with app.app_context(), transaction():
        return act()


@pytest.mark.usefixtures("rules", "posted")
def test_the_life_of_a_customer_who_pays_late(
    app: Flask, make: Make, package: int, now: time_machine.Traveller
) -> None:
    customer = make.customer(package, date(2023, 1, 1), due_day=20, email="ani@example.com")
    until(app, now, date(2024, 1, 15))
    with app.app_context():
        invoice = db.session.scalars(select(Invoice)).one()
    issued = f"issued:{invoice.id}:email"
    assert told(app) == [issued]
    until(app, now, date(2024, 1, 20))
    reminded = [f"reminder:{invoice.id}:{day}:email" for day in (-3, 0)]
    assert told(app) == [issued, *reminded]
    until(app, now, date(2024, 1, 21))
    with app.app_context():
        assert db.session.get_one(Invoice, invoice.id).status == OVERDUE
    until(app, now, date(2024, 1, 27))
    assert status(app, customer) == ACTIVE, "the last day of grace"
    until(app, now, date(2024, 1, 28))
    assert status(app, customer) == SUSPENDED
    with app.app_context():
        alarm = db.session.scalars(select(Notification).where(Notification.kind == "service_suspended")).one()
        assert alarm.data["nomor_invoice"] == invoice.number
    within(app, lambda: record_payment(customer, 500_000, CASH))
    with app.app_context():
        jobs.after_payment(customer)  # what the payment enqueued
    assert status(app, customer) == ACTIVE
    assert [once.rpartition(":20")[0] or once for once in told(app)][3:] == [
        f"reminder:{invoice.id}:3:email",
        f"reminder:{invoice.id}:7:email",
        f"service_suspended:{invoice.subscription_id}",
        f"service_restored:{invoice.subscription_id}",
    ]
    before = told(app)
    nightly(app)
    assert told(app) == before, "the same day twice"


@pytest.mark.usefixtures("rules", "posted")
def test_nobody_is_reminded_who_paid_promised_or_wants_no_messages(
    app: Flask, make: Make, package: int, now: time_machine.Traveller
) -> None:
    paid, promised, quiet, owes = (
        make.customer(email=f"{name}@example.com", no_messages=name == "quiet")
        for name in ("paid", "promised", "quiet", "owes")
    )
    ids = {customer: owing(app, customer) for customer in (paid, promised, quiet, owes)}
    within(app, lambda: record_payment(paid, 500_000, TRANSFER))
    within(app, lambda: dunning.promise(ids[promised], date(2024, 1, 22)))
    until(app, now, date(2024, 1, 20))
    with app.app_context():
        reminded = set(db.session.scalars(select(OutboxMessage.customer_id)))
    assert reminded == {owes}
    until(app, now, date(2024, 1, 23))
    assert f"reminder:{ids[promised]}:3:email" in told(app), "the promise was not kept"


@pytest.mark.usefixtures("package")
def test_a_brands_own_rules_stand_instead_of_everyones(
    app: Flask, make: Make, now: time_machine.Traveller
) -> None:
    make.brand("LAIN")
    within(app, lambda: reminders.add_rule(RuleIn(None, 0, "whatsapp", "reminder_due")))
    within(app, lambda: reminders.add_rule(RuleIn("LAIN", 1, "whatsapp", "reminder_after")))
    ours, other = make.customer(), make.customer(brand_code="LAIN")
    first, second = owing(app, ours), owing(app, other)
    until(app, now, date(2024, 1, 21))
    assert told(app) == [f"reminder:{first}:0:whatsapp", f"reminder:{second}:1:whatsapp"]


@pytest.mark.usefixtures("package", "rules")
def test_the_board_knows_what_will_be_sent(app: Flask, make: Make) -> None:
    owing(app, make.customer(email="a@example.com"), date(2024, 1, 13))
    owing(app, make.customer(email="b@example.com"), date(2024, 1, 13))
    with app.app_context():
        found = [(one.day, one.rule.offset_days, one.count) for one in reminders.upcoming()]
    assert found == [
        (date(2024, 1, 10), -3, 2),
        (date(2024, 1, 13), 0, 2),
        (date(2024, 1, 16), 3, 2),
    ]


@pytest.mark.usefixtures("package")
def test_without_settings_a_message_is_dropped_and_says_why(app: Flask, make: Make) -> None:
    invoice = owing(app, make.customer(email="a@example.com"))
    kind = messages.Kind("reminder_due", "email")
    for _ in range(2):
        within(app, lambda: messages.write(kind, [invoice], lambda _id: "x"))
    with app.app_context():
        [message] = db.session.scalars(select(OutboxMessage)).all()
    assert (message.status, message.error) == ("dropped", messages.NOT_CONFIGURED)


def test_grace_is_the_brands_own_where_it_has_one(
    app: Flask, make: Make, now: time_machine.Traveller
) -> None:
    make.brand(grace_days=2)
    customer = make.customer(make.package(), date(2023, 1, 1), due_day=28)
    owing(app, customer, date(2024, 1, 12))
    until(app, now, date(2024, 1, 14))
    assert status(app, customer) == ACTIVE
    until(app, now, date(2024, 1, 15))
    assert status(app, customer) == SUSPENDED


def suspended(app: Flask, make: Make, package: int, now: time_machine.Traveller) -> tuple[int, int]:
    """A customer whom dunning has suspended, and the invoice that it was for."""
    customer = make.customer(package, date(2023, 1, 1), due_day=28)
    invoice = owing(app, customer, date(2024, 1, 5))
    until(app, now, date(2024, 1, 13))
    assert status(app, customer) == SUSPENDED
    return customer, invoice


def test_a_promise_restores_and_a_broken_one_suspends_again(
    app: Flask, make: Make, package: int, now: time_machine.Traveller
) -> None:
    customer, invoice = suspended(app, make, package, now)
    within(app, lambda: dunning.promise(invoice, date(2024, 1, 16), "Gajian"))
    assert status(app, customer) == ACTIVE
    until(app, now, date(2024, 1, 16))
    assert status(app, customer) == ACTIVE
    until(app, now, date(2024, 1, 17))
    assert status(app, customer) == SUSPENDED


def test_an_exempt_customer_is_never_suspended(
    app: Flask, make: Make, package: int, now: time_machine.Traveller
) -> None:
    customer, _ = suspended(app, make, package, now)
    within(app, lambda: dunning.exempt(customer))
    assert status(app, customer) == ACTIVE
    until(app, now, date(2024, 1, 20))
    assert status(app, customer) == ACTIVE


def test_what_a_colleague_suspended_no_payment_restores(
    app: Flask, make: Make, package: int, now: time_machine.Traveller
) -> None:
    customer = make.customer(package, date(2023, 1, 1))
    owing(app, customer, date(2024, 1, 1))
    assert within(app, lambda: dunning.suspend_now(customer, "Pindah rumah"))
    within(app, lambda: record_payment(customer, 500_000, CASH))
    within(app, lambda: dunning.restore(customer))
    assert status(app, customer) == SUSPENDED
    assert within(app, lambda: dunning.resume_now(customer))
    assert not within(app, lambda: dunning.resume_now(customer))
    assert status(app, customer) == ACTIVE


def test_paying_a_part_does_not_restore(
    app: Flask, make: Make, package: int, now: time_machine.Traveller
) -> None:
    customer, _ = suspended(app, make, package, now)
    within(app, lambda: record_payment(customer, 499_999, CASH))
    within(app, lambda: dunning.restore(customer))
    assert status(app, customer) == SUSPENDED


def test_a_promise_must_be_of_something_owed_and_not_too_far(app: Flask, make: Make, package: int) -> None:
    customer = make.customer(package)
    invoice = owing(app, customer)
    for until_ in (date(2024, 1, 9), date(2024, 5, 1)):
        with pytest.raises(Invalid):
            within(app, lambda day=until_: dunning.promise(invoice, day))
    within(app, lambda: record_payment(customer, 500_000, CASH))
    with pytest.raises(Conflict):
        within(app, lambda: dunning.promise(invoice, date(2024, 1, 12)))


def test_a_rule_is_one_of_its_day_and_channel(app: Flask) -> None:
    rule = within(app, lambda: reminders.add_rule(RuleIn(None, 3, "email", "reminder_after")).id)
    with pytest.raises(Conflict):
        within(app, lambda: reminders.add_rule(RuleIn(None, 3, "email", "reminder_last")))
    within(app, lambda: reminders.change_rule(rule, RuleIn(None, 3, "email", "reminder_last", False)))
    for wrong in (
        RuleIn(None, 91, "email", "reminder_after"),
        RuleIn(None, 1, "fax", "reminder_after"),
        RuleIn(None, 1, "email", "invoice_issued"),
        RuleIn("NOBODY", 1, "email", "reminder_after"),
    ):
        with pytest.raises(Invalid):
            within(app, lambda one=wrong: reminders.add_rule(one))


@pytest.mark.usefixtures("package")
def test_own_words_are_filled_in_and_never_run(app: Flask, make: Make) -> None:
    invoice = owing(app, make.customer(email="a@example.com", name="{{ 7*7 }} {number}", language="en"))
    body = "Hi {name}\n{link}\n{amount} {{ config }} %(name)s by {due_on}"
    within(app, lambda: wording.change("reminder_due", "email", "en", Text("Pay {number}", body)))
    kind = messages.Kind("reminder_due", "email")
    within(app, lambda: messages.write(kind, [invoice], lambda _id: "x"))
    with app.app_context():
        message = db.session.scalars(select(OutboxMessage)).one()
    assert message.subject == "Pay INV-2024-001"
    assert message.body == "Hi {{ 7*7 }} {number}\nRp 500.000 {{ config }} %(name)s by 20 January 2024"


@pytest.mark.parametrize(
    "text",
    [
        Text("", "Body"),
        Text("S", ""),
        Text("S", "{secret}"),
        Text("S\nBcc: x@y.z", "Body"),
        Text("S", "\0"),
        Text("S", "\ud800"),
        Text("S", "x" * 4_001),
    ],
    ids=range(7),
)
def test_unfit_words_are_refused(app: Flask, text: Text) -> None:
    with pytest.raises(Invalid):
        within(app, lambda: wording.change("reminder_due", "email", "id", text))


def test_words_go_back_to_ours(app: Flask) -> None:
    key = "reminder_due", "whatsapp", "id"
    within(app, lambda: wording.change(*key, Text("S", "Lunasi {number}")))
    with app.app_context():
        assert wording.words()[key].body == "Lunasi {number}"
    within(app, lambda: wording.reset(*key))
    with app.app_context():
        assert wording.words()[key] == wording.DEFAULTS["reminder_due", "id"]
        assert db.session.scalars(select(MessageTemplate)).all() == []


def test_every_default_text_uses_known_placeholders() -> None:
    assert {
        key: wording._faults(text) for key, text in wording.DEFAULTS.items() if wording._faults(text)
    } == {}
    assert {key for key, _ in wording.DEFAULTS} == set(wording.KEYS)


@pytest.mark.usefixtures("package")
def test_an_invoice_that_is_paid_is_not_marked_overdue(
    app: Flask, make: Make, now: time_machine.Traveller
) -> None:
    customer = make.customer()
    invoice = owing(app, customer, date(2024, 1, 10))
    within(app, dunning.mark_overdue)
    within(app, lambda: record_payment(customer, 500_000, CASH))
    now.shift(timedelta(days=3))
    assert within(app, dunning.mark_overdue) == 0
    with app.app_context():
        assert db.session.get_one(Invoice, invoice).status == PAID
        assert subscriptions.current(customer) is None
