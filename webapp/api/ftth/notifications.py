"""What the caller was told (contract 2, Notifications Endpoints)."""

from typing import Any

from flask import Response

from webapp.api.ftth import envelope, ftth
from webapp.api.ftth.notice_schemas import MarkedOut, NotificationOut, NotificationQuery, NotificationsOut
from webapp.identity import VIEWER, current_visit
from webapp.notifications import queries, service
from webapp.notifications.live import Told
from webapp.notifications.models import Notification, Receipt

PATH = "/api/notifications"


@ftth.operation("GET", f"{PATH}/", policy=VIEWER, query=NotificationQuery, returns=NotificationsOut)
def list_notifications(query: NotificationQuery) -> Response:
    """The caller's notifications, newest first, and how many are unread."""
    me = current_visit().user_id
    found, total = queries.page(
        me, unread_only=query.unread_only, kind=query.type or "", skip=query.skip, limit=query.limit
    )
    listed = {"data": [presented(one) for one in found], "total_count": total}
    return envelope.ok(
        listed | {"skip": query.skip, "limit": query.limit, "unread_count": queries.unread(me)}
    )


@ftth.operation(
    "PATCH", f"{PATH}/<int:notification_id>/read", policy=VIEWER, returns=NotificationOut, errors=[404]
)
def read_notification(notification_id: int) -> Response:
    """Mark a notification of the caller's as read."""
    return envelope.ok(presented(service.mark_read(current_visit().user_id, notification_id)))


@ftth.operation("PATCH", f"{PATH}/read", policy=VIEWER, returns=MarkedOut)
def read_all_notifications() -> Response:
    """Mark all of the caller's notifications as read."""
    return envelope.ok({"updated": service.mark_all_read(current_visit().user_id)})


def presented(receipt: Receipt) -> dict[str, Any]:
    """With the form of the WebSocket's messages inside."""
    return {
        "id": receipt.notification_id,
        **message(receipt.notification),
        "is_read": receipt.read_at is not None,
        "read_at": envelope.moment(receipt.read_at),
    }


def message(one: Notification | Told) -> dict[str, Any]:
    """Contract 2, WebSocket Message Format."""
    return {
        "type": one.kind,
        "message": one.message,
        "data": one.data,
        "timestamp": envelope.moment(one.created_at),
    }
