"""Partners' addresses: made, changed, their secrets renewed, switched on again."""

import ipaddress
import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from webapp import audit, config
from webapp.database import lock
from webapp.errors import Conflict, Invalid, NotFound
from webapp.extensions import db
from webapp.kit import clock
from webapp.outgoing import is_among, is_public, target_of
from webapp.webhooks import signing
from webapp.webhooks.deliveries import health_of, switch_off
from webapp.webhooks.models import WebhookDelivery, WebhookEndpoint
from webapp.webhooks.service import KINDS, TEST, send_again, send_to, wants

MAX_ENDPOINTS = 100
OVERLAP = timedelta(hours=24)  # how long messages are signed with the secret before, too
_GROUPS = dict.fromkeys(kind.partition(".")[0] + ".*" for kind in KINDS)
# What an endpoint may want: everything, or of each group all or some.
PATTERNS = (
    "*",
    *(one for group in _GROUPS for one in (group, *(kind for kind in KINDS if wants([group], kind)))),
)


def create_endpoint(url: str, kinds: Sequence[str], description: str = "") -> tuple[WebhookEndpoint, str]:
    """A new endpoint and its secret, which is not shown again. Raises Invalid, and Conflict when there are 100."""
    lock("webhook endpoints")
    if (db.session.scalar(select(func.count()).select_from(WebhookEndpoint)) or 0) >= MAX_ENDPOINTS:
        raise Conflict("There are too many webhooks")
    endpoint = WebhookEndpoint(created_by_id=audit.current().user_id, secret=signing.new_secret())
    _write(endpoint, {"url": url, "kinds": kinds, "description": description})
    db.session.add(endpoint)
    db.session.flush()
    health_of(endpoint)
    return endpoint, endpoint.secret or ""


def get_endpoint(endpoint_id: uuid.UUID) -> WebhookEndpoint:
    """Raises NotFound."""
    endpoint = db.session.get(WebhookEndpoint, endpoint_id)
    if endpoint is None:
        raise NotFound("Webhook not found")
    return endpoint


def update_endpoint(endpoint_id: uuid.UUID, changes: Mapping[str, Any]) -> WebhookEndpoint:
    """Change `url`, `kinds`, `description` or `is_active`. Raises NotFound, Invalid."""
    endpoint = get_endpoint(endpoint_id)
    active = changes.get("is_active", endpoint.is_active)
    _write(endpoint, {name: value for name, value in changes.items() if name != "is_active"})
    if active and not endpoint.is_active:
        endpoint.is_active, endpoint.disabled_reason = True, ""
        health_of(endpoint).failing_since = None  # it begins anew
    elif endpoint.is_active and not active:
        switch_off(endpoint, "hand")
    db.session.flush()
    return endpoint


def delete_endpoint(endpoint_id: uuid.UUID) -> None:
    """It goes with its deliveries. Raises NotFound."""
    db.session.delete(get_endpoint(endpoint_id))


def rotate_secret(endpoint_id: uuid.UUID) -> tuple[WebhookEndpoint, str]:
    """A new secret, shown once; for 24 hours messages are signed with the old one as well. Raises NotFound."""
    endpoint = get_endpoint(endpoint_id)
    endpoint.previous_secret, endpoint.previous_until = endpoint.secret, clock.now() + OVERLAP
    endpoint.secret = fresh = signing.new_secret()
    db.session.flush()
    return endpoint, fresh


def send_test(endpoint_id: uuid.UUID) -> WebhookDelivery:
    """Send it a message of the kind `webhook.test`. Raises NotFound, Conflict while it is switched off."""
    endpoint = _active(endpoint_id)
    [delivery_id] = send_to([endpoint.id], TEST, [{"message": "It works"}])
    return db.session.get_one(WebhookDelivery, delivery_id)


def replay(delivery_id: uuid.UUID) -> WebhookDelivery:
    """Send the message of a delivery that has ended once more, with the same id. Raises NotFound, Conflict."""
    delivery = get_delivery(delivery_id)
    endpoint = _active(delivery.endpoint_id)
    if delivery.status == "waiting":
        raise Conflict("This delivery is still on its way")
    audit.note("replay", "webhook_endpoints", endpoint.id, endpoint.url)
    return send_again(delivery)


def get_delivery(delivery_id: uuid.UUID) -> WebhookDelivery:
    """Raises NotFound."""
    delivery = db.session.get(WebhookDelivery, delivery_id)
    if delivery is None:
        raise NotFound("Delivery not found")
    return delivery


def _active(endpoint_id: uuid.UUID) -> WebhookEndpoint:
    endpoint = get_endpoint(endpoint_id)
    if not endpoint.is_active:
        raise Conflict("This webhook is switched off")
    return endpoint


def _write(endpoint: WebhookEndpoint, fields: Mapping[str, Any]) -> None:
    wrong: dict[str, str] = {}
    if "url" in fields:
        try:
            endpoint.url = _checked(fields["url"])
        except ValueError as error:
            wrong["url"] = str(error)
    if "kinds" in fields:
        unknown = [kind for kind in fields["kinds"] if kind not in PATTERNS]
        if unknown or not fields["kinds"]:
            wrong["kinds"] = f"No such kind: {unknown[0][:60]}" if unknown else "Choose at least one"
        endpoint.kinds = sorted(set(fields["kinds"]), key=lambda kind: (*PATTERNS, kind).index(kind))
    endpoint.description = fields.get("description", endpoint.description or "").strip()
    if wrong:
        raise Invalid(wrong)


def _checked(url: str) -> str:
    """An address that may be called as far as it can be told without looking it up. Raises ValueError."""
    target = target_of(url.strip())
    if len(url.strip()) > 500:
        raise ValueError("Must be at most 500 characters")
    if _is_private(target.hostname or "") and not is_among(config.current().WEBHOOK_PRIVATE_HOSTS, target):
        raise ValueError("Is a private address (see WEBHOOK_PRIVATE_HOSTS)")
    return url.strip()


def _is_private(host: str) -> bool:
    """Whether it is an address, and a private one; where a name leads is seen when it is called."""
    try:
        return not is_public(ipaddress.ip_address(host))
    except ValueError:
        return False
