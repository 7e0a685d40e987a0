"""Reports: asked for, looked at, cancelled, fetched (contract 3, B)."""

from uuid import UUID

from flask import Response

from webapp import config
from webapp.api.datalane import datalane, envelope, report_presenters, report_schemas
from webapp.documents import queries, tasks
from webapp.identity import SHARED
from webapp.storage import storage

PATH = "/api/tasks"
ONE = f"{PATH}/<uuid:id>"


@datalane.operation(
    "POST",
    "/api/queue",
    policy=SHARED,
    body=report_schemas.TaskIn,
    returns=report_schemas.QueuedTask,
    errors=[429],
)
def enqueue_task(body: report_schemas.TaskIn) -> Response:
    """Enqueue a task."""
    return envelope.ok(report_presenters.queued_task(tasks.request(body.payload)))


@datalane.operation(
    "GET",
    PATH,
    policy=SHARED,
    query=report_schemas.TaskListing,
    returns=report_schemas.TaskOut,
    paged=True,
)
def list_tasks(query: report_schemas.TaskListing) -> Response:
    """List tasks, newest first."""
    found = queries.tasks_page(
        query.page,
        query.limit,
        config.current().timezone,
        status=query.status or "",
        first=query.first,
        last=query.last,
    )
    return envelope.page([report_presenters.task(row) for row in found.items], found)


@datalane.operation("GET", ONE, policy=SHARED, returns=report_schemas.TaskDetail, errors=[404])
def get_task(id: UUID) -> Response:
    """Get a task's detail."""
    return envelope.ok(report_presenters.task_detail(tasks.get(id)))


@datalane.operation("DELETE", ONE, policy=SHARED, returns=report_schemas.CancelledTask, errors=[404, 409])
def cancel_task(id: UUID) -> Response:
    """Cancel a task that is queued or running."""
    return envelope.ok({"id": str(id), "status": tasks.cancel(id).status})


@datalane.operation(
    "GET",
    f"{ONE}/download",
    policy=SHARED,
    returns=bytes,
    media_type="application/pdf",
    errors=[404, 409],
)
def download_task(id: UUID) -> Response:
    """Download a task's PDF."""
    task = tasks.finished(id)
    name, (chunks, size) = task.output_name, storage().open(task.storage_name)
    tasks.note_download(task)
    response = Response(chunks, mimetype="application/pdf")
    response.content_length = size
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
