"""Customers as files (contract 2, Export and Import Pelanggan); XLSX, progress and undo are beyond the document."""

import uuid

from flask import Response, request, url_for
from limits import RateLimitItemPerHour

from webapp import config
from webapp.api import files
from webapp.api.files import CSV, MULTIPART, XLSX, form_file
from webapp.api.ftth import envelope, ftth
from webapp.api.ftth import transfer_presenters as presenters
from webapp.api.ftth import transfer_schemas as schemas
from webapp.api.ftth.customer_schemas import Part
from webapp.api.ftth.customers import PATH
from webapp.errors import Invalid, WrongContentType
from webapp.identity import OPERATOR, VIEWER
from webapp.kit import csvsafe
from webapp.subscribers import exports, imports, spreadsheet, undoing

IMPORT = f"{PATH}/import"
ONE = f"{IMPORT}/<uuid:import_id>"
EXPORTS = RateLimitItemPerHour(10, namespace="ftth-exports")  # contract 2, Rate Limiting
IMPORTS = RateLimitItemPerHour(5, namespace="ftth-imports")


@ftth.operation(
    "GET",
    f"{PATH}/export/csv",
    policy=VIEWER,
    query=schemas.ExportQuery,
    per_user=EXPORTS,
    returns=str,
    media_type=CSV,
)
def export_customers(query: schemas.ExportQuery) -> Response:
    """Up to 50,000 customers as CSV, sent while they are read; `import` reads it again."""
    rows = exports.rows(query.wanted, skip=query.skip, limit=query.limit)
    return files.attached(csvsafe.stream(exports.HEADING, rows), CSV, _file_name("csv"))


@ftth.operation(
    "GET",
    f"{PATH}/export/xlsx",
    policy=VIEWER,
    query=schemas.ExportQuery,
    per_user=EXPORTS,
    returns=bytes,
    media_type=XLSX,
)
def export_customers_xlsx(query: schemas.ExportQuery) -> Response:
    """The same as an XLSX file."""
    rows = exports.rows(query.wanted, skip=query.skip, limit=query.limit)
    return files.workbook(exports.HEADING, rows, _file_name("xlsx"))


@ftth.operation("GET", f"{IMPORT}/template", policy=VIEWER, returns=str, media_type=CSV)
def import_template() -> Response:
    """The columns that an import wants, with an example."""
    return files.attached(csvsafe.stream(exports.HEADING, [exports.EXAMPLE]), CSV, "template-pelanggan.csv")


@ftth.operation(
    "POST",
    IMPORT,
    policy=OPERATOR,
    query=schemas.ImportQuery,
    per_user=IMPORTS,
    takes={MULTIPART: schemas.TableForm},
    returns=schemas.ImportOut,
    other_statuses={202: "A large file: a job takes it in, and `GET …/import/{id}` tells how far it is"},
    errors=[413, 415],
)
def import_customers(query: schemas.ImportQuery) -> Response:
    """Take in the customers of a CSV or XLSX file, all or none; `dry_run=true` is a preview that names every fault."""
    data, name = _table()
    if query.dry_run:
        return envelope.ok(presenters.preview(imports.preview(data), name))
    begun, ignored = imports.begin(data, name)
    response = envelope.ok(presenters.customer_import(begun, ignored), 200 if begun.status == "done" else 202)
    response.headers["Location"] = url_for("ftth.customer_import", import_id=begun.id)
    return response


@ftth.operation("GET", IMPORT, policy=OPERATOR, query=Part, returns=schemas.ImportOut, paged=True)
def customer_imports(query: Part) -> Response:
    """Imports, the newest first."""
    rows, total = imports.list_imports(skip=query.skip, limit=query.limit)
    return envelope.page([presenters.customer_import(row) for row in rows], total, query.skip, query.limit)


@ftth.operation("GET", ONE, policy=OPERATOR, returns=schemas.ImportOut, errors=[404])
def customer_import(import_id: uuid.UUID) -> Response:
    """How far an import is, and what came of it."""
    return envelope.ok(presenters.customer_import(imports.get_import(import_id)))


@ftth.operation(
    "POST",
    f"{ONE}/undo",
    policy=OPERATOR,
    returns=schemas.ImportOut,
    other_statuses={202: "A large import: a job takes its customers away"},
    errors=[404, 409],
)
def undo_import(import_id: uuid.UUID) -> Response:
    """Take an import back, as long as nothing depends on its customers."""
    undone = undoing.undo(import_id)
    return envelope.ok(presenters.customer_import(undone), 200 if undone.status == "undone" else 202)


def _table() -> tuple[bytes, str]:
    if request.mimetype != MULTIPART:
        raise WrongContentType("Content-Type must be multipart/form-data")
    sent = form_file("file", spreadsheet.MAX_BYTES)
    if sent is None:
        raise Invalid({"file": "Field is required"})
    return sent


def _file_name(suffix: str) -> str:
    return f"pelanggan-{config.today():%Y%m%d}.{suffix}"
