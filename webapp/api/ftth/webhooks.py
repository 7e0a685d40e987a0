"""Partners' addresses and what was delivered there (beyond the document, in its style)."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Response

from webapp.api.ftth import envelope, ftth
from webapp.api.ftth.webhook_schemas import (
    DeliveryOut,
    DeliveryQuery,
    ListQuery,
    NewWebhookOut,
    WebhookIn,
    WebhookOut,
    WebhookPatch,
)
from webapp.identity import ADMIN
from webapp.webhooks import endpoints, queries
from webapp.webhooks.deliveries import public_id
from webapp.webhooks.models import WebhookDelivery, WebhookEndpoint

PATH = "/api/webhooks"
ONE = f"{PATH}/<uuid:webhook_id>"


@ftth.operation("GET", PATH, policy=ADMIN, query=ListQuery, returns=WebhookOut, paged=True)
def list_webhooks(query: ListQuery) -> Response:
    """All webhooks."""
    found, total = queries.endpoints(query.skip, query.limit)
    return envelope.page(_all(found), total, query.skip, query.limit)


@ftth.operation("POST", PATH, policy=ADMIN, body=WebhookIn, returns=NewWebhookOut, status=201, errors=[409])
def create_webhook(body: WebhookIn) -> Response:
    """Have messages sent to an address; the answer has the secret that they are signed with, this once."""
    endpoint, secret = endpoints.create_endpoint(body.url, body.kinds, body.description)
    response = envelope.secret(_one(endpoint) | {"secret": secret})
    response.status_code = 201
    return response


@ftth.operation("GET", ONE, policy=ADMIN, returns=WebhookOut, errors=[404])
def get_webhook(webhook_id: UUID) -> Response:
    """One webhook."""
    return envelope.ok(_one(endpoints.get_endpoint(webhook_id)))


@ftth.operation("PATCH", ONE, policy=ADMIN, body=WebhookPatch, returns=WebhookOut, errors=[404])
def update_webhook(webhook_id: UUID, body: WebhookPatch) -> Response:
    """Change a webhook, or switch it off and on."""
    changes = body.model_dump(exclude_none=True)
    return envelope.ok(_one(endpoints.update_endpoint(webhook_id, changes)))


@ftth.operation("DELETE", ONE, policy=ADMIN, status=204, errors=[404])
def delete_webhook(webhook_id: UUID) -> Response:
    """Delete a webhook with its deliveries."""
    endpoints.delete_endpoint(webhook_id)
    return Response(status=204)


@ftth.operation("POST", f"{ONE}/rotate-secret", policy=ADMIN, returns=NewWebhookOut, errors=[404])
def rotate_webhook_secret(webhook_id: UUID) -> Response:
    """A new secret, told this once; for 24 hours messages are signed with the old one as well."""
    endpoint, secret = endpoints.rotate_secret(webhook_id)
    return envelope.secret(_one(endpoint) | {"secret": secret})


@ftth.operation("POST", f"{ONE}/test", policy=ADMIN, returns=DeliveryOut, status=202, errors=[404, 409])
def test_webhook(webhook_id: UUID) -> Response:
    """Send it a message of the type `webhook.test`."""
    return envelope.ok(_deliveries([endpoints.send_test(webhook_id)])[0], 202)


@ftth.operation(
    "GET",
    f"{ONE}/deliveries",
    policy=ADMIN,
    query=DeliveryQuery,
    returns=DeliveryOut,
    paged=True,
    errors=[404],
)
def list_webhook_deliveries(webhook_id: UUID, query: DeliveryQuery) -> Response:
    """What was sent there, newest first; `total_count` counts up to 10,000."""
    endpoint = endpoints.get_endpoint(webhook_id)
    found, total = queries.deliveries(
        endpoint.id, status=query.status or "", skip=query.skip, limit=query.limit
    )
    return envelope.page(_deliveries(found), total, query.skip, query.limit)


@ftth.operation(
    "POST",
    f"{PATH}/deliveries/<uuid:delivery_id>/replay",
    policy=ADMIN,
    returns=DeliveryOut,
    status=202,
    errors=[404, 409],
)
def replay_webhook_delivery(delivery_id: UUID) -> Response:
    """Send the message of a delivery that has ended once more, with the same `webhook-id`."""
    return envelope.ok(_deliveries([endpoints.replay(delivery_id)])[0], 202)


def _one(endpoint: WebhookEndpoint) -> dict[str, Any]:
    return _all([endpoint])[0]


def _all(found: Sequence[WebhookEndpoint]) -> list[dict[str, Any]]:
    health = queries.health([one.id for one in found])
    return [_presented(one, health) for one in found]


def _presented(endpoint: WebhookEndpoint, health: Mapping[UUID, Any]) -> dict[str, Any]:
    known = health.get(endpoint.id)
    return {
        "id": str(endpoint.id),
        "url": endpoint.url,
        "kinds": endpoint.kinds,
        "description": endpoint.description,
        "is_active": endpoint.is_active,
        "disabled_reason": endpoint.disabled_reason,
        "failing_since": envelope.moment(known.failing_since) if known else None,
        "last_success_at": envelope.moment(known.last_success_at) if known else None,
        "created_at": envelope.moment(endpoint.created_at),
        "updated_at": envelope.moment(endpoint.updated_at),
    }


def _deliveries(found: Sequence[WebhookDelivery]) -> list[dict[str, Any]]:
    kinds = queries.kinds_of([one.message_id for one in found])
    return [
        {
            "id": str(one.id),
            "message_id": public_id(one.message_id),
            "type": kinds[one.message_id],
            "status": one.status,
            "attempts": one.attempts,
            "answer_status": one.answer_status,
            "detail": one.detail,
            "created_at": envelope.moment(one.created_at),
            "next_try_at": envelope.moment(one.next_try_at),
            "finished_at": envelope.moment(one.finished_at),
        }
        for one in found
    ]
