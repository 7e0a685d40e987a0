"""Evidence reports: asking for one, the queue and what became of each, one report's page."""

import uuid
from datetime import timedelta
from typing import Annotated, Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from htmx_flask import request as hx
from pydantic import BaseModel, BeforeValidator

from webapp import audit, config
from webapp.documents import matching, previews, tasks
from webapp.documents import queries as documents
from webapp.documents.matching import Match
from webapp.documents.models import GOING, STATES, ReportTask
from webapp.errors import Conflict, DomainError, Invalid, QueueFull
from webapp.identity import OPERATOR, VIEWER
from webapp.kit import clock
from webapp.kit.paging import Page
from webapp.web import htmx, lists, reportforms, reportwords, web
from webapp.web.forms import Day, Form, PageNumber, Query, validated
from webapp.web.reportforms import ReportIn

ONE = "/reports/<uuid:task_id>"
MOST_GOING = 20  # bars that move on one page
STALLED = timedelta(seconds=30)  # after which a report that waits alone has probably no worker


class ReportListing(BaseModel):
    """The filters in the address; nonsense counts as none."""

    status: Annotated[str | None, BeforeValidator(lambda text: text if text in STATES else None)] = None
    since: Day | None = None
    until: Day | None = None
    page: PageNumber = 1


# The list


@web.page("/reports", policy=VIEWER)
def reports() -> str:
    states = [(state, reportwords.report_state(state)[0]) for state in STATES]
    return render_template("reports/index.html", states=states, **_queue(), **_listed())


@web.page("/reports/rows", policy=VIEWER)
def reports_rows() -> ResponseReturnValue:
    content = render_template("reports/_rows.html", **_listed())
    return content if hx.headers.get("HX-Trigger") == "reports-rows" else htmx.rows(content, "web.reports")


def _listed() -> dict[str, Any]:
    asked = Query(ReportListing).data
    return {"page": lists.turned(lambda number: _asked_for(asked, number), asked.page)}


def _asked_for(asked: ReportListing, number: int) -> Page[ReportTask]:
    chosen = {"status": asked.status or "", "first": asked.since, "last": asked.until}
    return documents.tasks_page(number, 20, config.current().timezone, **chosen)  # type: ignore[arg-type]


@web.page("/reports/queue", policy=VIEWER)
def reports_queue() -> ResponseReturnValue:
    """The bars; when one has come or gone since the page was made, the list below is told."""
    context = _queue()
    content = render_template("reports/_queue.html", **context)
    seen = request.args.get("seen", context["seen"])
    return htmx.trigger(content, reportsChanged={}) if seen != context["seen"] else content


def _queue() -> dict[str, Any]:
    going = documents.going(MOST_GOING)
    seen = ".".join(f"{task.id.hex[:6]}{task.status[0]}" for task in going)
    waiting = [task for task in going if task.status == "queued"]
    stalled = len(waiting) == len(going) > 0 and clock.now() - waiting[0].created_at > STALLED
    return {"going": going, "seen": seen, "waiting": tasks.count("queued"), "is_stalled": stalled}


# A new one


@web.page("/reports/new", policy=OPERATOR, methods=["GET", "POST"])
def reports_new() -> ResponseReturnValue:
    form = Form(ReportIn, **_initial())
    try:
        if form.accept(_ask):
            return _to(form.result)
    except QueueFull as refusal:
        flash(_(refusal.message), "danger")
    counted = _counted() if request.method == "GET" and "source" in request.args else None
    return render_template(
        "reports/new.html", form_data=form, match=counted, **reportforms.choices()
    ), form.status


def _initial() -> dict[str, Any]:
    """What is in the address (counting without JavaScript), else a report to do like, else one's own last choice."""
    if "source" in request.args:
        return dict(request.args)
    like = request.args.get("like", type=uuid.UUID)
    last = tasks.get(like) if like else documents.last_asked(audit.current().name)
    return reportforms.values_of(last.payload) if last else reportforms.starting_values()


def _ask(data: ReportIn) -> ReportTask:
    try:
        return tasks.request(data.payload())
    except Invalid as refusal:
        raise reportforms.refused(refusal) from None


@web.page("/reports/match", policy=OPERATOR)
def reports_match() -> str:
    return render_template("reports/_match.html", match=_counted())


def _counted() -> Match | str:
    """How much the form in the address would print, or why that can't be said."""
    try:
        return matching.count(validated(ReportIn, request.args).payload())
    except Invalid as refusal:
        known = set(ReportIn.model_fields)
        return " ".join(_(text) for name, text in refusal.fields.items() if name not in known)
    except DomainError as refusal:
        return _(refusal.message)


# One report


@web.page(ONE, policy=VIEWER)
def reports_detail(task_id: uuid.UUID) -> str:
    task = tasks.get(task_id)
    schedule = documents.schedule_of(task)
    has_preview = previews.is_possible(task)
    return render_template("reports/detail.html", schedule=schedule, has_preview=has_preview, **_one(task))


@web.page(f"{ONE}/progress", policy=VIEWER)
def reports_progress(task_id: uuid.UUID) -> ResponseReturnValue:
    """The bar; when the report has ended, the browser fetches its whole page."""
    task = tasks.get(task_id)
    if task.status not in GOING and hx.htmx:
        return htmx.redirect_whole_page(_address(task))
    return render_template("reports/_progress.html", **_one(task))


def _one(task: ReportTask) -> dict[str, Any]:
    return {"task": task, "position": tasks.position(task), "stages": _stages(task)}


def _stages(task: ReportTask) -> list[tuple[str, str]]:
    """The stages on the way, and whether each is done, current or ahead."""
    names = list(reportwords.STAGES)[:4]
    at = names.index(task.stage) if task.stage in names and task.status == "running" else -1
    at = len(names) if task.status in ("completed", "removed") else at
    states = ["done" if place < at else "current" if place == at else "ahead" for place in range(len(names))]
    return [(str(reportwords.STAGES[name]), state) for name, state in zip(names, states, strict=True)]


@web.page(f"{ONE}/page.webp", policy=VIEWER)
def reports_picture(task_id: uuid.UUID) -> Response:
    """Its first page; never another under this address, so browsers may keep it."""
    response = Response(previews.load(tasks.get(task_id)), mimetype="image/webp")
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return response


@web.page(f"{ONE}/again", policy=OPERATOR, methods=["POST"])
def reports_again(task_id: uuid.UUID) -> ResponseReturnValue:
    """The same once more; `yesterday` then means the day before the new one runs."""
    task = tasks.get(task_id)
    try:
        return _to(tasks.request(task.payload))
    except Invalid as refusal:
        flash(" ".join(reportforms.refused(refusal).fields.values()), "danger")
    except QueueFull as refusal:
        flash(_(refusal.message), "danger")
    return redirect(_address(task), 303)


@web.page(f"{ONE}/cancel", policy=OPERATOR, methods=["POST"])
def reports_cancel(task_id: uuid.UUID) -> ResponseReturnValue:
    try:
        tasks.cancel(task_id)
        flash(_("Report cancelled."), "success")
    except Conflict as refusal:
        flash(_(refusal.message), "danger")
    return redirect(url_for("web.reports_detail", task_id=task_id), 303)


def _to(task: ReportTask) -> ResponseReturnValue:
    flash(_("Report %(number)s is in the queue.", number=task.number), "success")
    return redirect(_address(task), 303)


def _address(task: ReportTask) -> str:
    return url_for("web.reports_detail", task_id=task.id)
