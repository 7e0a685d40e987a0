"""Partners are told of every event at gates, once, in messages of at most a thousand."""

from datetime import timedelta

import orjson
import pytest
from flask import Flask
from sqlalchemy import select

from tests.support.factories import Make
from webapp.database import transaction
from webapp.extensions import db
from webapp.gates import jobs, partners
from webapp.kit import clock
from webapp.webhooks import endpoints
from webapp.webhooks.models import WebhookDelivery, WebhookMessage


def listen(app: Flask) -> None:
    with app.app_context(), transaction():
        endpoints.create_endpoint("https://partner.example.com/", ["gate.events"])


def told(app: Flask) -> list[list[int]]:
    """The times of the events in each message so far."""
    with app.app_context():
        sent = select(WebhookMessage.body).join(WebhookDelivery).order_by(WebhookMessage.created_at)
        bodies = [orjson.loads(body)["data"]["events"] for body in db.session.scalars(sent)]
    return sorted([one["event_time"] for one in events] for events in bodies)


def run(app: Flask) -> int:
    """The job, and how many more of it were asked for."""
    redis = app.extensions["redis"]
    redis.flushdb()
    with app.app_context():
        jobs.tell_partners()
    return sum(
        b"tell_partners" in redis.hget(f"rq:job:{name.decode()}", "description")
        for name in redis.lrange("rq:queue:default", 0, -1)
    )


def test_each_event_is_told_once_and_only_from_when_somebody_listens(app: Flask, make: Make) -> None:
    gate = make.open_gate()
    make.events(gate, 1)
    run(app)
    listen(app)
    run(app)
    make.events(gate, 2, 3)
    run(app)
    make.events(gate, 4)
    run(app)
    run(app)
    assert told(app) == [[2, 3], [4]]


def test_many_go_in_several_messages(app: Flask, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partners, "BATCH", 2)
    monkeypatch.setattr(partners, "BATCHES", 2)
    listen(app)
    gate = make.open_gate()
    run(app)
    make.events(gate, *range(5))
    assert run(app) == 1
    assert run(app) == 0
    assert told(app) == [[0, 1], [2, 3], [4]]


def test_nobody_is_flooded_with_what_happened_while_they_did_not_listen(app: Flask, make: Make) -> None:
    listen(app)
    gate = make.open_gate()
    run(app)
    make.events(gate, 1)
    with app.app_context(), transaction():
        mark = db.session.scalars(select(WebhookMessage)).one()
        mark.created_at = clock.now() - timedelta(days=2)
    run(app)
    make.events(gate, 2)
    run(app)
    assert told(app) == [[2]]
