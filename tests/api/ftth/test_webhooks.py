"""Webhooks by their REST paths: made, shown without their secret, renewed, tried, replayed, deleted."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from tests.callers import Ftth, Pair
from tests.support.factories import Make
from webapp.accounts.models import Role
from webapp.database import transaction
from webapp.extensions import db
from webapp.webhooks import deliveries
from webapp.webhooks.models import WebhookDelivery, WebhookEndpoint

LIST = "/api/webhooks"
HOOK = {"url": "https://partner.example.com/hooks", "kinds": ["payment.received", "invoice.*"]}


@pytest.fixture
def chief(app: Flask, make: Make, pair: Callable[..., Pair]) -> Ftth:
    return Ftth(app.test_client(), token=pair(make.user("chief", Role.ADMIN), "ftth").access)


def test_a_webhook_s_life(app: Flask, chief: Ftth) -> None:
    made = chief.call("POST", LIST, 201, json=HOOK)
    assert made["secret"].startswith("whsec_")
    one = f"{LIST}/{made['id']}"
    shown = chief.call("GET", one)
    assert shown == {name: value for name, value in made.items() if name != "secret"}
    assert (shown["kinds"], shown["is_active"]) == (["invoice.*", "payment.received"], True)
    renewed = chief.call("POST", f"{one}/rotate-secret")["secret"]
    assert renewed != made["secret"]
    with app.app_context():
        endpoint = db.session.get_one(WebhookEndpoint, UUID(made["id"]))
        assert deliveries.secrets_of(endpoint) == [renewed, made["secret"]]
    off = chief.call("PATCH", one, json={"is_active": False})
    assert (off["is_active"], off["disabled_reason"]) == (False, "hand")
    chief.call("POST", f"{one}/test", 409)
    assert chief.call("PATCH", one, json={"is_active": True, "kinds": ["*"]})["kinds"] == ["*"]
    assert chief.call("GET", LIST)["total_count"] == 1
    assert chief.raw("DELETE", one).status_code == 204
    chief.call("GET", one, 404)


def test_a_test_is_a_delivery_that_can_be_replayed_once_it_has_ended(app: Flask, chief: Ftth) -> None:
    one = f"{LIST}/{chief.call('POST', LIST, 201, json=HOOK)['id']}"
    sent = chief.call("POST", f"{one}/test", 202)
    assert (sent["type"], sent["status"]) == ("webhook.test", "waiting")
    replay = f"{LIST}/deliveries/{sent['id']}/replay"
    chief.call("POST", replay, 409)
    with app.app_context(), transaction():
        db.session.scalars(select(WebhookDelivery)).one().status = "failed"
    again = chief.call("POST", replay, 202)
    assert again["message_id"] == sent["message_id"]
    assert chief.call("GET", f"{one}/deliveries?status=failed")["total_count"] == 1
    assert [row["id"] for row in chief.call("GET", f"{one}/deliveries")["data"]] == [again["id"], sent["id"]]
    chief.call("POST", f"{LIST}/deliveries/{uuid4()}/replay", 404)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "ftp://partner.example.com/"}, "url"),
        ({"url": "http://127.0.0.1/"}, "url"),
        ({"url": "http://[::1]/"}, "url"),
        ({"url": "http://user:word@partner.example.com/"}, "url"),
        ({"url": "https://[broken/"}, "url"),
        ({"kinds": ["invoice.eaten"]}, "kinds"),
        ({"kinds": []}, "kinds"),
        ({"description": "a\0b"}, "description"),
    ],
)
def test_what_can_t_be_right_is_refused(chief: Ftth, change: dict[str, Any], field: str) -> None:
    detail = chief.call("POST", LIST, 422, json=HOOK | change)["detail"]
    assert [fault["field"].split(".")[0] for fault in detail["errors"]] == [field]
