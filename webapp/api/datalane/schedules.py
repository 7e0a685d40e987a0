"""What is done again and again (contract 3, C; beyond it: change, pause, run now, history)."""

from uuid import UUID

from flask import Response

from webapp.api.datalane import datalane, envelope, report_presenters, report_schemas
from webapp.documents import queries, schedules
from webapp.documents.schedules import Plan
from webapp.identity import SHARED

PATH = "/api/schedules"
ONE = f"{PATH}/<uuid:id>"


@datalane.operation(
    "POST",
    PATH,
    policy=SHARED,
    body=report_schemas.ScheduleIn,
    returns=report_schemas.NewSchedule,
    errors=[409],
)
def create_schedule(body: report_schemas.ScheduleIn) -> Response:
    """Create a schedule."""
    payload = body.task_payload.payload
    plan = Plan(body.cron, payload, body.timezone, body.name, body.email, body.email_on)
    return envelope.ok(report_presenters.new_schedule(schedules.create(plan)))


@datalane.operation("GET", PATH, policy=SHARED, returns=report_schemas.SchedulesOut)
def list_schedules() -> Response:
    """List schedules, oldest first."""
    return envelope.ok({"items": [report_presenters.schedule(row) for row in queries.schedules()]})


@datalane.operation(
    "PATCH",
    ONE,
    policy=SHARED,
    body=report_schemas.ScheduleChange,
    returns=report_schemas.ScheduleOut,
    errors=[404],
)
def change_schedule(id: UUID, body: report_schemas.ScheduleChange) -> Response:
    """Change, pause or resume a schedule."""
    return envelope.ok(report_presenters.schedule(schedules.change(id, body.changes)))


@datalane.operation("DELETE", ONE, policy=SHARED, errors=[404])
def delete_schedule(id: UUID) -> Response:
    """Delete a schedule, with its history; its reports stay."""
    schedules.delete(id)
    return envelope.ok(None)


@datalane.operation("POST", f"{ONE}/run", policy=SHARED, returns=report_schemas.RunOut, errors=[404, 409])
def run_schedule(id: UUID) -> Response:
    """Run a schedule once more, at once."""
    return envelope.ok(report_presenters.run(schedules.run_now(id)))


@datalane.operation(
    "GET",
    f"{ONE}/history",
    policy=SHARED,
    query=report_schemas.RunListing,
    returns=report_schemas.RunOut,
    paged=True,
    errors=[404],
)
def list_runs(id: UUID, query: report_schemas.RunListing) -> Response:
    """List a schedule's runs, newest first."""
    found = queries.runs_page(schedules.get(id).id, query.page, query.limit)
    return envelope.page([report_presenters.run(row) for row in found.items], found)
