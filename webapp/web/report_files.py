"""Reports' files: what is kept and until when, and taking one away."""

import uuid
from typing import Any

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from webapp.accounts import settings
from webapp.documents import queries as documents
from webapp.documents import tasks
from webapp.documents.models import ReportTask
from webapp.identity import VIEWER
from webapp.kit.paging import Page
from webapp.storage import storage
from webapp.web import htmx, lists, web
from webapp.web.forms import Listing, Query


@web.page("/reports/files", policy=VIEWER)
def reports_files() -> str:
    total, days = documents.bytes_kept(), settings.number("max_output_age_days")
    return render_template("reports/files.html", bytes_kept=total, days=days, **_listed())


@web.page("/reports/files_rows", policy=VIEWER)
def reports_files_rows() -> ResponseReturnValue:
    return htmx.rows(render_template("reports/_files_rows.html", **_listed()), "web.reports_files")


def _listed() -> dict[str, Any]:
    number = Query(Listing).data.page
    found: Page[ReportTask] = lists.turned(lambda page: documents.files_page(page, 20), number)
    return {"page": found}


@web.page("/reports/<uuid:task_id>/download", policy=VIEWER)
def reports_download(task_id: uuid.UUID) -> Response:
    """The PDF, noted in the activity log. Raises NotReady, and NotFound for one that has expired."""
    task = tasks.finished(task_id)
    name, (chunks, size) = task.output_name, storage().open(task.storage_name)
    tasks.note_download(task)
    response = Response(chunks, mimetype="application/pdf")
    response.content_length = size
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
