"""The dunning board, the outbox, rules and texts in the browser."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from tests.callers import Browser
from tests.support.factories import Make
from webapp.billing import dunning, invoices, messages, reminders
from webapp.billing.models import Invoice
from webapp.billing.process_models import DunningRule, OutboxMessage, PaymentPromise
from webapp.billing.reminders import RuleIn
from webapp.database import transaction
from webapp.extensions import db
from webapp.subscribers.models import Customer

TEXT = "/dunning/texts/reminder_due/email/id"


@pytest.fixture(autouse=True)
def _late_january() -> Iterator[None]:
    with time_machine.travel(datetime(2024, 1, 25, 5, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def late(app: Flask, make: Make) -> int:
    """A customer whose invoice of 500,000 was due 15 days ago."""
    make.brand()
    customer = make.customer(make.package(), date(2023, 1, 1), name="Ani <b>", email="ani@example.com")
    with app.app_context(), transaction():
        items = [invoices.NewItem("Internet", 1, 500_000)]
        invoices.create_invoice(customer, "2024-01", date(2024, 1, 10), items)
    with app.app_context(), transaction():
        dunning.mark_overdue()
    return customer


def customer(app: Flask, customer_id: int) -> Customer:
    with app.app_context():
        return db.session.get_one(Customer, customer_id)


def act(browser: Browser, customer_id: int, action: str, **fields: str) -> None:
    browser.submit("/dunning/act", {"customer": customer_id, "action": action, **fields})


def test_the_board_shows_who_is_late_by_age(operator_browser: Browser, late: int) -> None:
    page = operator_browser.open("/dunning")
    assert "Ani &lt;b&gt;" in page
    assert "INV-2024-001" in page
    assert "INV-2024-001" in operator_browser.open("/dunning/rows?age=30", htmx=True)
    assert "INV-2024-001" not in operator_browser.open("/dunning/rows?age=7", htmx=True)
    assert "INV-2024-001" in operator_browser.open("/dunning/rows?age=nonsense&page=99", htmx=True)
    assert "INV-2024-001" not in operator_browser.open("/dunning/rows?brand=OTHER", htmx=True)


def test_those_chosen_are_suspended_and_let_in_again(
    app: Flask, operator_browser: Browser, late: int
) -> None:
    act(operator_browser, late, "suspend", note="Pindah")
    assert customer(app, late).status == "Suspended"
    assert "Ani &lt;b&gt;" in operator_browser.open("/dunning/suspended")
    act(operator_browser, late, "resume")
    assert customer(app, late).status == "Aktif"


def test_exempting_and_taking_it_back(app: Flask, operator_browser: Browser, late: int) -> None:
    act(operator_browser, late, "exempt")
    assert customer(app, late).never_suspend
    assert f"/dunning/exempt/{late}/end" in operator_browser.open("/dunning/suspended")
    operator_browser.submit(f"/dunning/exempt/{late}/end")
    assert not customer(app, late).never_suspend
    assert customer(app, late).status == "Suspended", "its grace was over"


def test_a_promise_is_written_down_shown_and_withdrawn(
    app: Flask, operator_browser: Browser, late: int
) -> None:
    act(operator_browser, late, "promise", until="2024-02-01", note="Gajian")
    page = operator_browser.open("/dunning/promises")
    assert "Gajian" in page
    with app.app_context():
        made = db.session.scalars(select(PaymentPromise)).one()
    assert made.until == date(2024, 2, 1)
    operator_browser.submit(f"/dunning/promises/{made.id}/withdraw")
    assert "Gajian" not in operator_browser.open("/dunning/promises")
    assert customer(app, late).status == "Suspended"


@pytest.mark.parametrize("until", ["", "2024-01-24", "2024-12-31", "x"])
def test_a_promise_for_no_good_day_changes_nothing(
    app: Flask, operator_browser: Browser, late: int, until: str
) -> None:
    act(operator_browser, late, "promise", until=until)
    with app.app_context():
        assert db.session.scalars(select(PaymentPromise)).all() == []


@pytest.mark.parametrize("chosen", ["", "x", "999999999999999999999", "-1"])
def test_nobody_chosen_is_said_and_harms_nothing(operator_browser: Browser, late: int, chosen: str) -> None:
    operator_browser.submit("/dunning/act", {"customer": chosen, "action": "suspend"})


def test_a_message_that_was_not_sent_can_be_sent_again(
    app: Flask, operator_browser: Browser, late: int
) -> None:
    with app.app_context(), transaction():
        ids = db.session.scalars(select(Invoice.id)).all()
        messages.write(messages.Kind("reminder_due", "email"), ids, lambda _id: "x")
    page = operator_browser.open("/dunning/messages?status=dropped")
    assert "ani@example.com" in page
    with app.app_context():
        message_id = db.session.scalars(select(OutboxMessage.id)).one()
    operator_browser.submit(f"/dunning/messages/{message_id}/retry")
    operator_browser.submit(f"/dunning/messages/{message_id}/retry")
    assert "ani@example.com" in operator_browser.open("/dunning/messages_rows?status=waiting", htmx=True)


def test_an_admin_makes_changes_and_deletes_a_rule(app: Flask, admin_browser: Browser) -> None:
    new = {"offset_days": "-5", "channel": "email", "template": "reminder_before", "active": "1"}
    admin_browser.submit("/dunning/rules/new", new)
    again = admin_browser.submit("/dunning/rules/new", new, 409).get_data(as_text=True)
    assert 'id="error-offset_days"' in again
    admin_browser.submit("/dunning/rules/new", new | {"offset_days": "91"}, 422)
    admin_browser.submit("/dunning/rules/new", new | {"brand": "NOBODY"}, 422)
    with app.app_context():
        rule = db.session.scalars(select(DunningRule)).one()
    edit = f"/dunning/rules/{rule.id}/edit"
    assert 'value="-5"' in admin_browser.open(edit)
    admin_browser.submit(edit, new | {"offset_days": "-4", "active": ""})
    with app.app_context():
        rule = db.session.scalars(select(DunningRule)).one()
    assert (rule.offset_days, rule.is_active) == (-4, False)
    admin_browser.submit(f"/dunning/rules/{rule.id}/delete")
    assert f"/dunning/rules/{rule.id}/edit" not in admin_browser.open("/dunning/rules")


def test_the_board_names_the_reminders_to_come(app: Flask, viewer_browser: Browser, late: int) -> None:
    with app.app_context(), transaction():
        reminders.add_rule(RuleIn(None, 16, "whatsapp", "reminder_last"))
    assert "WhatsApp" in viewer_browser.open("/dunning")
    assert viewer_browser.open("/dunning").count('type="checkbox"') == 0


def test_an_admin_writes_own_words_and_goes_back_to_ours(admin_browser: Browser) -> None:
    assert "{name}" in admin_browser.open(f"{TEXT}/edit")
    refused = admin_browser.submit(f"{TEXT}/edit", {"subject": "S", "body": "{secret}"}, 422)
    assert 'id="error-body"' in refused.get_data(as_text=True)
    admin_browser.submit(f"{TEXT}/edit", {"subject": "Bayar {number}", "body": "Halo {name}\r\n<b>{link}"})
    page = admin_browser.open(f"{TEXT}/edit")
    assert "Bayar INV-2024-001" in page
    assert "Halo John Doe\n&lt;b&gt;" in page
    admin_browser.submit(f"{TEXT}/reset")
    assert "Halo John Doe" not in admin_browser.open(f"{TEXT}/edit")
    admin_browser.open("/dunning/texts/nothing/email/id/edit", 404)
