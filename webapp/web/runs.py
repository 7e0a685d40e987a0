"""The monthly run: look first, start it, watch it, and see who was left out and why."""

import uuid
from collections.abc import Mapping
from typing import Annotated, Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from htmx_flask import request
from pydantic import AfterValidator, BaseModel
from pydantic_core import PydanticCustomError

from webapp.billing import pricing, selection
from webapp.billing import runs as billing_runs
from webapp.billing.days import today
from webapp.billing.process_models import BillingRun
from webapp.billing.runs import GOING, Preview
from webapp.errors import Conflict, Invalid
from webapp.identity import OPERATOR, VIEWER
from webapp.web import htmx, web
from webapp.web.forms import Form, Query, Word

ONE = "/runs/<uuid:run_id>"
REASONS: Mapping[str, LazyString] = {
    selection.NOT_STARTED: lazy_gettext("has not started yet"),
    selection.ENDED: lazy_gettext("has ended, nothing to bill"),
    selection.SUSPENDED: lazy_gettext("suspended all month, which is not billed"),
    selection.NO_PRICE: lazy_gettext("package without a price"),
    selection.NOTHING: lazy_gettext("comes to nothing"),
    selection.TOO_MUCH: lazy_gettext("comes to too much for an invoice"),
    selection.BILLED: lazy_gettext("has its invoice already"),
}
STATES: Mapping[str, tuple[LazyString, str]] = {
    billing_runs.WAITING: (lazy_gettext("Waiting"), "info"),
    billing_runs.RUNNING: (lazy_gettext("Running"), "info"),
    billing_runs.DONE: (lazy_gettext("Done"), "success"),
    billing_runs.FAILED: (lazy_gettext("Failed"), "danger"),
}


def _month(text: str) -> str:
    try:
        billing_runs.by_hand(text)
    except Invalid:
        raise PydanticCustomError("month", "not a month until the next one") from None
    return text


class RunIn(BaseModel):
    period: Annotated[Word, AfterValidator(_month)]


class RunAsked(BaseModel):
    """The month in the address; nonsense counts as none."""

    period: Word = ""


@web.page("/runs", policy=VIEWER)
def runs() -> str:
    return render_template("runs/index.html", latest=billing_runs.listed()[0], **_choice())


def _choice() -> dict[str, Any]:
    this = pricing.period_of(today())
    return {"this_month": this, "values": {"period": this}, "errors": {}}


@web.page("/runs/preview", policy=VIEWER)
def runs_preview() -> ResponseReturnValue:
    """What a run of a month would do; nothing is written."""
    asked = Query(RunAsked).data
    try:
        window = billing_runs.by_hand(asked.period)
    except Invalid:
        context = _choice() | {"errors": {"period": _("Choose a month, at most the next one.")}}
        return render_template("runs/index.html", latest=billing_runs.listed()[0], **context), 422
    return render_template("runs/preview.html", preview=billing_runs.preview(window), period=asked.period)


@web.page("/runs", policy=OPERATOR, methods=["POST"])
def runs_start() -> ResponseReturnValue:
    form = Form(RunIn)
    try:
        if form.accept(lambda data: billing_runs.start(billing_runs.by_hand(data.period))):
            return redirect(url_for("web.runs_detail", run_id=form.result.id), 303)
    except Conflict as refusal:
        flash(_(refusal.message), "danger")
        return redirect(url_for("web.runs"), 303)
    context = _choice() | {"errors": {"period": _("Choose a month, at most the next one.")}}
    return render_template("runs/index.html", latest=billing_runs.listed()[0], **context), form.status


@web.page(ONE, policy=VIEWER)
def runs_detail(run_id: uuid.UUID) -> str:
    run = billing_runs.get(run_id)
    left = billing_runs.preview(billing_runs.window_of(run)) if run.status not in GOING else None
    return render_template("runs/detail.html", run=run, left=left)


@web.page(f"{ONE}/progress", policy=VIEWER)
def runs_progress(run_id: uuid.UUID) -> ResponseReturnValue:
    """The bar; when the run has ended, the browser fetches its whole page."""
    run = billing_runs.get(run_id)
    if run.status not in GOING and request.htmx:
        return htmx.redirect_whole_page(url_for("web.runs_detail", run_id=run_id))
    return render_template("runs/_progress.html", run=run)


@web.page(f"{ONE}/resume", policy=OPERATOR, methods=["POST"])
def runs_resume(run_id: uuid.UUID) -> ResponseReturnValue:
    try:
        billing_runs.resume(run_id)
    except Conflict as refusal:
        flash(_(refusal.message), "danger")
    return redirect(url_for("web.runs_detail", run_id=run_id), 303)


@web.app_template_global()
def run_state(run: BillingRun) -> tuple[str, str]:
    """What it is called and how it looks."""
    name, level = STATES[run.status]
    return str(name), level


@web.app_template_global()
def run_percent(run: BillingRun) -> int:
    return 100 * run.done // run.total if run.total else 0


@web.app_template_filter()
def left_out_reason(reason: str) -> str:
    """Why a subscription got no invoice."""
    return str(REASONS.get(reason, reason))


@web.app_template_filter()
def left_out_lines(counts: Mapping[str, int] | Preview) -> list[tuple[str, int]]:
    """Reasons in words with how many there are, the most first."""
    found = counts.left_out if isinstance(counts, Preview) else counts
    return [
        (left_out_reason(reason), count) for reason, count in sorted(found.items(), key=lambda one: -one[1])
    ]
