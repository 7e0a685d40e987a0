"""Webhooks: partners' addresses, their secrets, and what was delivered there."""

import uuid
from functools import partial
from typing import Annotated, Any, Literal

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import BaseModel, BeforeValidator, Field

from webapp.accounts import queries as accounts
from webapp.errors import Conflict
from webapp.identity import ADMIN
from webapp.web import htmx, lists, web
from webapp.web.forms import Form, Listing, Query, Text
from webapp.webhooks import endpoints, queries
from webapp.webhooks.models import WebhookEndpoint

ONE = "/webhooks/<uuid:endpoint_id>"
PAGE_SIZE = 20
STATUSES = ("waiting", "delivered", "failed")


class WebhookIn(BaseModel):
    """Its kinds are boxes of one name, read beside it."""

    url: Annotated[Text, Field(max_length=500)]
    description: Annotated[str, Field(max_length=150)] = ""


class DeliveryListing(Listing):
    status: Annotated[
        Literal["", "waiting", "delivered", "failed"],
        BeforeValidator(lambda text: text if text in STATUSES else ""),
    ] = ""


@web.page("/webhooks", policy=ADMIN)
def webhooks() -> str:
    found, _total = queries.endpoints()
    health = queries.health([one.id for one in found])
    return render_template("webhooks/index.html", endpoints=found, health=health)


@web.page("/webhooks/new", policy=ADMIN, methods=["GET", "POST"])
def webhooks_new() -> ResponseReturnValue:
    """Answers with the secret, which is not shown again."""
    form = Form(WebhookIn, conflict=("url", ""))
    kinds = request.form.getlist("kinds")
    if form.accept(lambda data: endpoints.create_endpoint(data.url, kinds, data.description)):
        endpoint, secret = form.result
        return _shown(endpoint, secret, _("Webhook created")), 201
    return render_template("webhooks/form.html", form_data=form, **_choices(kinds)), form.status


@web.page(f"{ONE}/edit", policy=ADMIN, methods=["GET", "POST"])
def webhooks_edit(endpoint_id: uuid.UUID) -> ResponseReturnValue:
    endpoint = endpoints.get_endpoint(endpoint_id)
    form = Form(WebhookIn, url=endpoint.url, description=endpoint.description)
    kinds = request.form.getlist("kinds") if request.method == "POST" else endpoint.kinds

    def change(data: WebhookIn) -> None:
        endpoints.update_endpoint(endpoint_id, data.model_dump() | {"kinds": kinds})

    if form.accept(change):
        flash(_("Saved."), "success")
        return _to(endpoint_id)
    page = render_template("webhooks/form.html", endpoint=endpoint, form_data=form, **_choices(kinds))
    return page, form.status


def _choices(kinds: list[str]) -> dict[str, Any]:
    return {"patterns": endpoints.PATTERNS, "chosen": kinds}


def _shown(endpoint: WebhookEndpoint, secret: str, title: str) -> str:
    return render_template("webhooks/shown.html", endpoint=endpoint, secret=secret, title=title)


@web.page(ONE, policy=ADMIN)
def webhooks_detail(endpoint_id: uuid.UUID) -> str:
    endpoint = endpoints.get_endpoint(endpoint_id)
    health = queries.health([endpoint.id]).get(endpoint.id)
    people = accounts.names([endpoint.created_by_id])
    statuses = [(status, delivery_state(status)[0]) for status in STATUSES]
    return render_template(
        "webhooks/detail.html", health=health, people=people, statuses=statuses, **_listed(endpoint)
    )


@web.page(f"{ONE}/detail_rows", policy=ADMIN)
def webhooks_detail_rows(endpoint_id: uuid.UUID) -> ResponseReturnValue:
    listed = _listed(endpoints.get_endpoint(endpoint_id))
    return htmx.rows(render_template("webhooks/_detail_rows.html", **listed), "web.webhooks_detail")


def _listed(endpoint: WebhookEndpoint) -> dict[str, Any]:
    asked = Query(DeliveryListing).data
    theirs = partial(queries.deliveries, endpoint.id, status=asked.status)
    page = lists.sliced(theirs, asked.page, PAGE_SIZE)
    return {
        "endpoint": endpoint,
        "page": page,
        "kinds": queries.kinds_of([one.message_id for one in page.items]),
    }


