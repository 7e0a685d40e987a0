"""Telling people of the house what happened, and keeping what each has read."""

from collections.abc import Mapping
from typing import Any

import redis
from sqlalchemy import Insert, event, insert, literal, select, update
from sqlalchemy.orm import Session, SessionTransaction

from webapp.accounts.models import Role, User
from webapp.database import lock, rows_changed
from webapp.errors import NotFound
from webapp.extensions import db, log
from webapp.kit import clock
from webapp.notifications.models import KINDS, Notification, Receipt
from webapp.queue import connection

CHANNEL = "gerbang:notifications"
MAX_MESSAGE = 1_000  # characters
_WAITING = "notifications_waiting_for_commit"
_TOLD = "notifications_were_written"


def notify(kind: str, message: str, data: Mapping[str, Any], *, role: Role = Role.VIEWER) -> Notification:
    """Tell every active account of at least `role`, once the current transaction commits; a rollback forgets it.

    `kind` is one of models.KINDS; `message` is for people, in the contract's language; `data` must be JSON and hold no
    secret. The notification has no id before the commit. Raises ValueError for an unknown kind.
    """
    if kind not in KINDS:
        raise ValueError(f"no kind of notification {kind!r}")
    made = Notification(
        kind=kind, message=message[:MAX_MESSAGE], data=dict(data), role_level=role, created_at=clock.now()
    )
    savepoint = db.session().get_nested_transaction()
    db.session.info.setdefault(_WAITING, []).append((made, savepoint))
    db.session.connection()  # a transaction to wait for, even when nothing has been read or written yet
    return made


@event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    """Last of all and one writer after the other, so that ids become visible in their order: whoever asks for what
    came after an id misses nothing, and nobody waits for a long transaction."""
    waiting = session.info.pop(_WAITING, [])
    if not waiting:
        return
    lock("notifications")
    for made, _ in waiting:
        session.add(made)
        session.flush()
        session.execute(_receipts(made))
    session.info[_TOLD] = True


def _receipts(made: Notification) -> Insert:
    """A copy for each account that may see it today; later ones are not told of what was before them."""
    who = select(User.id, literal(made.id)).where(
        User.is_active, User.deleted_at.is_(None), User.role_level >= made.role_level
    )
    return insert(Receipt).from_select(["user_id", "notification_id"], who)


@event.listens_for(Session, "after_commit")
def _nudge(session: Session) -> None:
    """Every process looks now; without Redis it does within a second."""
    if not session.info.pop(_TOLD, False):
        return
    try:
        connection().publish(CHANNEL, b"")
    except redis.RedisError as error:
        log.debug("nudge_not_sent", error=str(error))


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, previous: SessionTransaction) -> None:
    """What a rolled back transaction wanted to tell; of a savepoint, what was said in it."""
    waiting = session.info.pop(_WAITING, [])
    if previous.parent is not None:
        session.info[_WAITING] = [one for one in waiting if one[1] is not previous]


def mark_read(user_id: int, notification_id: int) -> Receipt:
    """That the account has read it; the first time counts. Raises NotFound, also for what others were told."""
    receipt = db.session.get(Receipt, (user_id, notification_id))
    if receipt is None:
        raise NotFound("Notification not found")
    receipt.read_at = receipt.read_at or clock.now()
    db.session.flush()
    return receipt


def mark_all_read(user_id: int) -> int:
    """That the account has read all it was told so far; how many that were."""
    unread = update(Receipt).where(Receipt.user_id == user_id, Receipt.read_at.is_(None))
    return rows_changed(unread.values(read_at=clock.now()))
