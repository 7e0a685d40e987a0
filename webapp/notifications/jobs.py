"""Housekeeping of notifications."""

from datetime import timedelta

from sqlalchemy import delete, select

from webapp.database import pause
from webapp.extensions import db
from webapp.kit import clock
from webapp.notifications.models import Notification
from webapp.queue import job

KEPT_DAYS = 90
_BATCH = 500


@job(queue="low", timeout=3600)
def sweep_notifications() -> None:
    """Forget notifications after 90 days."""
    old = Notification.created_at < clock.now() - timedelta(days=KEPT_DAYS)
    while ids := db.session.scalars(select(Notification.id).where(old).limit(_BATCH)).all():
        db.session.execute(delete(Notification).where(Notification.id.in_(ids)))
        pause()
