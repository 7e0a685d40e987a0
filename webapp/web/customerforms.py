"""Taking in a customer, and changing one."""

from typing import Any, Literal

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import BaseModel

from webapp.identity import OPERATOR
from webapp.subscribers import catalogue, customers, fields
from webapp.subscribers.models import Customer
from webapp.subscribers.subscriptions import Terms
from webapp.web import web
from webapp.web.customers import ONE, brand_choices, package_choices
from webapp.web.customersteps import method_choices
from webapp.web.forms import Form

_TERMS = {"package_id", "started_on", "due_day", "payment_method"}


class CustomerIn(BaseModel):
    name: fields.Name
    brand_code: fields.BrandCode
    phone: fields.Phone
    email: fields.Email = None
    national_id: fields.KnownNationalId
    address: fields.Address
    address_2: fields.Address2 = ""
    block: fields.ShortText = ""
    unit: fields.ShortText = ""
    installed_on: fields.MaybeDay = None
    language: Literal["id", "en"] = "id"
    no_messages: bool = False
    never_suspend: bool = False

    @property
    def columns(self) -> dict[str, Any]:
        return self.model_dump(exclude=_TERMS)


class NewCustomerIn(CustomerIn):
    """With a first subscription, if a package was chosen."""

    package_id: fields.Id | None = None
    started_on: fields.MaybeDay = None
    due_day: fields.DueDay = 1
    payment_method: Literal["Otomatis", "Prorate"] = "Otomatis"

    @property
    def terms(self) -> Terms | None:
        if self.package_id is None:
            return None
        return Terms(self.package_id, self.started_on, self.due_day, self.payment_method)


@web.page("/customers/new", policy=OPERATOR, methods=["GET", "POST"])
def customers_new() -> ResponseReturnValue:
    form = Form(NewCustomerIn, conflict=("", ""), language="id", due_day=1)
    if form.accept(lambda data: customers.create_customer(data.columns, subscription=data.terms)):
        flash(_("Customer added. Next: the line."), "success")
        return _to(form.result, tab="line")
    offered, _total = catalogue.packages(is_active=True)
    context = {"packages": package_choices(offered), "methods": method_choices()}
    return render_template(
        "customers/new.html", form_data=form, brands=brand_choices(only_active=True), **context
    ), form.status


@web.page(f"{ONE}/edit", policy=OPERATOR, methods=["GET", "POST"])
def customers_edit(customer_id: int) -> ResponseReturnValue:
    customer = customers.get_customer(customer_id)
    known = {name: getattr(customer, name) for name in CustomerIn.model_fields}
    form = Form(CustomerIn, conflict=("", ""), **known)
    if form.accept(lambda data: customers.update_customer(customer_id, data.columns)):
        flash(_("Saved."), "success")
        return _to(customer)
    page = render_template("customers/edit.html", customer=customer, form_data=form, brands=brand_choices())
    return page, form.status


def _to(customer: Customer, tab: str | None = None) -> ResponseReturnValue:
    return redirect(url_for("web.customers_detail", customer_id=customer.id, tab=tab), 303)
