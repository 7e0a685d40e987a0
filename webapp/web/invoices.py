"""Invoices: the list, one with its life, making, moving on, crediting."""

from datetime import date, timedelta
from functools import partial
from typing import Annotated, Any, Literal

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, format_date, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from pydantic import BaseModel, BeforeValidator, Field

from webapp.billing import channels, days, links, lives, messages, papers, queries, wording
from webapp.billing import invoices as billing
from webapp.billing.amounts import NewItem
from webapp.billing.models import CANCELLED, DRAFT, OPEN, OVERDUE, OWING, PAID, Invoice
from webapp.billing.queries import InvoiceFilter
from webapp.deeplinks import links as addresses
from webapp.errors import Invalid
from webapp.identity import OPERATOR, VIEWER
from webapp.subscribers import catalogue, customers
from webapp.web import exports, htmx, lists, web
from webapp.web.customers import RowId
from webapp.web.dunningrules import channel_name
from webapp.web.forms import Day, Form, Listing, Query, Rupiah, Text, Word, validated

ONE = "/invoices/<int:invoice_id>"
PAGE_SIZE = 20
MOST_ITEMS = 5
INVOICE_MAIL = messages.Kind(wording.ISSUED, channels.EMAIL, attach=True)
STATES: dict[str, tuple[LazyString, str]] = {
    DRAFT: (lazy("Draft"), "neutral"),
    OPEN: (lazy("Waiting for payment"), "info"),
    PAID: (lazy("Paid in full"), "success"),
    OVERDUE: (lazy("Overdue"), "danger"),
    CANCELLED: (lazy("Cancelled"), "neutral"),
}
KINDS: dict[str, LazyString] = {
    "issue": lazy("Issued"),
    "payment": lazy("Payment"),
    "credit": lazy("Paid from credit"),
    "credit_note": lazy("Credit note"),
    "cancel": lazy("Cancelled"),
    "reversal": lazy("Payment reversed"),
    lives.LETTER: lazy("Letter sent"),
    lives.PROMISE: lazy("Payment promised until"),
    lives.CALLBACK: lazy("The gateway told"),
    lives.DUE: lazy("Overdue"),
}
LINKS: dict[str, LazyString] = {
    links.WANTED: lazy("being made"),
    links.CREATED: lazy("open"),
    links.PAID: lazy("paid"),
    links.EXPIRED: lazy("expired"),
    links.CLOSING: lazy("being closed"),
    links.CLOSED: lazy("closed"),
    links.FAILED: lazy("refused by the gateway"),
}


class InvoiceListing(Listing):
    status: Annotated[str | None, BeforeValidator(lambda text: text if text in STATES else None)] = None
    period: Word = ""
    brand: Word = ""
    customer: RowId = None
    since: Day | None = None
    until: Day | None = None
    billed: Annotated[bool, BeforeValidator(lambda text: text == "1")] = False

    @property
    def chosen(self) -> InvoiceFilter:
        return InvoiceFilter(
            self.customer,
            self.status,
            self.period or None,
            self.brand or None,
            self.search,
            self.since,
            self.until,
            self.billed,
        )


@web.page("/invoices", policy=VIEWER)
def invoices() -> str:
    asked = Query(InvoiceListing).data
    of = customers.get_customer(asked.customer) if asked.customer else None
    return render_template(
        "invoices/index.html", states=_states(), brands=brand_choices(), of=of, asked=asked, **_listed()
    )


@web.page("/invoices/rows", policy=VIEWER)
def invoices_rows() -> ResponseReturnValue:
    return htmx.rows(render_template("invoices/_rows.html", **_listed()), "web.invoices")


def _listed() -> dict[str, Any]:
    asked = Query(InvoiceListing).data
    return {"page": lists.sliced(partial(queries.invoices, asked.chosen), asked.page, PAGE_SIZE)}


def _states() -> list[tuple[str, str]]:
    return [(state, str(text)) for state, (text, _level) in STATES.items()]


def brand_choices() -> list[tuple[str, str]]:
    """The brands, for a filter."""
    return [(brand.code, brand.name) for brand in catalogue.brands()]


@web.page(f"/invoices/export/{exports.FORMATS}", policy=VIEWER)
def invoices_export(format: str) -> Response:
    header = (_("Number"), _("Customer"), _("Brand"), _("Month"), _("Issued"), _("Due"))
    sums = (_("Subtotal"), _("Tax"), _("Total"), _("Paid"), _("Credited"), _("Left to pay"), _("Status"))
    rows = queries.stream_invoices(Query(InvoiceListing).data.chosen, exports.MAX_LIST)
    return exports.table(format, "invoices", (*header, *sums), rows)


@web.page(ONE, policy=VIEWER)
def invoices_detail(invoice_id: int) -> str:
    invoice = queries.invoice_of_present(invoice_id)
    return render_template(
        "invoices/detail.html",
        invoice=invoice,
        life=lives.life_of(invoice),
        sources=queries.sources_of(invoice_id),
        notes=queries.credit_notes_of(invoice_id),
        kinds=KINDS,
        links=LINKS,
        owes=invoice.status in OWING and invoice.balance > 0,
        today=days.today(),
        pay_address=papers.payment_address(invoice, addresses().base),
    )


@web.page(f"{ONE}/pdf", policy=VIEWER)
def invoices_pdf(invoice_id: int) -> Response:
    invoice = queries.invoice_of_present(invoice_id)
    name = f"invoice-{invoice.id}"
    return exports.pdf(papers.invoice_pdf(invoice, addresses().base), name)


