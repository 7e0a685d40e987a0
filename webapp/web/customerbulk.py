"""The same for several customers of the list: who it is about is shown first, and what came of it afterwards."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from pydantic import BaseModel

from webapp.billing import dunning
from webapp.billing.days import today
from webapp.errors import NotFound
from webapp.identity import OPERATOR
from webapp.subscribers import catalogue, queries, several, subscriptions, trash
from webapp.subscribers import customers as service
from webapp.subscribers.models import Customer
from webapp.subscribers.several import MOST, running
from webapp.web import lists, web
from webapp.web.addresses import address
from webapp.web.customers import CustomerListing, package_choices
from webapp.web.customersteps import AnotherPackage, Why
from webapp.web.forms import Form, Query


@dataclass(frozen=True)
class Action:
    """What may be done to several: what it asks, what it does to one, how it is called."""

    schema: type[Any]
    act: Callable[[Any], Callable[[int], Any]]
    title: LazyString
    help: LazyString | str = ""
    danger: bool = False


class Nothing(BaseModel):
    """It asks nothing."""


ACTIONS: Mapping[str, Action] = {
    "suspend": Action(
        Why,
        lambda data: lambda customer: subscriptions.suspend(running(customer).id, reason=data.reason),
        lazy("Suspend"),
        lazy("Their lines are cut off within seconds. A payment does not lift what was suspended by hand."),
        danger=True,
    ),
    "resume": Action(
        Why,
        lambda data: lambda customer: subscriptions.resume(running(customer).id, reason=data.reason),
        lazy("Resume"),
        lazy("Who still owes beyond the days of grace is suspended again at night."),
    ),
    "package": Action(
        AnotherPackage,
        lambda data: (
            lambda customer: subscriptions.change_package(
                running(customer).id, data.package_id, data.effective_on, data.reason
            )
        ),
        lazy("Change package"),
        lazy("A change that was planned for that day or later gives way."),
    ),
    "exempt": Action(
        Nothing,
        lambda _data: dunning.exempt,
        lazy("Never suspend"),
        lazy("Dunning leaves their services on, whatever they owe. What it had suspended is resumed."),
    ),
    "delete": Action(
        Nothing,
        lambda _data: trash.delete_customer,
        lazy("Delete"),
        lazy("Their subscriptions end and their lines go. An administrator can restore them for 30 days."),
        danger=True,
    ),
}


@web.page("/customers/bulk", policy=OPERATOR, methods=["POST"])
def customers_bulk() -> ResponseReturnValue:
    """Shows whom it is about; does it when they say that they are `sure`."""
    action, ids = ACTIONS.get(request.form.get("action", "")), _chosen()
    if action is None:
        raise NotFound()
    if not ids:
        flash(_("Choose at least one customer."), "warning")
        return redirect(address("web.customers"), 303)
    form = Form(action.schema)
    if request.form.get("sure") and form.accept(action.act):
        return _done(action, several.to_each(ids, form.result))
    asked = form if request.form.get("sure") else None
    return _page(action, ids, asked), asked.status if asked else 200


def _chosen() -> list[int]:
    """Those that are ticked, or all that the list finds; at most 500."""
    if request.form.get("all"):
        wanted = Query(CustomerListing).data.wanted
        return [customer.id for customer in queries.list_customers(wanted, limit=MOST)]
    return lists.ticked("customer")[:MOST]


def _page(action: Action, ids: list[int], form: Form[Any] | None) -> str:
    offered, _total = catalogue.packages(is_active=True)
    return render_template(
        "customers/bulk.html",
        action=action,
        name=request.form["action"],
        chosen=_present(ids),
        values=form.values if form else {"effective_on": today()},
        errors=form.errors if form else {},
        asks=action.schema.model_fields,
        offered=package_choices(offered),
        today=today(),
    )


def _present(ids: list[int]) -> list[Customer]:
    found = []
    for customer_id in dict.fromkeys(ids):
        try:
            found.append(service.get_customer(customer_id))
        except NotFound:
            continue
    return found


def _done(action: Action, outcome: several.Outcome) -> ResponseReturnValue:
    said = ngettext("%(num)s customer changed.", "%(num)s customers changed.", outcome.done)
    if outcome.refused:
        return render_template("customers/outcome.html", action=action, outcome=outcome, said=said)
    flash(said, "success")
    return redirect(address("web.customers"), 303)
