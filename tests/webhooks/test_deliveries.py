"""Messages to a partner's real server: what is sent, tried again, given up, and never sent at all."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from tests.support import reports
from tests.support.factories import Make
from tests.support.partner import Partner, serving
from webapp.accounts.models import Role
from webapp.database import transaction
from webapp.extensions import db
from webapp.kit import clock
from webapp.notifications.models import Notification
from webapp.outgoing import Patience
from webapp.webhooks import deliveries, endpoints, jobs, service, signing
from webapp.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookHealth, WebhookMessage

PAID = {"invoice_id": 789, "nomor_invoice": "INV-2024-001"}


@pytest.fixture
def partner() -> Iterator[Partner]:
    with serving() as made:
        yield made


@pytest.fixture
def house(app: Flask, partner: Partner, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The application, which may call the partner though it is in the house."""
    reports.configured(app, monkeypatch, WEBHOOK_PRIVATE_HOSTS=partner.host)
    return app


def listen(app: Flask, url: str, *kinds: str) -> tuple[UUID, str]:
    with app.app_context(), transaction():
        endpoint, secret = endpoints.create_endpoint(url, kinds or ("invoice.*",))
        return endpoint.id, secret


def publish(app: Flask, kind: str = "invoice.paid", data: Any = PAID) -> None:
    with app.app_context(), transaction():
        service.publish(kind, data)


def work(app: Flask, endpoint: UUID) -> list[WebhookDelivery]:
    """What the endpoint's deliveries are after a worker has sent what was due, in their order."""
    with app.app_context():
        jobs.deliver(str(endpoint))
        return deliveries_of(app, endpoint)


def deliveries_of(app: Flask, endpoint: UUID) -> list[WebhookDelivery]:
    with app.app_context():
        of = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint)
        return list(db.session.scalars(of.order_by(WebhookDelivery.created_at)))


def make_due(app: Flask) -> None:
    """As if the time of every waiting delivery had come."""
    with app.app_context(), transaction():
        for one in db.session.scalars(select(WebhookDelivery).where(WebhookDelivery.status == "waiting")):
            one.next_try_at = clock.now()


def header(call: tuple[str, str, dict[str, str], str], name: str) -> str:
    return {key.lower(): value for key, value in call[2].items()}[name]


def verified(secret: str, call: tuple[str, str, dict[str, str], str]) -> bool:
    """As a partner does it (docs/security.md)."""
    signed = f"{header(call, 'webhook-id')}.{header(call, 'webhook-timestamp')}.{call[3]}"
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mine = "v1," + base64.b64encode(hmac.new(key, signed.encode(), hashlib.sha256).digest()).decode()
    return mine in header(call, "webhook-signature").split()


def test_a_message_arrives_once_signed_with_what_happened(house: Flask, partner: Partner) -> None:
    endpoint, secret = listen(house, f"{partner.url}/hook?from=gerbang")
    publish(house)
    for _ in range(2):
        [delivery] = work(house, endpoint)
    assert (delivery.status, delivery.attempts, delivery.answer_status) == ("delivered", 1, 200)
    [call] = partner.calls
    assert call[:2] == ("POST", "/hook?from=gerbang")
    body = json.loads(call[3])
    assert (body["type"], body["data"]) == ("invoice.paid", PAID)
    assert header(call, "content-type") == "application/json"
    assert verified(secret, call)
    assert not verified(signing.new_secret(), call)


def test_only_who_wants_the_kind_gets_it_and_a_rollback_sends_nothing(house: Flask, partner: Partner) -> None:
    invoices, _ = listen(house, f"{partner.url}/invoices", "invoice.*")
    paid, _ = listen(house, f"{partner.url}/paid", "invoice.paid", "payment.*")
    every, _ = listen(house, f"{partner.url}/every", "*")
    publish(house, "invoice.issued")
    with house.app_context(), suppress(RuntimeError), transaction():
        service.publish("invoice.issued", {})
        raise RuntimeError
    assert [len(deliveries_of(house, one)) for one in (invoices, paid, every)] == [1, 0, 1]
    with house.app_context(), pytest.raises(ValueError, match="no kind"):
        service.publish("invoice.eaten", {})


def test_a_failure_is_tried_again_for_a_day_and_then_given_up(house: Flask, partner: Partner) -> None:
    partner.status, partner.answer = 500, b"broken\0"
    endpoint, _ = listen(house, partner.url)
    publish(house)
    waits = []
    for _ in range(len(deliveries.RETRY_AFTER)):
        [delivery] = work(house, endpoint)
        assert delivery.status == "waiting"
        assert delivery.next_try_at is not None
        waits.append(delivery.next_try_at - clock.now())
        make_due(house)
    assert sum(waits, timedelta()) > timedelta(hours=23)
    [delivery] = work(house, endpoint)
    assert (delivery.status, delivery.attempts, delivery.next_try_at) == ("failed", 8, None)
    assert delivery.detail.startswith("500 after ")
    assert delivery.detail.endswith(": broken")
    assert len({header(call, "webhook-id") for call in partner.calls}) == 1


