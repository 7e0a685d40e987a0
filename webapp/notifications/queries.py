"""Reading one account's notifications, newest first."""

from collections.abc import Sequence

from sqlalchemy import Select, func, select

from webapp.extensions import db
from webapp.notifications.models import Notification, Receipt

COUNTED = 1_000  # a bell need not know more exactly


def page(
    user_id: int, *, unread_only: bool = False, kind: str = "", skip: int = 0, limit: int = 15
) -> tuple[Sequence[Receipt], int]:
    """The account's notifications from the `skip`th on, and how many there are."""
    chosen = _of(user_id, unread_only, kind)
    total = db.session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
    newest = chosen.order_by(Receipt.notification_id.desc())
    return db.session.scalars(newest.offset(skip).limit(limit)).all(), total


def unread(user_id: int) -> int:
    """How many the account has not read, counted up to 1,000."""
    some = (
        select(Receipt.notification_id)
        .where(Receipt.user_id == user_id, Receipt.read_at.is_(None))
        .limit(COUNTED)
    )
    return db.session.scalar(select(func.count()).select_from(some.subquery())) or 0


def newest(user_id: int) -> int:
    """The id of the account's latest notification; 0 when it has none."""
    return db.session.scalar(select(func.max(Receipt.notification_id)).where(Receipt.user_id == user_id)) or 0


def _of(user_id: int, unread_only: bool, kind: str) -> Select[Receipt]:
    chosen = select(Receipt).join(Receipt.notification).where(Receipt.user_id == user_id)
    if unread_only:
        chosen = chosen.where(Receipt.read_at.is_(None))
    return chosen.where(Notification.kind == kind) if kind else chosen
