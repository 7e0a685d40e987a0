"""An invoice's public page: what is owed and how to pay it, for whoever has the link. It names nobody's address."""

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from webapp.billing import papers, queries
from webapp.billing.models import CANCELLED, DRAFT, OWING, PAID
from webapp.deeplinks import links
from webapp.errors import NotFound
from webapp.identity import PUBLIC
from webapp.throttle import count_code_lookup
from webapp.web import exports, web

ONE = "/pay/<token>"


@web.page(ONE, policy=PUBLIC)
def pay(token: str) -> ResponseReturnValue:
    count_code_lookup(request.remote_addr or "")
    try:
        invoice = queries.invoice_by_token(token)
    except NotFound:
        return _unlisted(make_response(render_template("pay/unknown.html"), 404))
    shown = render_template(
        "pay/index.html",
        invoice=invoice,
        brand=invoice.customer.brand,
        owes=invoice.status in OWING and invoice.balance > 0,
        is_paid=invoice.status == PAID,
        is_void=invoice.status in (CANCELLED, DRAFT),
        link=invoice.link if invoice.link and invoice.link.status == "created" else None,
    )
    return _unlisted(make_response(shown))


@web.page(f"{ONE}/invoice.pdf", policy=PUBLIC)
def pay_pdf(token: str) -> Response:
    count_code_lookup(request.remote_addr or "")
    invoice = queries.invoice_by_token(token)
    name = f"invoice-{invoice.id}"
    return _unlisted(exports.pdf(papers.invoice_pdf(invoice, links().base), name))


def _unlisted(response: Response) -> Response:
    """The address is a secret between us and the customer: nobody else is told of it."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "private, no-store"
    return response