def test_what_was_given_up_can_be_sent_again_with_the_same_id(house: Flask, partner: Partner) -> None:
    partner.status = 500
    endpoint, _ = listen(house, partner.url)
    publish(house)
    work(house, endpoint)
    with house.app_context(), transaction():
        delivery = db.session.scalars(select(WebhookDelivery)).one()
        delivery.status, partner.status = "failed", 200
        endpoints.replay(delivery.id)
    assert [one.status for one in work(house, endpoint)] == ["failed", "delivered"]
    assert len({header(call, "webhook-id") for call in partner.calls}) == 1


def test_two_workers_never_send_one_message_twice(house: Flask, partner: Partner) -> None:
    endpoint, _ = listen(house, partner.url)
    with house.app_context(), transaction():
        service.publish_all("invoice.paid", [PAID | {"number": number} for number in range(10)])
    workers = [threading.Thread(target=work, args=(house, endpoint)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(json.loads(call[3])["data"]["number"] for call in partner.calls) == list(range(10))


def test_a_delivery_whose_worker_died_is_sent_by_the_clock(house: Flask, partner: Partner) -> None:
    endpoint, _ = listen(house, partner.url)
    publish(house)
    redis = house.extensions["redis"]
    with house.app_context():
        attempt = deliveries.claim_next(endpoint)
        assert attempt is not None
        assert deliveries.claim_next(endpoint) is None
        redis.flushdb()
        jobs.retry_webhooks()
        assert redis.llen("rq:queue:default") == 0
        make_due(house)
        jobs.retry_webhooks()
        assert redis.llen("rq:queue:default") == 1
    assert work(house, endpoint)[0].status == "delivered"
    with house.app_context():
        deliveries.note_outcome(attempt, deliveries.Outcome(500, "the dead one's word"))
    assert deliveries_of(house, endpoint)[0].status == "delivered"


def test_a_partner_that_hangs_is_left_and_its_other_messages_wait(
    house: Flask, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "PATIENCE", Patience(silence=0.2, whole=0.3))
    partner.silent.set()
    endpoint, _ = listen(house, partner.url)
    publish(house)
    publish(house)
    assert [one.attempts for one in work(house, endpoint)] == [1, 0]
    assert "Timeout" in deliveries_of(house, endpoint)[0].detail


def test_a_redirect_is_a_failure_and_is_not_followed(house: Flask, partner: Partner) -> None:
    partner.status, partner.headers = 307, {"Location": f"{partner.url}/elsewhere"}
    endpoint, _ = listen(house, partner.url)
    publish(house)
    assert work(house, endpoint)[0].answer_status == 307
    assert len(partner.calls) == 1


def test_an_endpoint_that_says_it_is_gone_is_switched_off_and_admins_are_told(
    house: Flask, make: Make, partner: Partner
) -> None:
    make.user("admin", Role.ADMIN)
    partner.status = 410
    endpoint, _ = listen(house, partner.url)
    publish(house)
    publish(house)
    assert [one.status for one in work(house, endpoint)] == ["failed", "failed"]
    assert len(partner.calls) == 1
    with house.app_context():
        assert not db.session.get_one(WebhookEndpoint, endpoint).is_active
        assert db.session.scalars(select(Notification)).one().data["reason"] == "gone"
    publish(house)
    assert len(deliveries_of(house, endpoint)) == 2


def test_a_day_of_nothing_but_failures_switches_an_endpoint_off(house: Flask, partner: Partner) -> None:
    partner.status = 500
    endpoint, _ = listen(house, partner.url)
    for _ in range(2):
        publish(house)
    work(house, endpoint)
    with house.app_context(), transaction():
        health = db.session.get_one(WebhookHealth, endpoint)
        health.failing_since = clock.now() - timedelta(hours=25)
    make_due(house)
    work(house, endpoint)
    with house.app_context():
        assert db.session.get_one(WebhookEndpoint, endpoint).is_active  # two messages are not enough
    publish(house)
    work(house, endpoint)
    with house.app_context(), transaction():
        assert db.session.get_one(WebhookEndpoint, endpoint).disabled_reason == "failing"
        endpoints.update_endpoint(endpoint, {"is_active": True})
    partner.status = 200
    publish(house)
    assert work(house, endpoint)[-1].status == "delivered"
    with house.app_context():
        assert db.session.get_one(WebhookHealth, endpoint).failing_since is None


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "10.0.0.1", "169.254.169.254"])
def test_nothing_is_sent_into_the_house_unless_it_is_allowed(app: Flask, partner: Partner, name: str) -> None:
    with app.app_context(), transaction():
        endpoint = WebhookEndpoint(
            url=f"http://{name}:{partner.server.server_port}/", kinds=["*"], secret=signing.new_secret()
        )
        db.session.add(endpoint)
        db.session.flush()
        endpoint_id = endpoint.id
    publish(app)
    assert "private address" in work(app, endpoint_id)[0].detail
    assert partner.calls == []


def test_messages_are_forgotten_after_a_month(house: Flask, partner: Partner) -> None:
    endpoint, _ = listen(house, partner.url)
    publish(house)
    publish(house)
    with house.app_context(), transaction():
        message = db.session.scalars(select(WebhookMessage)).first()
        assert message is not None
        message.created_at = clock.now() - timedelta(days=31)
    with house.app_context():
        jobs.sweep_webhooks()
    assert len(deliveries_of(house, endpoint)) == 1
