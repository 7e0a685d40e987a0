"""Payments: taking one at the desk, its receipt, taking it back, the list of all."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from pydantic import BaseModel, BeforeValidator, Field

from webapp.billing import papers, queries
from webapp.billing import payments as billing
from webapp.billing.models import CASH, GATEWAY, OWING, TRANSFER, Invoice, Payment
from webapp.billing.queries import InvoiceFilter, PaymentFilter
from webapp.identity import OPERATOR, VIEWER
from webapp.kit import clock
from webapp.subscribers import customers
from webapp.web import exports, htmx, lists, web
from webapp.web.customers import RowId
from webapp.web.forms import Form, Listing, Moment, Query, Rupiah, Text, local_moment

ONE = "/payments/<int:payment_id>"
PAGE_SIZE = 20
METHODS: dict[str, LazyString] = {
    CASH: lazy("Cash"),
    TRANSFER: lazy("Bank transfer"),
    GATEWAY: lazy("Xendit"),
}


class PaymentListing(Listing):
    method: Annotated[str | None, BeforeValidator(lambda text: text if text in METHODS else None)] = None
    customer: RowId = None


class PaymentIn(BaseModel):
    amount: Rupiah
    method: Literal["cash", "transfer"]
    reference: Annotated[Text, Field(max_length=100)] = ""
    note: Annotated[Text, Field(max_length=200)] = ""
    received_at: Moment | None = None


class ReversalIn(BaseModel):
    reason: Annotated[Text, Field(max_length=200)]


@web.page("/payments", policy=VIEWER)
def payments() -> str:
    asked = Query(PaymentListing).data
    of = customers.get_customer(asked.customer) if asked.customer else None
    return render_template("payments/index.html", of=of, **_listed())


@web.page("/payments/rows", policy=VIEWER)
def payments_rows() -> ResponseReturnValue:
    return htmx.rows(render_template("payments/_rows.html", **_listed()), "web.payments")


def _listed() -> dict[str, Any]:
    asked = Query(PaymentListing).data
    found = partial(queries.payments, PaymentFilter(asked.customer, method=asked.method))
    return {"page": lists.sliced(found, asked.page, PAGE_SIZE), "methods": METHODS}


@web.page("/payments/new/<int:customer_id>", policy=OPERATOR, methods=["GET", "POST"])
def payments_new(customer_id: int) -> ResponseReturnValue:
    """At the desk: what the customer owes, what they give."""
    customer = customers.get_customer(customer_id)
    owed = _owed(customer_id)
    named = next((one for one in owed if str(one.id) == request.args.get("invoice")), None)
    suggested = named.balance if named else sum(one.balance for one in owed)
    form = Form(
        PaymentIn,
        conflict=("reference", ""),
        amount=suggested or "",
        method=CASH,
        received_at=local_moment(clock.unix()),
    )
    if form.accept(lambda data: _take(customer_id, data, named)):
        flash(_("Payment recorded."), "success")
        return redirect(url_for("web.payments_detail", payment_id=form.result.id), 303)
    context = {"customer": customer, "owed": owed, "named": named, "balance": queries.balance(customer_id)}
    return render_template("payments/new.html", form_data=form, **context), form.status


def _owed(customer_id: int) -> list[Invoice]:
    """What is owed, at most a hundred invoices, the oldest due first."""
    found = [
        invoice
        for status in OWING
        for invoice in queries.invoices(InvoiceFilter(customer_id, status), 0, 50)[0]
    ]
    return sorted(found, key=lambda invoice: (invoice.due_on, invoice.id))


def _take(customer_id: int, data: PaymentIn, named: Invoice | None) -> Payment:
    received: datetime | None = clock.from_unix(data.received_at) if data.received_at else None
    now = clock.now()
    return billing.record_payment(
        customer_id,
        data.amount,
        data.method,
        reference=data.reference or None,
        received_at=min(received, now) if received and (received - now).total_seconds() < 60 else received,
        invoice_id=named.id if named else None,
        note=data.note,
    )


@web.page(ONE, policy=VIEWER)
def payments_detail(payment_id: int) -> str:
    payment = queries.payment_of_present(payment_id)
    shares = queries.shares_of([payment_id])
    context = {"payment": payment, "shares": shares, "methods": METHODS, "form_data": Form(ReversalIn)}
    return render_template("payments/detail.html", **context)


@web.page(f"{ONE}/receipt.pdf", policy=VIEWER)
def payments_receipt(payment_id: int) -> Response:
    payment = queries.payment_of_present(payment_id)
    name = f"receipt-{payment.id}"
    return exports.pdf(papers.receipt_pdf(payment), name)


@web.page(f"{ONE}/reversal", policy=OPERATOR, methods=["GET", "POST"])
def payments_reversal(payment_id: int) -> ResponseReturnValue:
    payment = queries.payment_of_present(payment_id)
    form = Form(ReversalIn)
    if form.accept(lambda data: billing.reverse_payment(payment_id, data.reason)):
        flash(_("Payment taken back. What it paid is owed again."), "success")
        return redirect(url_for("web.payments_detail", payment_id=payment_id), 303)
    return render_template("payments/reversal.html", form_data=form, payment=payment), form.status
