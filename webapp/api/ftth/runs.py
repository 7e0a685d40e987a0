"""The monthly run (contracts, 2 ftth; in the document's style)."""

from uuid import UUID

from flask import Response

from webapp.api.ftth import envelope, ftth
from webapp.api.ftth import run_presenters as presenters
from webapp.api.ftth import run_schemas as schemas
from webapp.api.ftth.invoice_schemas import Page
from webapp.api.ftth.wire import named
from webapp.billing import runs
from webapp.identity import OPERATOR, VIEWER

PATH = "/api/billing-runs/"
ONE = "/api/billing-runs/<uuid:run_id>"


@ftth.operation("GET", PATH, policy=VIEWER, query=Page, returns=schemas.RunOut, paged=True)
def list_billing_runs(query: Page) -> Response:
    """List runs, newest first."""
    found, total = runs.listed(query.skip, query.limit)
    return envelope.page([presenters.run(row) for row in found], total, query.skip, query.limit)


@ftth.operation(
    "GET",
    "/api/billing-runs/preview",
    policy=VIEWER,
    query=schemas.PeriodIn,
    returns=schemas.PreviewOut,
)
def preview_billing_run(query: schemas.PeriodIn) -> Response:
    """What billing a month now would come to, and who is left out and why; nothing is written."""
    with named(period="periode"):
        window = runs.by_hand(query.periode)
    return envelope.ok(presenters.preview(runs.preview(window)))


@ftth.operation(
    "POST",
    PATH,
    policy=OPERATOR,
    body=schemas.PeriodIn,
    returns=schemas.RunOut,
    status=202,
    errors=[409],
)
def start_billing_run(body: schemas.PeriodIn) -> Response:
    """Make the invoices of a month, in the background: one for each subscription, however often."""
    with named(period="periode"):
        run = runs.start(runs.by_hand(body.periode))
    return envelope.ok(presenters.run(run), 202)


@ftth.operation("GET", ONE, policy=VIEWER, returns=schemas.RunOut, errors=[404])
def read_billing_run(run_id: UUID) -> Response:
    """A run and how far it is."""
    return envelope.ok(presenters.run(runs.get(run_id)))


@ftth.operation(
    "POST", f"{ONE}/resume", policy=OPERATOR, returns=schemas.RunOut, status=202, errors=[404, 409]
)
def resume_billing_run(run_id: UUID) -> Response:
    """Take a failed run up where it stopped."""
    return envelope.ok(presenters.run(runs.resume(run_id)), 202)
