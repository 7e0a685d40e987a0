"""What partners are told of gates: every event, a message a minute (webhooks, `gate.events`), none twice or left out.

How far they have been told is a message to nobody, kept with the others and moved with each batch in one transaction.
"""

import uuid
from datetime import timedelta

import orjson
from sqlalchemy import func, select

from webapp.database import lock
from webapp.extensions import db
from webapp.gates.models import GateEvent
from webapp.gates.stream import AFTER, StreamEvent
from webapp.kit import clock
from webapp.webhooks import service
from webapp.webhooks.models import WebhookMessage

KIND = "gate.events"
BATCH = 1_000  # events in a message
BATCHES = 5  # messages in a transaction
STALE = timedelta(hours=24)  # who begins to listen after that is told what happens from then on
_MARK = uuid.UUID("9a7e0000-0000-4000-8000-000000000001")


def tell() -> bool:
    """Tell those who want it of the events since the last time; whether there are more. In the current transaction."""
    endpoints = service.wanting(KIND)
    if not endpoints:
        return False
    lock(KIND)
    mark, cursor = _mark()
    batches = 0
    while batches < BATCHES and (events := _after(cursor)):
        cursor, batches = events[-1].id, batches + 1
        service.send_to(endpoints, KIND, [{"events": [one._asdict() for one in events]}])
    mark.body, mark.created_at = orjson.dumps({"told": cursor}).decode(), clock.now()
    return batches == BATCHES


def _mark() -> tuple[WebhookMessage, int]:
    """The mark, and the id of the last event that was told; of the newest, when nobody has listened for long."""
    mark = db.session.get(WebhookMessage, _MARK)
    if mark is not None and mark.created_at > clock.now() - STALE:
        return mark, orjson.loads(mark.body)["told"]
    if mark is None:
        mark = WebhookMessage(id=_MARK, kind=KIND, body="")
        db.session.add(mark)
    return mark, db.session.scalar(select(func.max(GateEvent.id))) or 0


def _after(cursor: int) -> list[StreamEvent]:
    return [StreamEvent(*row) for row in db.session.execute(AFTER.limit(BATCH), {"after": cursor})]
