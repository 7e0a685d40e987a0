"""Printing many invoices: asked for from the list, watched, fetched."""

from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.billing import bulkprints
from webapp.errors import Invalid
from webapp.identity import OPERATOR, VIEWER, current_visit
from webapp.web import exports, lists, web
from webapp.web.forms import Query
from webapp.web.invoices import InvoiceListing, ticked

ONE = "/prints/<uuid:print_id>"


@web.page("/prints/new", policy=OPERATOR, methods=["POST"])
def prints_new() -> ResponseReturnValue:
    """Of the invoices chosen in the list, or of the whole list as its filters have it."""
    what = request.form.get("what", "chosen")
    try:
        made = bulkprints.request(
            Query(InvoiceListing).data.chosen,
            ids=(ticked() or [0]) if what == "chosen" else (),
            as_files=what == "files",
            by=current_visit().user_id,
        )
    except Invalid:
        flash(_("Choose from 1 to %(most)s invoices.", most=bulkprints.MOST), "warning")
        return redirect(lists.back_to("web.invoices"), 303)
    return redirect(url_for("web.prints_detail", print_id=made.id), 303)


@web.page(ONE, policy=VIEWER)
def prints_detail(print_id: UUID) -> str:
    return render_template("prints/detail.html", print=bulkprints.get(print_id))


@web.page(f"{ONE}/progress", policy=VIEWER)
def prints_progress(print_id: UUID) -> str:
    return render_template("prints/_progress.html", print=bulkprints.get(print_id))


@web.page(f"{ONE}/download", policy=VIEWER)
def prints_download(print_id: UUID) -> Response:
    pieces, size, name = bulkprints.opened(print_id)
    stem, _dot, suffix = name.rpartition(".")
    response = exports.attached(pieces, stem, suffix, f"application/{suffix}")
    response.content_length = size
    return response
