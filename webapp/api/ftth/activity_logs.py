"""The product's activity log (contract 2, Activity Logs Endpoints)."""

from datetime import date, datetime
from typing import Any

from flask import Response

from webapp import config
from webapp.activity import queries
from webapp.activity.models import Activity
from webapp.activity.queries import ActivityFilter
from webapp.api.ftth import envelope, ftth
from webapp.api.ftth.notice_schemas import ActivityOut, ActivityQuery
from webapp.identity import ADMIN
from webapp.kit import clock


@ftth.operation(
    "GET", "/api/activity-logs/", policy=ADMIN, query=ActivityQuery, returns=ActivityOut, paged=True
)
def list_activity_logs(query: ActivityQuery) -> Response:
    """Who did what, newest first; `total_count` counts up to 10,000."""
    chosen = ActivityFilter(
        user_id=query.user_id,
        action=query.action,
        start=_bound(query.start_date, 0),
        end=_bound(query.end_date, 1),
    )
    lines = queries.latest(chosen, query.skip, query.limit)
    return envelope.page([_presented(line) for line in lines], queries.count(chosen), query.skip, query.limit)


def _bound(day: date | None, which: int) -> datetime | None:
    """Where a business day begins (0) or ends (1)."""
    return clock.from_unix(clock.day_bounds(day, config.current().timezone)[which]) if day else None


def _presented(line: Activity) -> dict[str, Any]:
    return {
        "id": line.id,
        "user_id": line.user_id,
        "username": line.actor_name,
        "action": line.action,
        "object_type": line.object_type,
        "object_id": line.object_id,
        "object_label": line.object_label,
        "changes": line.changes,
        "surface": line.door,
        "ip_address": line.ip_address,
        "timestamp": envelope.moment(line.at),
    }
