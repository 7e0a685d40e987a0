"""Sending, trying again, and forgetting what is long past."""

import uuid
from datetime import timedelta

from sqlalchemy import delete, select

from webapp.database import pause
from webapp.extensions import db
from webapp.kit import clock
from webapp.queue import enqueue, job
from webapp.webhooks import deliveries
from webapp.webhooks.models import WebhookDelivery, WebhookMessage

KEPT_DAYS = 30
_BATCH = 1_000


@job(queue="default", timeout=180, retries=0)
def deliver(endpoint_id: str) -> None:
    """Send an endpoint what is due."""
    if deliveries.send_due(uuid.UUID(endpoint_id)):
        enqueue(deliver, endpoint_id)


@job(queue="high")
def retry_webhooks() -> None:
    """Send again what failed or what a dead worker left, when it is due."""
    due = select(WebhookDelivery.endpoint_id).where(
        WebhookDelivery.status == "waiting", WebhookDelivery.next_try_at <= clock.now()
    )
    for endpoint_id in db.session.scalars(due.distinct()):
        enqueue(deliver, str(endpoint_id))


@job(queue="low", timeout=3600)
def sweep_webhooks() -> None:
    """Forget messages and their deliveries after 30 days."""
    old = WebhookMessage.created_at < clock.now() - timedelta(days=KEPT_DAYS)
    while ids := db.session.scalars(select(WebhookMessage.id).where(old).limit(_BATCH)).all():
        db.session.execute(delete(WebhookMessage).where(WebhookMessage.id.in_(ids)))
        pause()