class InvoiceIn(BaseModel):
    """As many lines as were filled in."""

    period: Annotated[str, Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]
    due_on: Day
    status: Literal["Draft", "Menunggu Pembayaran"] = "Menunggu Pembayaran"


class ItemIn(BaseModel):
    description: Annotated[Text, Field(max_length=200)]
    quantity: Annotated[int, Field(ge=1, le=10_000)] = 1
    price: Rupiah


@web.page("/invoices/new/<int:customer_id>", policy=OPERATOR, methods=["GET", "POST"])
def invoices_new(customer_id: int) -> ResponseReturnValue:
    customer, today = customers.get_customer(customer_id), days.today()
    form = Form(InvoiceIn, period=f"{today:%Y-%m}", due_on=today + timedelta(days=14))
    lines = _lines()
    if form.accept(lambda data: _create(customer_id, data, lines)):
        flash(_("Invoice %(number)s made.", number=form.result.number), "success")
        return redirect(url_for("web.invoices_detail", invoice_id=form.result.id), 303)
    return render_template("invoices/new.html", form_data=form, lines=lines, customer=customer), form.status


def _lines() -> list[dict[str, str]]:
    """What was typed into each line of the form."""
    names = ("description", "quantity", "price")
    return [
        {name: request.form.get(f"{name}-{number}", "") for name in names} for number in range(MOST_ITEMS)
    ]


def _create(customer_id: int, data: Any, lines: list[dict[str, str]]) -> Invoice:
    items = [_item(number, line) for number, line in enumerate(lines) if any(line.values())]
    return billing.create_invoice(customer_id, data.period, data.due_on, items, status=data.status)


def _item(number: int, line: dict[str, str]) -> NewItem:
    try:
        fields = validated(ItemIn, line)
    except Invalid as refusal:
        words = {"description": _("Description"), "quantity": _("Quantity"), "price": _("Price in rupiah")}
        told = {f"{n}-{number}": f"{words[n]} {number + 1}: {text}" for n, text in refusal.fields.items()}
        raise Invalid(told) from None
    return NewItem(fields.description, fields.quantity, fields.price)


class StatusIn(BaseModel):
    status: Literal["Menunggu Pembayaran", "Batal", "Jatuh Tempo"]


@web.page(f"{ONE}/status", policy=OPERATOR, methods=["POST"])
def invoices_status(invoice_id: int) -> ResponseReturnValue:
    queries.invoice_of_present(invoice_id)
    form = Form(StatusIn)
    if form.accept(lambda data: billing.set_status(invoice_id, data.status)):
        flash(_("Invoice changed."), "success")
    return redirect(url_for("web.invoices_detail", invoice_id=invoice_id), 303)


class CreditIn(BaseModel):
    amount: Rupiah
    reason: Annotated[Text, Field(max_length=200)]


@web.page(f"{ONE}/credit", policy=OPERATOR, methods=["GET", "POST"])
def invoices_credit(invoice_id: int) -> ResponseReturnValue:
    invoice = queries.invoice_of_present(invoice_id)
    form = Form(CreditIn, amount=invoice.balance or "")
    if form.accept(lambda data: billing.credit_note(invoice_id, data.amount, data.reason)):
        flash(_("Credit note %(number)s written.", number=form.result.number), "success")
        return redirect(url_for("web.invoices_detail", invoice_id=invoice_id), 303)
    return render_template("invoices/credit.html", form_data=form, invoice=invoice), form.status


@web.page("/invoices/send", policy=OPERATOR, methods=["POST"])
def invoices_send() -> ResponseReturnValue:
    """E-mail the ticked invoices, each once a day."""
    ids = ticked()
    count = messages.write(INVOICE_MAIL, ids, lambda one: f"invoice:{one}:{days.today()}") if ids else 0
    if count:
        flash(
            ngettext("%(num)s e-mail is on its way.", "%(num)s e-mails are on their way.", count), "success"
        )
    else:
        flash(
            _("None of those chosen can be e-mailed: no address, or the customer wants no messages."),
            "warning",
        )
    return redirect(lists.back_to("web.invoices"), 303)


def ticked() -> list[int]:
    """The ids of the invoices that are ticked in the list, at most a page of them."""
    return lists.ticked("invoice")[:PAGE_SIZE]


@web.page(f"{ONE}/link", policy=OPERATOR, methods=["POST"])
def invoices_link(invoice_id: int) -> ResponseReturnValue:
    queries.invoice_of_present(invoice_id)
    links.renew(invoice_id)
    flash(_("A new payment link is being made."), "success")
    return redirect(url_for("web.invoices_detail", invoice_id=invoice_id), 303)


@web.app_template_global()
def life_memo(moment: lives.Moment) -> str:
    """What else is to be said of a turn in an invoice's life."""
    if moment.kind == lives.PROMISE:
        return short_day(date.fromisoformat(moment.memo))
    return channel_name(moment.memo) if moment.kind == lives.LETTER else moment.memo


@web.app_template_global()
def invoice_state(status: str) -> tuple[str, str]:
    """An invoice's status in the reader's words, and its colour."""
    text, level = STATES[status]
    return str(text), level


@web.app_template_filter()
def by_whom(name: str) -> str:
    """A person's name; the name of a job says nothing to a clerk."""
    return _("by itself") if name.startswith("webapp.") else name


@web.app_template_filter()
def month_name(period: str) -> str:
    """`2026-11` is `November 2026`."""
    return str(format_date(date.fromisoformat(f"{period}-01"), "LLLL yyyy"))


@web.app_template_filter()
def short_day(value: date | None) -> str:
    """`21 Nov 2026`."""
    return "–" if value is None else str(format_date(value, "d MMM yyyy"))
