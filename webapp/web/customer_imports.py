"""Importing customers: a file is looked at first, taken in when its sender says so, and watched while it is."""

import re
import uuid
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from htmx_flask import request as hx

from webapp.errors import Conflict, Invalid
from webapp.identity import OPERATOR
from webapp.kit.paging import Page
from webapp.subscribers import exports as customer_exports
from webapp.subscribers import imports as service
from webapp.subscribers import spreadsheet, undoing
from webapp.subscribers.models import CustomerImport
from webapp.subscribers.spreadsheet import Sheet
from webapp.web import aside, exports, htmx, lists, web
from webapp.web.forms import Listing, Query

ONE = "/imports/<uuid:import_id>"
MAX_BODY = spreadsheet.MAX_BYTES + 100_000
PAGE_SIZE = 20
SAMPLE = 5
GOING = ("waiting", "running", "undoing")
STATES = {
    "waiting": (lazy_gettext("Waiting"), "neutral"),
    "running": (lazy_gettext("Being taken in"), "info"),
    "done": (lazy_gettext("Done"), "success"),
    "failed": (lazy_gettext("Failed"), "danger"),
    "undoing": (lazy_gettext("Being undone"), "info"),
    "undone": (lazy_gettext("Undone"), "neutral"),
}
_IN_ROW = re.compile(r"Is in row (\d+) already")
_NO_COLUMN = re.compile(r"Has no column (.+)")
_TWO_COLUMNS = re.compile(r"Has two columns (.+)")


@web.page("/imports", policy=OPERATOR)
def imports() -> str:
    return render_template("imports/index.html", **_listed())


@web.page("/imports/rows", policy=OPERATOR)
def imports_rows() -> ResponseReturnValue:
    return htmx.rows(render_template("imports/_rows.html", **_listed()), "web.imports")


def _listed() -> dict[str, Any]:
    page = lists.turned(_turned_to, Query(Listing).data.page)
    return {"page": page, "names": service.senders(page.items)}


def _turned_to(number: int) -> Page[CustomerImport]:
    rows, total = service.list_imports(skip=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    return Page(rows, number, PAGE_SIZE, total)


@web.page("/imports/template.csv", policy=OPERATOR)
def imports_template() -> Response:
    return exports.csv("template-pelanggan", customer_exports.HEADING, [customer_exports.EXAMPLE])


@web.page("/imports/new", policy=OPERATOR, methods=["GET", "POST"], max_body=MAX_BODY)
def imports_new() -> ResponseReturnValue:
    if request.method == "GET":
        return _page()
    file = request.files.get("file")
    data = file.read(spreadsheet.MAX_BYTES + 1) if file is not None else b""
    if file is None or not data:
        return _page(error=_("Choose a file."), status=422)
    try:
        sheet = service.preview(data)
    except Invalid as refusal:
        return _page(error=" ".join(map(fault_sentence, refusal.fields.values())), status=422)
    if sheet.fault_count:
        return _page(sheet, status=422)
    return _page(sheet, digest=aside.put(data), name=file.filename or "")


@web.page("/imports/confirm", policy=OPERATOR, methods=["POST"])
def imports_confirm() -> ResponseReturnValue:
    data = aside.take(request.form.get("digest", ""))
    if data is None:
        return _page(error=_("That was too long ago. Choose the file again."), status=422)
    try:
        begun, _ignored = service.begin(data, request.form.get("name", ""))
    except Invalid:  # somebody was faster
        return _page(service.preview(data), status=409)
    return redirect(url_for("web.imports_detail", import_id=begun.id), 303)


def _page(
    sheet: Sheet | None = None, *, digest: str = "", name: str = "", error: str = "", status: int = 200
) -> Any:
    context = {"sheet": sheet, "digest": digest, "name": name, "error": error, "sample": SAMPLE}
    return render_template("imports/new.html", columns=customer_exports.HEADING, **context), status


@web.page(ONE, policy=OPERATOR)
def imports_detail(import_id: uuid.UUID) -> str:
    row = service.get_import(import_id)
    may_undo = row.status == "done" and not undoing.is_depended_on(row.id)
    return render_template("imports/detail.html", row=row, may_undo=may_undo, names=service.senders([row]))


@web.page(f"{ONE}/progress", policy=OPERATOR)
def imports_progress(import_id: uuid.UUID) -> ResponseReturnValue:
    """The bar; when the import has ended, the browser fetches its whole page."""
    row = service.get_import(import_id)
    if row.status not in GOING and hx.htmx:
        return htmx.redirect_whole_page(url_for("web.imports_detail", import_id=row.id))
    return render_template("imports/_progress.html", row=row)


@web.page(f"{ONE}/undo", policy=OPERATOR, methods=["POST"])
def imports_undo(import_id: uuid.UUID) -> ResponseReturnValue:
    try:
        undone = undoing.undo(import_id)
        if undone.status == "undone":
            flash(_("The import is undone: its customers are gone."), "success")
    except Conflict as refusal:
        flash(_(refusal.message), "danger")
    return redirect(url_for("web.imports_detail", import_id=import_id), 303)


@web.app_template_global()
def import_state(status: str) -> tuple[str, str]:
    """What a state is called, and how its badge looks."""
    name, level = STATES.get(status, (status, "neutral"))
    return str(name), level


@web.app_template_filter()
def fault_sentence(message: str) -> str:
    """A fault of a file in the reader's language."""
    if found := _IN_ROW.fullmatch(message):
        return _("Is in row %(row)s already", row=found[1])
    if found := _NO_COLUMN.fullmatch(message):
        return _("The file has no column %(names)s.", names=found[1])
    if found := _TWO_COLUMNS.fullmatch(message):
        return _("The file has two columns %(names)s.", names=found[1])
    return _(message)
