"""Subscriptions and their history."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask

from tests.support.factories import Make
from webapp.database import transaction
from webapp.errors import Conflict, Invalid
from webapp.extensions import db
from webapp.subscribers import catalogue, changes, customers, lines, subscriptions
from webapp.subscribers.models import ACTIVE, ENDED, SUSPENDED, LineSync, Subscription
from webapp.subscribers.subscriptions import BY_HAND, DUNNING

TODAY = date(2026, 3, 10)


@pytest.fixture(autouse=True)
def clock_() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-03-10T03:00:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def fast(make: Make) -> int:
    make.brand()
    return make.package(name="Internet 100Mbps", price=900_000)


@pytest.fixture
def john(app: Flask, make: Make, fast: int) -> int:
    """A customer with a line and Internet 50Mbps since 2024."""
    customer = make.customer(make.package())
    with app.app_context(), transaction():
        lines.create_line(customers.get_customer(customer), {})
        db.session.query(LineSync).update({"pending": False})
    return customer


def _now(customer_id: int) -> Subscription:
    found = subscriptions.latest(customer_id)
    assert found is not None
    return found


def _history(customer_id: int) -> list[tuple[str, date, int]]:
    found = changes.history(_now(customer_id).id)
    return [(change.kind, change.effective_on, change.price) for change in found]


def _is_pending(customer_id: int) -> bool:
    line = lines.line_of(customer_id)
    assert line is not None
    return db.session.get_one(LineSync, line.id).pending


def test_a_customer_has_one_subscription_at_a_time(app: Flask, john: int, fast: int) -> None:
    with app.app_context(), transaction():
        customer, package = customers.get_customer(john), catalogue.get_package(fast)
        with pytest.raises(Conflict):
            subscriptions.subscribe(customer, package, started_on=TODAY)


def test_another_package_from_today_on(app: Flask, john: int, fast: int) -> None:
    with app.app_context(), transaction():
        subscriptions.change_package(_now(john).id, fast, reason="upgrade")
    with app.app_context():
        assert _now(john).package_id == fast
        assert _history(john) == [("start", date(2024, 1, 1), 500_000), ("package", TODAY, 900_000)]
        assert _is_pending(john)


def test_a_planned_package_begins_on_its_day(
    app: Flask, john: int, fast: int, clock_: time_machine.Traveller
) -> None:
    with app.app_context(), transaction():
        before = _now(john).package_id
        subscriptions.change_package(_now(john).id, fast, TODAY + timedelta(days=5))
        assert (_now(john).package_id, subscriptions.begin_planned()) == (before, 0)
    clock_.shift(timedelta(days=6))
    with app.app_context(), transaction():
        assert (subscriptions.begin_planned(), subscriptions.begin_planned()) == (1, 0)
        assert _now(john).package_id == fast


@pytest.mark.parametrize("days", [-800, 400])
def test_a_package_does_not_begin_then(app: Flask, john: int, fast: int, days: int) -> None:
    with app.app_context(), pytest.raises(Invalid), transaction():
        subscriptions.change_package(_now(john).id, fast, TODAY + timedelta(days=days))


def test_the_package_one_has_is_no_change(app: Flask, john: int) -> None:
    with app.app_context(), pytest.raises(Invalid), transaction():
        subscriptions.change_package(_now(john).id, _now(john).package_id)


def test_a_new_price_is_that_of_next_month(app: Flask, john: int, fast: int) -> None:
    with app.app_context(), transaction():
        catalogue.update_package(_now(john).package_id, {"price": 550_000})
        catalogue.update_package(_now(john).package_id, {"price": 560_000})
        subscriptions.suspend(_now(john).id)
        assert _history(john)[1:] == [("suspend", TODAY, 500_000), ("package", date(2026, 4, 1), 560_000)]
        subscriptions.change_package(_now(john).id, fast)
        assert _history(john)[1:] == [("suspend", TODAY, 500_000), ("package", TODAY, 900_000)]


def test_suspended_and_resumed_with_line_and_customer(app: Flask, john: int) -> None:
    with app.app_context(), transaction():
        subscriptions.suspend(_now(john).id, DUNNING, "overdue")
        line = lines.line_of(john)
        assert line is not None
        assert (customers.get_customer(john).status, line.status) == (SUSPENDED, SUSPENDED)
        assert _is_pending(john)
        subscriptions.resume(_now(john).id, DUNNING)
        assert (customers.get_customer(john).status, line.status) == (ACTIVE, ACTIVE)
        assert [kind for kind, *_ in _history(john)] == ["start", "suspend", "resume"]


def test_a_payment_does_not_lift_what_was_suspended_by_hand(app: Flask, john: int) -> None:
    with app.app_context(), transaction():
        subscriptions.suspend(_now(john).id, BY_HAND)
        with pytest.raises(Conflict):
            subscriptions.resume(_now(john).id, DUNNING)
        with pytest.raises(Conflict):
            subscriptions.suspend(_now(john).id, DUNNING)


def test_after_the_end_another_may_begin(app: Flask, john: int, fast: int) -> None:
    with app.app_context(), transaction():
        ended = subscriptions.end(_now(john).id, TODAY - timedelta(days=1))
        assert (ended.status, ended.ended_on) == (ENDED, date(2026, 3, 9))
        assert customers.get_customer(john).status == ENDED
        with pytest.raises(Conflict):
            subscriptions.suspend(ended.id)
        package = catalogue.get_package(fast)
        subscriptions.subscribe(customers.get_customer(john), package, started_on=TODAY)
        assert customers.get_customer(john).status == ACTIVE
        with pytest.raises(Conflict):
            subscriptions.reopen(ended.id)


@pytest.mark.parametrize("day", [date(2023, 12, 31), TODAY + timedelta(days=1)])
def test_it_does_not_end_then(app: Flask, john: int, day: date) -> None:
    with app.app_context(), pytest.raises(Invalid), transaction():
        subscriptions.end(_now(john).id, day)


def test_what_another_brand_sells_or_nobody_any_more(app: Flask, make: Make, john: int, fast: int) -> None:
    make.brand("OTHER")
    foreign = make.package("OTHER")
    with app.app_context(), transaction():
        catalogue.update_package(fast, {"is_active": False})
    for package in (foreign, fast, 999):
        with app.app_context(), pytest.raises(Invalid) as refusal, transaction():
            subscriptions.change_package(_now(john).id, package)
        assert list(refusal.value.fields) == ["package_id"]
