"""Invoices (contract 2, Invoice Endpoints), and their credit notes."""

from flask import Response

from webapp.api.ftth import envelope, ftth, invoice_schemas
from webapp.api.ftth import invoice_presenters as presenters
from webapp.api.ftth.wire import named
from webapp.billing import invoices, queries
from webapp.billing.amounts import NewItem
from webapp.identity import OPERATOR, VIEWER

PATH = "/api/invoices/"
ONE = "/api/invoices/<int:invoice_id>"


@ftth.operation(
    "POST",
    PATH,
    policy=OPERATOR,
    body=invoice_schemas.InvoiceIn,
    returns=invoice_schemas.InvoiceDetail,
    status=201,
    errors=[404],
)
def create_invoice(body: invoice_schemas.InvoiceIn) -> Response:
    """Create an invoice, issued at once or as a draft; the customer's credit pays it."""
    items = [NewItem(item.deskripsi, item.jumlah, item.harga) for item in body.items]
    with named(period="periode"):
        made = invoices.create_invoice(
            body.pelanggan_id, body.periode, body.tanggal_jatuh_tempo, items, status=body.status_invoice
        )
    return envelope.ok(presenters.invoice_detail(made), 201)


@ftth.operation(
    "GET",
    PATH,
    policy=VIEWER,
    query=invoice_schemas.InvoiceQuery,
    returns=invoice_schemas.InvoiceOut,
    paged=True,
)
def list_invoices(query: invoice_schemas.InvoiceQuery) -> Response:
    """List invoices, newest first."""
    chosen = queries.InvoiceFilter(query.pelanggan_id, query.status_invoice, query.periode)
    found, total = queries.invoices(chosen, query.skip, query.limit)
    return envelope.page([presenters.invoice(row) for row in found], total, query.skip, query.limit)


@ftth.operation("GET", ONE, policy=VIEWER, returns=invoice_schemas.InvoiceDetail, errors=[404])
def read_invoice(invoice_id: int) -> Response:
    """One invoice with its items, what paid it, and its credit notes."""
    return envelope.ok(presenters.invoice_detail(queries.invoice_of_present(invoice_id)))


@ftth.operation(
    "PATCH",
    f"{ONE}/status",
    policy=OPERATOR,
    body=invoice_schemas.StatusIn,
    returns=invoice_schemas.InvoiceDetail,
    errors=[404, 409],
)
def change_invoice_status(invoice_id: int, body: invoice_schemas.StatusIn) -> Response:
    """Move an invoice on: `Lunas` records a cash payment of what is left."""
    queries.invoice_of_present(invoice_id)
    return envelope.ok(presenters.invoice_detail(invoices.set_status(invoice_id, body.status_invoice)))


@ftth.operation(
    "POST",
    f"{ONE}/credit-notes",
    policy=OPERATOR,
    body=invoice_schemas.CreditNoteIn,
    returns=invoice_schemas.CreditNoteOut,
    status=201,
    errors=[404, 409],
)
def create_credit_note(invoice_id: int, body: invoice_schemas.CreditNoteIn) -> Response:
    """Take a part of an issued invoice back, with its tax."""
    queries.invoice_of_present(invoice_id)
    with named(amount="jumlah", reason="alasan"):
        note = invoices.credit_note(invoice_id, body.jumlah, body.alasan)
    return envelope.ok(presenters.credit_note(note), 201)
