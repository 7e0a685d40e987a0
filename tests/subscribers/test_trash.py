"""Deleting customers and bringing them back."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask

from tests.support.factories import Make
from webapp.activity.models import Activity
from webapp.billing.models import Invoice
from webapp.database import transaction
from webapp.errors import Conflict, NotFound
from webapp.extensions import db
from webapp.subscribers import changes, customers, lines, queries, subscriptions, trash
from webapp.subscribers.models import ACTIVE, ENDED, SUSPENDED, Customer, LineSync, TechnicalData
from webapp.subscribers.queries import CustomerFilter

JOHN = {"name": "John Doe", "email": "john@example.com", "phone": "08123456789", "address": "Jl. Example"}
LINE = {"ip_address": "192.168.1.100", "odp_port": "ODP-01/P01", "ont_serial": "ALCL12345678"}


@pytest.fixture
def clock_() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-03-10T03:00:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def john(app: Flask, make: Make, clock_: time_machine.Traveller) -> int:
    make.brand()
    with app.app_context(), transaction():
        made = customers.create_customer(
            JOHN | {"brand_code": "JAKINET", "national_id": "1234567890123456"},
            subscription=subscriptions.Terms(make.package()),
        )
        lines.create_line(made, LINE)
        return made.id


def _delete(app: Flask, customer_id: int) -> None:
    with app.app_context(), transaction():
        trash.delete_customer(customer_id)


def _restore(app: Flask, customer_id: int) -> None:
    with app.app_context(), transaction():
        trash.restore_customer(customer_id)


def test_a_deleted_customer_is_nowhere(app: Flask, john: int) -> None:
    _delete(app, john)
    with app.app_context():
        for look in (customers.get_customer, trash.delete_customer):
            with pytest.raises(NotFound):
                look(john)
        assert (lines.line_of(john), subscriptions.current(john)) == (None, None)
        assert queries.count_customers(CustomerFilter(search="john")) == 0
        assert [row.id for row in trash.deleted_customers()[0]] == [john]
        assert db.session.scalars(db.select(LineSync)).one().pending  # the router has to forget the line


def test_what_was_theirs_is_free_at_once(app: Flask, john: int) -> None:
    _delete(app, john)
    with app.app_context(), transaction():
        again = customers.create_customer(JOHN | {"brand_code": "JAKINET", "national_id": "1234567890123456"})
        lines.create_line(again, LINE)


def test_the_log_keeps_what_was(app: Flask, john: int, logged: Callable[..., list[Activity]]) -> None:
    _delete(app, john)
    [entry] = logged(action="delete", object_type="customers")
    kept = {name: after for name, (_, after) in entry.changes.items()}
    assert kept["email"] == "john@example.com"
    assert (kept["package"], kept["ip_address"]) == ("Internet 50Mbps", "192.168.1.100")
    assert "pppoe_password" not in kept


@pytest.mark.parametrize("suspended_by", [None, "dunning", "hand"])
def test_restoring_brings_back_what_was(
    app: Flask, john: int, clock_: time_machine.Traveller, suspended_by: str | None
) -> None:
    with app.app_context(), transaction():
        running = subscriptions.current(john)
        assert running is not None
        if suspended_by:
            subscriptions.suspend(running.id, suspended_by)
    _delete(app, john)
    clock_.shift(timedelta(days=29))
    _restore(app, john)
    with app.app_context():
        line, running = lines.line_of(john), subscriptions.current(john)
        assert line is not None
        assert running is not None
        statuses = {customers.get_customer(john).status, line.status, running.status}
        assert statuses == {SUSPENDED if suspended_by else ACTIVE}
        last = ["reopen", "suspend"] if suspended_by else ["end", "reopen"]
        assert (running.suspended_by, running.ended_on) == (suspended_by, None)
        assert [change.kind for change in changes.history(running.id)][-2:] == last


def test_who_had_ended_is_restored_as_ended(app: Flask, john: int) -> None:
    with app.app_context(), transaction():
        running = subscriptions.current(john)
        assert running is not None
        subscriptions.end(running.id)
    _delete(app, john)
    _restore(app, john)
    with app.app_context():
        assert (customers.get_customer(john).status, subscriptions.current(john)) == (ENDED, None)


def test_a_line_that_was_deleted_before_stays_deleted(app: Flask, john: int) -> None:
    with app.app_context(), transaction():
        line = lines.line_of(john)
        assert line is not None
        lines.delete_line(line.id)
    with time_machine.travel("2026-03-10T03:00:01Z"):
        _delete(app, john)
        _restore(app, john)
    with app.app_context():
        assert lines.line_of(john) is None


@pytest.mark.parametrize("field", ["email", "ip_address"])
def test_what_another_has_got_hold_of_forbids_restoring(
    app: Flask, make: Make, john: int, field: str
) -> None:
    _delete(app, john)
    if field == "email":
        make.customer(email="john@example.com")
    else:
        other = make.customer()
        with app.app_context(), transaction():
            lines.create_line(customers.get_customer(other), {"ip_address": "192.168.1.100"})
    with app.app_context(), pytest.raises(Conflict) as clash, transaction():
        trash.restore_customer(john)
    assert clash.value.field == field
    with app.app_context(), pytest.raises(NotFound):
        customers.get_customer(john)


def test_after_thirty_days_they_are_gone(app: Flask, john: int, clock_: time_machine.Traveller) -> None:
    _delete(app, john)
    clock_.shift(timedelta(days=30))
    with app.app_context(), pytest.raises(NotFound):
        trash.restore_customer(john)
    with app.app_context(), transaction():
        assert (trash.deleted_customers()[1], trash.purge(), trash.purge()) == (0, 1, 0)
    with app.app_context():
        assert db.session.get(Customer, john) is None
        assert db.session.scalars(db.select(TechnicalData)).all() == []


def test_the_books_keep_a_nameless_row(app: Flask, john: int, clock_: time_machine.Traveller) -> None:
    with app.app_context(), transaction():
        day, money = date(2026, 3, 1), {"subtotal": 1, "tax_percent": 0, "tax": 0, "total": 1}
        of_john = {"customer_id": john, "brand_code": "JAKINET"}
        db.session.add(Invoice(number="1", period="2026-03", issued_on=day, due_on=day, **of_john, **money))
    _delete(app, john)
    clock_.shift(timedelta(days=31))
    with app.app_context(), transaction():
        assert (trash.purge(), trash.purge()) == (1, 0)
    with app.app_context():
        kept = db.session.get_one(Customer, john)
        assert (kept.name, kept.email, kept.national_id, kept.phone, kept.search_text) == (
            "—",
            None,
            None,
            "",
            "",
        )
        assert db.session.scalars(db.select(TechnicalData)).all() == []