@web.page(f"{ONE}/test", policy=ADMIN, methods=["POST"])
def webhooks_test(endpoint_id: uuid.UUID) -> ResponseReturnValue:
    return _sent(endpoint_id, lambda: endpoints.send_test(endpoint_id), _("A test is on its way."))


@web.page("/webhooks/deliveries/<uuid:delivery_id>/replay", policy=ADMIN, methods=["POST"])
def webhooks_replay(delivery_id: uuid.UUID) -> ResponseReturnValue:
    endpoint_id = endpoints.get_delivery(delivery_id).endpoint_id
    return _sent(endpoint_id, lambda: endpoints.replay(delivery_id), _("It is sent again."))


def _sent(endpoint_id: uuid.UUID, act: Any, done: str) -> ResponseReturnValue:
    """Back to the webhook's page, which says what came of it."""
    try:
        act()
        flash(done, "success")
    except Conflict as refusal:
        flash(_(refusal.message), "danger")
    return _to(endpoint_id)


@web.page(f"{ONE}/rotate", policy=ADMIN, methods=["POST"])
def webhooks_rotate(endpoint_id: uuid.UUID) -> str:
    """Answers with the new secret, which is not shown again."""
    endpoint, secret = endpoints.rotate_secret(endpoint_id)
    return _shown(endpoint, secret, _("New secret"))


@web.page(f"{ONE}/switch-<any(on, off):state>", policy=ADMIN, methods=["POST"])
def webhooks_switch(endpoint_id: uuid.UUID, state: str) -> ResponseReturnValue:
    endpoints.update_endpoint(endpoint_id, {"is_active": state == "on"})
    flash(_("Saved."), "success")
    return _to(endpoint_id)


@web.page(f"{ONE}/delete", policy=ADMIN, methods=["POST"])
def webhooks_delete(endpoint_id: uuid.UUID) -> ResponseReturnValue:
    endpoints.delete_endpoint(endpoint_id)
    flash(_("Webhook deleted."), "success")
    return redirect(url_for("web.webhooks"), 303)


def _to(endpoint_id: uuid.UUID) -> ResponseReturnValue:
    return redirect(url_for("web.webhooks_detail", endpoint_id=endpoint_id), 303)


@web.app_template_global()
def webhook_state(endpoint: WebhookEndpoint, failing: bool) -> tuple[str, str]:
    """What a webhook's state is called, and how its badge looks."""
    if endpoint.is_active:
        return (_("Failing"), "warning") if failing else (_("Active"), "success")
    return {
        "failing": (_("Switched off: nothing arrived for a day"), "danger"),
        "gone": (_("Switched off: it answered that it is gone"), "danger"),
    }.get(endpoint.disabled_reason, (_("Off"), "neutral"))


@web.app_template_global()
def delivery_state(status: str) -> tuple[str, str]:
    return {
        "waiting": (_("Waiting"), "info"),
        "delivered": (_("Delivered"), "success"),
        "failed": (_("Failed"), "danger"),
    }[status]


@web.app_template_global()
def message_kind(kind: str) -> str:
    """What a kind of message, or a pattern for several, is called."""
    return {
        "*": _("Everything"),
        "invoice.*": _("All of invoices"),
        "payment.*": _("All of payments"),
        "subscription.*": _("All of subscriptions"),
        "gate.*": _("All of gates"),
        "invoice.issued": _("An invoice was issued"),
        "invoice.paid": _("An invoice was paid"),
        "invoice.overdue": _("An invoice is overdue"),
        "invoice.cancelled": _("An invoice was cancelled"),
        "payment.received": _("A payment was received"),
        "payment.reversed": _("A payment was reversed"),
        "subscription.started": _("A subscription started"),
        "subscription.changed": _("A subscription changed"),
        "subscription.suspended": _("A subscription was suspended"),
        "subscription.resumed": _("A subscription was resumed"),
        "subscription.ended": _("A subscription ended"),
        "gate.events": _("Events at gates, each minute"),
        "webhook.test": _("Test"),
    }.get(kind, kind)
