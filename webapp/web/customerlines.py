"""A customer's line: technical data, the password shown on request, and the router brought in step now."""

from typing import Any

from flask import flash, make_response, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.errors import Conflict
from webapp.identity import OPERATOR
from webapp.subscribers import customers, lines
from webapp.subscribers.models import TechnicalData
from webapp.subscribers.routers import service as routers
from webapp.subscribers.routers.errors import RouterBusy, RouterError
from webapp.web import web
from webapp.web.customerpage import page
from webapp.web.customers import ONE
from webapp.web.forms import Form
from webapp.web.lineforms import LineIn


@web.page(f"{ONE}/line", policy=OPERATOR, methods=["POST"])
def customers_line(customer_id: int) -> ResponseReturnValue:
    """Give a customer a line, or change the one there is."""
    customer = customers.get_customer(customer_id)
    line = lines.line_of(customer_id)

    def write(data: LineIn) -> TechnicalData:
        return lines.update_line(line.id, data.columns) if line else lines.create_line(customer, data.columns)

    form = Form(LineIn, conflict=("", ""))  # a clash is told beside its field
    if form.accept(write):
        flash(_("Saved. The router follows."), "success")
        return _back(customer_id)
    return page(customer_id, "line", values=form.values, errors=form.errors), form.status


@web.page(f"{ONE}/line/delete", policy=OPERATOR, methods=["POST"])
def customers_line_delete(customer_id: int) -> ResponseReturnValue:
    lines.delete_line(_line_of(customer_id).id)
    flash(_("Line deleted. Its address and ports are free."), "success")
    return _back(customer_id)


@web.page(f"{ONE}/line/reveal", policy=OPERATOR, methods=["POST"])
def customers_line_reveal(customer_id: int) -> ResponseReturnValue:
    """The line with its password in clear; the activity log tells who looked."""
    try:
        password = lines.reveal_password(_line_of(customer_id).id)
    except Conflict as refusal:
        flash(_(refusal.message), "danger")
        return _back(customer_id)
    response = make_response(page(customer_id, "line", password=password))
    response.headers["Cache-Control"] = "no-store"
    return response


@web.page(f"{ONE}/line/sync", policy=OPERATOR, methods=["POST"])
def customers_line_sync(customer_id: int) -> ResponseReturnValue:
    """Write the line to its router now, and say how it went."""
    try:
        _sync(customer_id)
        flash(_("The router has the line as it should."), "success")
    except (Conflict, RouterBusy, RouterError) as trouble:
        sentence, colon, said = trouble.message.partition(": ")
        flash(f"{_(sentence)}{colon}{said}", "danger")
    return _back(customer_id)


def _sync(customer_id: int) -> None:
    router_id = _line_of(customer_id).router_id
    if router_id is None:
        raise Conflict("This line has no router")
    routers.sync_customer(router_id, customer_id)


def _line_of(customer_id: int) -> TechnicalData:
    return lines.get_line_of(customers.get_customer(customer_id))


def _back(customer_id: int) -> ResponseReturnValue:
    return redirect(url_for("web.customers_detail", customer_id=customer_id, tab="line"), 303)


@web.app_template_global()
def sync_state(line: Any) -> tuple[str, str]:
    """Whether the router has a line as it should, in words, and how the badge looks."""
    if line.sync_exempt:
        return _("Left alone"), "neutral"
    if line.router_id is None:
        return _("No router"), "warning"
    if line.sync is None or line.sync.pending:
        return (_("Refused"), "danger") if line.sync and line.sync.error else (_("Waiting"), "info")
    return _("In step"), "success"
