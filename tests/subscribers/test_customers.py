"""Customers, as every door takes them in."""

import json
from datetime import date
from typing import Any

import pytest
from flask import Flask

from tests.support.factories import Make
from webapp.database import transaction
from webapp.errors import Conflict, Invalid, NotFound
from webapp.extensions import db
from webapp.notifications.models import Notification
from webapp.subscribers import customers, subscriptions
from webapp.subscribers.models import ACTIVE
from webapp.subscribers.subscriptions import Terms
from webapp.webhooks.models import WebhookEndpoint, WebhookMessage

JOHN: dict[str, Any] = {
    "name": "John Doe",
    "email": "john@example.com",
    "phone": "08123456789",
    "national_id": "1234567890123456",
    "address": "Jl. Example No. 123",
    "brand_code": "JAKINET",
    "installed_on": date(2024, 1, 15),
}


@pytest.fixture
def package(make: Make) -> int:
    make.brand()
    return make.package()


def test_a_customer_begins_with_a_subscription(app: Flask, package: int) -> None:
    with app.app_context(), transaction():
        john = customers.create_customer(JOHN, subscription=Terms(package))
        assert (john.status, john.brand.code) == (ACTIVE, "JAKINET")
        begun = subscriptions.current(john.id)
        assert begun is not None
        assert (begun.started_on, begun.due_day, begun.payment_method) == (date(2024, 1, 15), 1, "Otomatis")


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [("email", "jane@example.com", "email"), ("national_id", "1111222233334444", "national_id")],
)
def test_what_one_has_another_can_not_get(
    app: Flask, package: int, name: str, value: str, field: str
) -> None:
    jane = JOHN | {"email": "jane@example.com", "national_id": "1111222233334444"}
    with app.app_context(), transaction():
        customers.create_customer(jane)
        known = customers.create_customer(JOHN).id
    with app.app_context(), pytest.raises(Conflict) as clash, transaction():
        customers.create_customer(JOHN | {"email": "x@y.id", "national_id": None} | {name: value})
    assert clash.value.field == field
    with app.app_context(), pytest.raises(Conflict) as clash, transaction():
        customers.update_customer(known, {name: value})
    assert clash.value.field == field


def test_many_have_neither_e_mail_nor_ktp_number(app: Flask, package: int) -> None:
    with app.app_context(), transaction():
        for _ in range(2):
            customers.create_customer(JOHN | {"email": None, "national_id": None})


@pytest.mark.parametrize(("code", "active"), [("NOPE", True), ("OFF", False)])
def test_a_brand_that_sells_nothing(app: Flask, make: Make, code: str, active: bool) -> None:
    make.brand("OFF", is_active=active)
    with app.app_context(), pytest.raises(Invalid) as refusal, transaction():
        customers.create_customer(JOHN | {"brand_code": code})
    assert list(refusal.value.fields) == ["brand_code"]


def test_who_has_a_subscription_stays_with_the_brand(app: Flask, make: Make, package: int) -> None:
    make.brand("OTHER")
    bound, free = make.customer(package), make.customer()
    with app.app_context(), transaction():
        customers.update_customer(free, {"brand_code": "OTHER"})
    with app.app_context(), pytest.raises(Invalid), transaction():
        customers.update_customer(bound, {"brand_code": "OTHER"})


def test_search_follows_a_change(app: Flask, package: int) -> None:
    with app.app_context(), transaction():
        john = customers.create_customer(JOHN)
        customers.update_customer(john.id, {"name": "Jane Roe", "email": None})
        assert john.search_text == "  jane  roe\n\n08123456789\n628123456789"


@pytest.mark.parametrize("customer_id", [0, -1, 2**31, 2**80, 999])
def test_nobody_has_this_id(app: Flask, customer_id: int) -> None:
    with app.app_context(), pytest.raises(NotFound):
        customers.get_customer(customer_id)


def test_colleagues_and_partners_hear_of_a_new_customer(app: Flask, package: int) -> None:
    told: dict[str, Any] = {"url": "https://partner.example", "kinds": ["subscription.*"]}
    with app.app_context(), transaction():
        db.session.add(WebhookEndpoint(**told))
        db.session.flush()
        customers.create_customer(JOHN, subscription=Terms(package))
    with app.app_context():
        [notification] = db.session.scalars(db.select(Notification))
        assert (notification.kind, notification.data["pelanggan_nama"]) == ("new_customer", "John Doe")
        [message] = db.session.scalars(db.select(WebhookMessage))
        assert message.kind == "subscription.started"
        data = json.loads(message.body)["data"]
        assert (data["package_id"], data["price"], data["effective_on"]) == (package, 500_000, "2024-01-15")
