"""What becomes of a customer's subscription: each step is a small form of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from pydantic import BaseModel

from webapp.billing.days import today
from webapp.errors import Conflict
from webapp.identity import OPERATOR
from webapp.subscribers import catalogue, customers, fields, subscriptions
from webapp.subscribers.models import AUTOMATIC, ENDED, PAYMENT_METHODS, PRORATED, Customer, Subscription
from webapp.subscribers.several import running
from webapp.subscribers.subscriptions import Terms
from webapp.web import web
from webapp.web.customers import ONE, package_choices
from webapp.web.forms import Form


class Why(BaseModel):
    reason: fields.Reason = ""


class AnotherPackage(Why):
    package_id: fields.Id
    effective_on: fields.MaybeDay = None


class Ending(Why):
    on: fields.MaybeDay = None


class Billing(BaseModel):
    due_day: fields.DueDay = 1
    payment_method: Literal["Otomatis", "Prorate"] = "Otomatis"


class Start(Billing):
    package_id: fields.Id
    started_on: fields.MaybeDay = None

    @property
    def terms(self) -> Terms:
        return Terms(self.package_id, self.started_on, self.due_day, self.payment_method)


@dataclass(frozen=True)
class Step:
    """A form: what it asks, what it does to the customer, how it is called and what its button says."""

    schema: type[Any]
    act: Callable[[Customer, Any], Any]
    title: LazyString
    button: LazyString
    help: LazyString | str = ""
    danger: bool = False


def _ended(customer: Customer) -> Subscription:
    found = subscriptions.latest(customer.id)
    if found is None or found.status != ENDED:
        raise Conflict("There is a subscription that runs")
    return found


STEPS: Mapping[str, Step] = {
    "start": Step(
        Start,
        lambda customer, data: subscriptions.begin(customer, data.terms),
        lazy("New subscription"),
        lazy("Start it"),
    ),
    "package": Step(
        AnotherPackage,
        lambda customer, data: subscriptions.change_package(
            running(customer.id).id, data.package_id, data.effective_on, data.reason
        ),
        lazy("Change package"),
        lazy("Change package"),
        lazy("A change that was planned for that day or later gives way."),
    ),
    "terms": Step(
        Billing,
        lambda customer, data: subscriptions.update_terms(running(customer.id).id, **data.model_dump()),
        lazy("How it is billed"),
        lazy("Save"),
    ),
    "suspend": Step(
        Why,
        lambda customer, data: subscriptions.suspend(running(customer.id).id, reason=data.reason),
        lazy("Suspend"),
        lazy("Suspend"),
        lazy("The line is cut off within seconds. A payment does not lift what was suspended by hand."),
        danger=True,
    ),
    "resume": Step(
        Why,
        lambda customer, data: subscriptions.resume(running(customer.id).id, reason=data.reason),
        lazy("Resume"),
        lazy("Resume"),
        lazy("Who still owes beyond the days of grace is suspended again at night."),
    ),
    "end": Step(
        Ending,
        lambda customer, data: subscriptions.end(running(customer.id).id, data.on, data.reason),
        lazy("End the subscription"),
        lazy("End it"),
        lazy("Nothing is billed after the last day, and the line is cut off."),
        danger=True,
    ),
    "reopen": Step(
        Why,
        lambda customer, data: subscriptions.reopen(_ended(customer).id, data.reason),
        lazy("Reopen"),
        lazy("Reopen"),
        lazy("The subscription goes on with the package it had."),
    ),
}
_NAMES = ", ".join(STEPS)


@web.page(f"{ONE}/subscription/<any({_NAMES}):step>", policy=OPERATOR, methods=["GET", "POST"])
def customers_step(customer_id: int, step: str) -> ResponseReturnValue:
    customer, asked = customers.get_customer(customer_id), STEPS[step]
    form = Form(asked.schema, conflict=("", ""), **_known(customer, step))
    if form.accept(lambda data: asked.act(customer, data)):
        flash(_("Saved."), "success")
        return redirect(url_for("web.customers_detail", customer_id=customer_id), 303)
    offered, _total = catalogue.packages(brand=customer.brand_code, is_active=True)
    context = {"customer": customer, "step": asked, "form_data": form, "offered": package_choices(offered)}
    return render_template(
        "customers/step.html", **context, methods=method_choices(), today=today()
    ), form.status


def _known(customer: Customer, step: str) -> dict[str, Any]:
    """What the form says at first."""
    current = subscriptions.current(customer.id)
    if current is not None and step == "terms":
        return {"due_day": current.due_day, "payment_method": current.payment_method}
    first = {"due_day": 1, "payment_method": AUTOMATIC, "started_on": customer.installed_on or today()}
    return first | {"effective_on": today(), "on": today()}


def method_choices() -> list[tuple[str, str]]:
    """How the month in which a subscription starts or ends may be billed."""
    words = {AUTOMATIC: _("Whole months"), PRORATED: _("Days of service in the first and last month")}
    return [(method, words[method]) for method in PAYMENT_METHODS]
