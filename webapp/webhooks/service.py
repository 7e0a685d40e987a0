"""Telling partners what happened: a message in the transaction of what it tells, deliveries after its commit."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any, cast

import orjson
from sqlalchemy import Table, insert, select

from webapp.extensions import db
from webapp.kit import clock
from webapp.queue import enqueue
from webapp.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookMessage

KINDS = (
    "invoice.issued",
    "invoice.paid",
    "invoice.overdue",
    "invoice.cancelled",
    "payment.received",
    "payment.reversed",
    "subscription.started",
    "subscription.changed",
    "subscription.suspended",
    "subscription.resumed",
    "subscription.ended",
    "gate.events",
)
TEST = "webhook.test"
_MESSAGES = cast("Table", WebhookMessage.__table__)
_DELIVERIES = cast("Table", WebhookDelivery.__table__)


def publish(kind: str, data: Mapping[str, Any]) -> None:
    """Tell every endpoint that wants this kind, once the current transaction commits; a rollback forgets it.

    `data` must be what orjson can write: it is the message's `data`. Raises ValueError for an unknown kind.
    """
    publish_all(kind, [data])


def publish_all(kind: str, items: Iterable[Mapping[str, Any]]) -> None:
    """`publish` for each of `items`, at the cost of one look for who wants them."""
    if kind not in KINDS:
        raise ValueError(f"no kind of message {kind!r}")
    endpoints = wanting(kind)
    if endpoints:
        send_to(endpoints, kind, items)


def wanting(kind: str) -> list[uuid.UUID]:
    """The active endpoints that this kind goes to."""
    active = select(WebhookEndpoint.id, WebhookEndpoint.kinds).where(WebhookEndpoint.is_active)
    return [row.id for row in db.session.execute(active) if wants(row.kinds, kind)]


def wants(patterns: Iterable[str], kind: str) -> bool:
    """Whether one of `patterns` (`invoice.paid`, `invoice.*`, `*`) covers the kind."""
    return any(
        pattern in ("*", kind) or (pattern.endswith(".*") and kind.startswith(pattern[:-1]))
        for pattern in patterns
    )


def send_to(endpoints: Iterable[uuid.UUID], kind: str, items: Iterable[Mapping[str, Any]]) -> list[uuid.UUID]:
    """Messages on their way to these endpoints after the commit; the deliveries' ids."""
    from webapp.webhooks.jobs import deliver

    endpoints = list(endpoints)
    messages = [_message(kind, data) for data in items]
    deliveries = [_delivery(endpoint, message) for message in messages for endpoint in endpoints]
    if deliveries:
        db.session.execute(insert(_MESSAGES), messages)
        db.session.execute(insert(_DELIVERIES), deliveries)
        for endpoint in endpoints:
            enqueue(deliver, str(endpoint))
    return [one["id"] for one in deliveries]


def send_again(delivery: WebhookDelivery) -> WebhookDelivery:
    """The same message once more to the same endpoint, after the commit."""
    from webapp.webhooks.jobs import deliver

    again = WebhookDelivery(
        endpoint_id=delivery.endpoint_id, message_id=delivery.message_id, next_try_at=clock.now()
    )
    db.session.add(again)
    db.session.flush()
    enqueue(deliver, str(delivery.endpoint_id))
    return again


def _message(kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    now = clock.now()
    told = {"type": kind, "timestamp": now.strftime("%Y-%m-%dT%H:%M:%SZ"), "data": data}
    return {"id": uuid.uuid4(), "kind": kind, "body": orjson.dumps(told).decode(), "created_at": now}


def _delivery(endpoint: uuid.UUID, message: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": uuid.uuid4(),
        "endpoint_id": endpoint,
        "message_id": message["id"],
        "status": "waiting",
        "attempts": 0,
        "next_try_at": message["created_at"],
        "detail": "",
        "created_at": message["created_at"],
    }
