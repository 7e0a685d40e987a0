"""Webhooks by their REST paths: made, shown without their secret, renewed, tried, replayed, deleted."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from tests.callers import Ftth
from webapp.database import transaction
from webapp.extensions import db
from webapp.webhooks import deliveries
from webapp.webhooks.models import WebhookDelivery, WebhookEndpoint

LIST = "/api/webhooks"
HOOK = {"url": "https://partner.example.com/hooks", "kinds": ["payment.received", "invoice.*"]}


def test_a_webhook_s_life(app: Flask, boss: Ftth) -> None:
    made = boss.call("POST", LIST, 201, json=HOOK)
    assert made["secret"].startswith("whsec_")
    one = f"{LIST}/{made['id']}"
    shown = boss.call("GET", one)
    assert shown == {name: value for name, value in made.items() if name != "secret"}
    assert (shown["kinds"], shown["is_active"]) == (["invoice.*", "payment.received"], True)
    renewed = boss.call("POST", f"{one}/rotate-secret")["secret"]
    assert renewed != made["secret"]
    with app.app_context():
        endpoint = db.session.get_one(WebhookEndpoint, UUID(made["id"]))
        assert deliveries.secrets_of(endpoint) == [renewed, made["secret"]]
    off = boss.call("PATCH", one, json={"is_active": False})
    assert (off["is_active"], off["disabled_reason"]) == (False, "hand")
    boss.call("POST", f"{one}/test", 409)
    assert boss.call("PATCH", one, json={"is_active": True, "kinds": ["*"]})["kinds"] == ["*"]
    assert boss.call("GET", LIST)["total_count"] == 1
    assert boss.raw("DELETE", one).status_code == 204
    boss.call("GET", one, 404)


def test_a_test_is_a_delivery_that_can_be_replayed_once_it_has_ended(app: Flask, boss: Ftth) -> None:
    one = f"{LIST}/{boss.call('POST', LIST, 201, json=HOOK)['id']}"
    sent = boss.call("POST", f"{one}/test", 202)
    assert (sent["type"], sent["status"]) == ("webhook.test", "waiting")
    replay = f"{LIST}/deliveries/{sent['id']}/replay"
    boss.call("POST", replay, 409)
    with app.app_context(), transaction():
        db.session.scalars(select(WebhookDelivery)).one().status = "failed"
    again = boss.call("POST", replay, 202)
    assert again["message_id"] == sent["message_id"]
    assert boss.call("GET", f"{one}/deliveries?status=failed")["total_count"] == 1
    assert [row["id"] for row in boss.call("GET", f"{one}/deliveries")["data"]] == [again["id"], sent["id"]]
    boss.call("POST", f"{LIST}/deliveries/{uuid4()}/replay", 404)


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
def test_what_can_t_be_right_is_refused(boss: Ftth, change: dict[str, Any], field: str) -> None:
    detail = boss.call("POST", LIST, 422, json=HOOK | change)["detail"]
    assert [fault["field"].split(".")[0] for fault in detail["errors"]] == [field]
