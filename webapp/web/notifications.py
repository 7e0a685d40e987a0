"""What the reader was told: the bell on every page, and the list behind it."""

from functools import partial
from typing import Annotated, Any

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from pydantic import BeforeValidator

from webapp.accounts.models import Role
from webapp.identity import VIEWER, current_visit, signed_in
from webapp.notifications import queries, service
from webapp.notifications.models import KINDS, Notification
from webapp.web import htmx, lists, web
from webapp.web.forms import Listing, Query

PAGE_SIZE = 20
LATEST = 6
# What a notification is about, by what its data names: its page and that page's variable.
_PAGES = (
    ("invoice_id", "web.invoices_detail", "invoice_id"),
    ("pelanggan_id", "web.customers_detail", "customer_id"),
    ("mikrotik_server_id", "web.routers_detail", "router_id"),
    ("import_id", "web.imports_detail", "import_id"),
    ("webhook_id", "web.webhooks_detail", "webhook_id"),
)
# Where its data names whom or what it is about; the messages of routers and webhooks say it themselves.
_NAMES = ("nomor_invoice", "pelanggan_nama", "file_name")


class NotificationListing(Listing):
    state: Annotated[str, BeforeValidator(lambda text: text if text == "unread" else "")] = ""
    kind: Annotated[str, BeforeValidator(lambda text: text if text in KINDS else "")] = ""


@web.page("/notifications", policy=VIEWER)
def notifications() -> str:
    kinds = [(kind, notification_kind(kind)[0]) for kind in KINDS]
    return render_template("notifications/index.html", kinds=kinds, **_listed())


@web.page("/notifications/rows", policy=VIEWER)
def notifications_rows() -> ResponseReturnValue:
    return htmx.rows(render_template("notifications/_rows.html", **_listed()), "web.notifications")


@web.page("/notifications/latest", policy=VIEWER)
def notifications_latest() -> str:
    """What the bell shows when it is opened."""
    found, _total = queries.page(current_visit().user_id, limit=LATEST)
    return render_template("notifications/_latest.html", receipts=found)


@web.page("/notifications/<int:notification_id>/read", policy=VIEWER, methods=["POST"])
def notifications_read(notification_id: int) -> ResponseReturnValue:
    service.mark_read(current_visit().user_id, notification_id)
    return redirect(lists.back_to("web.notifications"), 303)


@web.page("/notifications/read", policy=VIEWER, methods=["POST"])
def notifications_read_all() -> ResponseReturnValue:
    count = service.mark_all_read(current_visit().user_id)
    flash(
        ngettext("%(num)s notification marked as read.", "%(num)s notifications marked as read.", count),
        "success",
    )
    return redirect(lists.back_to("web.notifications"), 303)


def _listed() -> dict[str, Any]:
    asked = Query(NotificationListing).data
    unread_only = asked.state == "unread"
    mine = partial(queries.page, current_visit().user_id, unread_only=unread_only, kind=asked.kind)
    return {"page": lists.sliced(mine, asked.page, PAGE_SIZE)}


@web.app_template_global()
def bell() -> dict[str, int] | None:
    """How many notifications the reader has not read, and the newest of them all; None for whom there are none."""
    visit = signed_in()
    if visit is None or visit.role < Role.VIEWER:
        return None
    return {"unread": queries.unread(visit.user_id), "newest": queries.newest(visit.user_id)}


@web.app_template_global()
def notification_kind(kind: str) -> tuple[str, str]:
    """What a kind is called, and its drawing."""
    return {
        "new_invoice": (_("New invoice"), "report"),
        "payment_received": (_("Payment"), "check"),
        "service_suspended": (_("Service suspended"), "off"),
        "mikrotik_issue": (_("Router"), "alert"),
        "new_customer": (_("New customer"), "user"),
        "import_finished": (_("Import"), "upload"),
        "system": (_("System"), "info"),
    }[kind]


@web.app_template_global()
def notification_subject(notification: Notification) -> str:
    """Whom and what it is about: `INV-2024-001 · John Doe`."""
    named = (notification.data.get(name) for name in _NAMES)
    return " · ".join(str(name) for name in named if name)


@web.app_template_global()
def notification_page(notification: Notification) -> str:
    """Where to read more of it; empty when there is no page."""
    for name, endpoint, variable in _PAGES:
        if name in notification.data and endpoint in current_app.view_functions:
            return url_for(endpoint, **{variable: notification.data[name]})
    return ""
