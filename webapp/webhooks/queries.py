"""Reading partners' addresses and what was delivered there."""

import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select

from webapp.extensions import db
from webapp.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookHealth, WebhookMessage

COUNTED = 10_000


def endpoints(skip: int = 0, limit: int = 100) -> tuple[Sequence[WebhookEndpoint], int]:
    """Endpoints from the `skip`th on, by age, and how many there are."""
    total = db.session.scalar(select(func.count()).select_from(WebhookEndpoint)) or 0
    oldest = select(WebhookEndpoint).order_by(WebhookEndpoint.created_at, WebhookEndpoint.id)
    return db.session.scalars(oldest.offset(skip).limit(limit)).all(), total


def health(endpoint_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, WebhookHealth]:
    found = select(WebhookHealth).where(WebhookHealth.endpoint_id.in_(endpoint_ids))
    return {one.endpoint_id: one for one in db.session.scalars(found)}


def deliveries(
    endpoint_id: uuid.UUID, *, status: str = "", skip: int = 0, limit: int = 15
) -> tuple[Sequence[WebhookDelivery], int]:
    """The endpoint's deliveries from the `skip`th on, newest first; how many there are, counted up to 10,000."""
    chosen = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint_id)
    if status:
        chosen = chosen.where(WebhookDelivery.status == status)
    counted = chosen.with_only_columns(WebhookDelivery.id).limit(COUNTED).subquery()
    total = db.session.scalar(select(func.count()).select_from(counted)) or 0
    newest = chosen.order_by(WebhookDelivery.created_at.desc(), WebhookDelivery.id)
    return db.session.scalars(newest.offset(skip).limit(limit)).all(), total


def kinds_of(message_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Message id → its kind, without the bodies."""
    found = select(WebhookMessage.id, WebhookMessage.kind).where(WebhookMessage.id.in_(message_ids))
    return {row.id: row.kind for row in db.session.execute(found)}
