"""What the activity log says about a customer: of the row itself, of subscriptions, lines and notes."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select

from webapp.activity import queries
from webapp.activity.models import Activity
from webapp.activity.queries import ActivityFilter
from webapp.extensions import db
from webapp.subscribers.models import CustomerNote, Subscription, TechnicalData

_PARTS: tuple[Any, ...] = (Subscription, TechnicalData, CustomerNote)
_EACH = 10  # of their latest subscriptions, lines, notes


def trail(customer_id: int, limit: int = 50) -> Sequence[Activity]:
    """The newest lines, the newest first."""
    found = [
        line
        for kind, row_id in _objects(customer_id)
        for line in queries.latest(ActivityFilter(object_type=kind, object_id=str(row_id)), limit=limit)
    ]
    return sorted(found, key=lambda line: line.id, reverse=True)[:limit]


def _objects(customer_id: int) -> Iterator[tuple[str, int]]:
    yield "customers", customer_id
    for part in _PARTS:
        mine = select(part.id).where(part.customer_id == customer_id).order_by(part.id.desc())
        for row_id in db.session.scalars(mine.limit(_EACH)):
            yield part.__tablename__, row_id
