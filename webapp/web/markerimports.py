"""Importing markers: a spreadsheet is looked at first, and registered when its sender says so."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.errors import Invalid
from webapp.identity import MEMBER, current_account
from webapp.markers import imports, spreadsheet
from webapp.web import aside, web

MAX_BODY = spreadsheet.MAX_BYTES + 100_000
MAX_FAULTS = 200


@web.page("/markers/import", policy=MEMBER, methods=["GET", "POST"], max_body=MAX_BODY)
def markers_import() -> ResponseReturnValue:
    if request.method == "GET":
        return _page()
    file = request.files.get("file")
    data = file.read(spreadsheet.MAX_BYTES + 1) if file is not None else b""
    if not data:
        return _page(error=_("Choose a file."), status=422)
    try:
        sheet = imports.read(data)
    except Invalid as refusal:
        said = " ".join(refusal.fields.values())
        return _page(error=_(said), status=422)
    report = imports.import_markers(sheet, by=current_account(), dry_run=True)
    if not report.good:
        return _page(report, status=422)
    return _page(report, digest=aside.put(data))


@web.page("/markers/import/confirm", policy=MEMBER, methods=["POST"])
def markers_import_confirm() -> ResponseReturnValue:
    data = aside.take(request.form.get("digest", ""))
    if data is None:
        return _page(error=_("That was too long ago. Choose the file again."), status=422)
    report = imports.import_markers(imports.read(data), by=current_account())
    if not report.good:
        return _page(report, status=409)
    flash(ngettext("%(num)s marker registered.", "%(num)s markers registered.", report.created), "success")
    return redirect(url_for("web.markers"), 303)


def _page(
    report: imports.Report | None = None, *, digest: str = "", error: str = "", status: int = 200
) -> ResponseReturnValue:
    faults = [
        (fault.row, fault.field, _(fault.message)) for fault in (report.faults if report else [])[:MAX_FAULTS]
    ]
    page = render_template(
        "markers/import.html", report=report, faults=faults, digest=digest, error=error, most=MAX_FAULTS
    )
    return page, status
