"""Notifications as they happen: to whoever was told, in whichever process they listen."""

from collections import defaultdict
from collections.abc import Generator
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, cast
from uuid import UUID

import redis
from flask import Flask, current_app
from sqlalchemy import Engine, func, select

from webapp.accounts.queries import live_sessions
from webapp.database import intent
from webapp.extensions import db
from webapp.notifications.models import Notification, Receipt
from webapp.notifications.service import CHANNEL
from webapp.tails import Source, Tail

CHUNK = 100


class Told(NamedTuple):
    """A notification and the accounts that have a copy."""

    id: int
    kind: str
    message: str
    data: dict[str, Any]
    created_at: datetime
    user_ids: frozenset[int]


class Hub(Tail[Told]):
    """The process's tail of the notifications, shared by all its followers."""

    def __init__(self, engine: Engine, connection: "redis.Redis") -> None:
        source = Source(
            partial(_read, engine), partial(_latest, engine), CHANNEL, partial(live_sessions, engine)
        )
        super().__init__(source, connection)

    def follow(
        self, session_id: UUID, user_id: int, after: int | None = None, idle: float | None = None
    ) -> Generator[list[Told]]:
        """What the account was told after the notification `after` (None: from now on), as Tail.listen gives it."""
        return self.listen(session_id, after, lambda one: user_id in one.user_ids, idle)


def _latest(engine: Engine) -> int:
    with intent(write=False), engine.connect() as connection:
        return connection.scalar(select(func.max(Notification.id))) or 0


def _read(engine: Engine, after: int) -> list[Told]:
    fields = (
        Notification.id,
        Notification.kind,
        Notification.message,
        Notification.data,
        Notification.created_at,
    )
    following = select(*fields).where(Notification.id > after).order_by(Notification.id).limit(CHUNK)
    with intent(write=False), engine.connect() as connection:
        rows = connection.execute(following).all()
        copies = select(Receipt.notification_id, Receipt.user_id)
        told: dict[int, set[int]] = defaultdict(set)
        for notification_id, user_id in connection.execute(
            copies.where(Receipt.notification_id.in_([row.id for row in rows]))
        ):
            told[notification_id].add(user_id)
    return [Told(**row._asdict(), user_ids=frozenset(told[row.id])) for row in rows]


def init_app(app: Flask) -> None:
    """Does no I/O and starts no thread."""
    app.extensions["notifications"] = made = Hub(db.engine, app.extensions["redis"])
    app.extensions.setdefault("streams", []).append(made)  # gunicorn.conf.py tells each when the worker stops


def hub() -> Hub:
    """The running application's."""
    return cast("Hub", current_app.extensions["notifications"])
