"""Invoices as PDF, one or many (beyond contract 2, in its style)."""

from typing import Annotated, Self
from uuid import UUID

from flask import Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from webapp.api.ftth import envelope, ftth
from webapp.billing import bulkprints, papers, queries
from webapp.billing.process_models import BulkPrint
from webapp.database import MAX_ID
from webapp.deeplinks import links
from webapp.identity import OPERATOR, VIEWER, current_visit

PRINTS = "/api/invoices/prints"
Id = Annotated[int, Field(ge=1, le=MAX_ID)]


class PrintIn(BaseModel):
    """Which invoices: by their ids, or by what the list filters by."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"periode": "2024-01", "terpisah": False}]})
    ids: Annotated[list[Id], Field(max_length=1_000)] = []
    pelanggan_id: Id | None = None
    status_invoice: Annotated[str, Field(max_length=20)] | None = None
    periode: Annotated[str, Field(max_length=7)] | None = None
    terpisah: bool = False

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.ids and not (self.pelanggan_id or self.status_invoice or self.periode):
            raise ValueError("Say which: ids, pelanggan_id, status_invoice or periode")
        return self


class PrintOut(BaseModel):
    id: UUID
    status: str
    total: int
    selesai: int
    error: str


@ftth.operation(
    "GET",
    "/api/invoices/<int:invoice_id>/pdf",
    policy=VIEWER,
    returns=bytes,
    media_type="application/pdf",
    errors=[404],
)
def invoice_pdf(invoice_id: int) -> Response:
    """One invoice as PDF."""
    invoice = queries.invoice_of_present(invoice_id)
    name = f"invoice-{invoice.id}.pdf"
    response = Response(papers.invoice_pdf(invoice, links().base), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response


@ftth.operation(
    "POST", PRINTS, policy=OPERATOR, body=PrintIn, returns=PrintOut, status=202, errors=[422, 429]
)
def print_invoices(body: PrintIn) -> Response:
    """Print many invoices in the background, as one PDF or (terpisah) as a ZIP of one PDF each."""
    chosen = queries.InvoiceFilter(body.pelanggan_id, body.status_invoice, body.periode)
    made = bulkprints.request(chosen, ids=body.ids, as_files=body.terpisah, by=current_visit().user_id)
    return envelope.ok(_presented(made), 202)


@ftth.operation("GET", f"{PRINTS}/<uuid:print_id>", policy=VIEWER, returns=PrintOut, errors=[404])
def read_print(print_id: UUID) -> Response:
    """How far a print is."""
    return envelope.ok(_presented(bulkprints.get(print_id)))


@ftth.operation(
    "GET",
    f"{PRINTS}/<uuid:print_id>/download",
    policy=VIEWER,
    returns=bytes,
    media_type="application/pdf",
    other_media=["application/zip"],
    errors=[404, 409, 503],
)
def download_print(print_id: UUID) -> Response:
    """A finished print."""
    pieces, size, name = bulkprints.opened(print_id)
    kind = "application/zip" if name.endswith(".zip") else "application/pdf"
    response = Response(pieces, mimetype=kind)
    response.content_length = size
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _presented(found: BulkPrint) -> dict[str, object]:
    return {
        "id": str(found.id),
        "status": found.status,
        "total": found.total,
        "selesai": found.done,
        "error": found.error,
    }
