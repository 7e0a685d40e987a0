"""Schedules: reports and calls that come again and again, and the product's own housekeeping beside them."""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from pydantic import BaseModel, Field

from webapp import audit, config, scheduler
from webapp.documents import crontime, tasks
from webapp.documents import queries as documents
from webapp.documents import schedules as service
from webapp.documents.models import GOING, ReportSchedule
from webapp.errors import Conflict, Invalid
from webapp.identity import ADMIN, VIEWER
from webapp.kit import clock
from webapp.web import reportforms, web
from webapp.web.forms import Form, Text, Word
from webapp.web.reportforms import ReportIn

ONE = "/schedules/<uuid:schedule_id>"
RUNS_SHOWN = 50
# Common cron lines, as the form proposes them.
PROPOSED = (
    ("30 0 * * *", lazy_gettext("Every night at 00:30")),
    ("0 6 * * *", lazy_gettext("Every morning at 06:00")),
    ("0 6 * * 1", lazy_gettext("Every Monday at 06:00")),
    ("0 7 1 * *", lazy_gettext("On the first of each month at 07:00")),
    ("*/30 * * * *", lazy_gettext("Every half hour")),
)
HOUSEKEEPING = {
    "recount_yesterday": lazy_gettext("Adds yesterday's events up again and puts totals right"),
    "make_partitions": lazy_gettext("Makes room for the months to come"),
    "sweep_sessions": lazy_gettext("Forgets sessions that have ended"),
    "rescue_reports": lazy_gettext("Takes up again what a worker has left behind"),
    "expire_reports": lazy_gettext("Deletes reports' files that are too old"),
    "sweep_photos": lazy_gettext("Deletes photos that no marker shows"),
    "sweep_notifications": lazy_gettext("Forgets notifications after 90 days"),
    "retry_webhooks": lazy_gettext("Sends webhooks' messages again that failed"),
    "sweep_webhooks": lazy_gettext("Forgets webhooks' messages after 30 days"),
    "tell_partners": lazy_gettext("Tells partners' webhooks of new events at gates"),
}
TRIGGERS = {
    "clock": lazy_gettext("By the clock"),
    "catch-up": lazy_gettext("Caught up"),
    "hand": lazy_gettext("By hand"),
}


class WhenIn(BaseModel, ABC):
    """When something is done, and who hears of it."""

    name: Annotated[Text, Field(max_length=100)] = ""
    cron: Annotated[Text, Field(max_length=100)]
    timezone: Word
    email: Annotated[Text, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")] | None = None
    email_on: Literal["failure", "always"] = "failure"

    @abstractmethod
    def payload(self) -> dict[str, Any]:
        """What is done, as contract 3 words it."""

    def plan(self) -> service.Plan:
        return service.Plan(payload=self.payload(), **self.model_dump(include=set(WhenIn.model_fields)))


class ScheduleIn(ReportIn, WhenIn):
    """A report that comes again and again."""


@web.app_template_global()
def run_trigger(trigger: str) -> str:
    return str(TRIGGERS.get(trigger, trigger))


@web.page("/schedules", policy=VIEWER)
def schedules() -> str:
    found = documents.schedules()
    latest = documents.latest_runs(one.id for one in found)
    own = [(one, str(HOUSEKEEPING.get(one.name, one.about))) for one in scheduler.overview()]
    return render_template("schedules/index.html", schedules=found, latest=latest, own=own)


@web.page("/schedules/new", policy=ADMIN, methods=["GET", "POST"])
def schedules_new() -> ResponseReturnValue:
    like = request.args.get("like", type=uuid.UUID)
    form = Form(ScheduleIn, **_starting(like))
    if form.accept(lambda data: kept(lambda: service.create(data.plan()))):
        flash(_("Schedule created."), "success")
        return redirect(_address(form.result), 303)
    return asked("schedules/new.html", form, **reportforms.choices())


def _starting(like: uuid.UUID | None) -> dict[str, Any]:
    """A nightly report of the day before, otherwise as a report that is there, or as one's last."""
    last = tasks.get(like) if like else documents.last_asked(audit.current().name)
    values = reportforms.values_of(last.payload) if last else reportforms.starting_values()
    return {**values, "date_mode": "yesterday", **starting_moment()}


def starting_moment() -> dict[str, Any]:
    """Every night, and who is named hears of failures."""
    return {"cron": PROPOSED[0][0], "timezone": config.current().APP_TIMEZONE, "email_on": "failure"}


def kept(act: Callable[[], ReportSchedule]) -> ReportSchedule:
    """Do it. Raises Invalid by the names of the form's fields, in the reader's language."""
    try:
        return act()
    except Invalid as refusal:
        found = reportforms.refused(refusal).fields
        raise Invalid(
            found | {name: _cron_problem(found[name]) for name in ("cron",) if name in found}
        ) from None


def asked(template: str, form: Form[Any], **context: Any) -> ResponseReturnValue:
    """The page of a form that begins with schedules/fields.html."""
    typed = form.values.get("cron", ""), form.values.get("timezone", "")
    offered = {"zones": _zones(), "proposed": PROPOSED, "coming": _coming(*typed)}
    return render_template(template, form_data=form, **offered, **context), form.status


def _zones() -> list[tuple[str, str]]:
    """Indonesia's own first."""
    ours = ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"]
    others = sorted(name for name in available_timezones() if "/" in name and name not in ours)
    return [(name, name) for name in [*ours, "UTC", *others]]


@web.page("/schedules/next", policy=ADMIN)
def schedules_next() -> str:
    """The next five runs of the cron line that somebody is typing."""
    coming = _coming(request.args.get("cron", ""), request.args.get("timezone", ""))
    return render_template("schedules/_next.html", coming=coming)


def _coming(cron: str, zone: str) -> list[datetime] | str:
    """In the schedule's own zone, or what is wrong with the line."""
    try:
        return [moment.astimezone(ZoneInfo(zone)) for moment in islice(_following(cron, zone), 5)]
    except ValueError as error:
        return _cron_problem(str(error))


def _cron_problem(text: str) -> str:
    """In the reader's language; what exactly the cron library minds is left out."""
    return _(text.partition(":")[0] if text.startswith("Is no cron line") else text)


def _following(cron: str, zone: str) -> Iterator[datetime]:
    moment = clock.now()
    while True:
        moment = crontime.following(cron, zone, moment)
        yield moment


@web.page(ONE, policy=VIEWER)
def schedules_detail(schedule_id: uuid.UUID) -> str:
    return render_template("schedules/detail.html", **_one(service.get(schedule_id)))


@web.page(f"{ONE}/runs", policy=VIEWER)
def schedules_runs(schedule_id: uuid.UUID) -> str:
    return render_template("schedules/_runs.html", **_one(service.get(schedule_id)))


def _one(schedule: ReportSchedule) -> dict[str, Any]:
    runs = documents.runs_page(schedule.id, 1, RUNS_SHOWN)
    going = any(run.status in GOING for run in runs.items)
    has_secrets = bool(schedule.secrets)
    return {"schedule": schedule, "runs": runs, "is_going": going, "has_secrets": has_secrets}


@web.page(f"{ONE}/edit", policy=ADMIN, methods=["GET", "POST"])
def schedules_edit(schedule_id: uuid.UUID) -> ResponseReturnValue:
    schedule = service.get(schedule_id)
    if schedule.is_http:
        return redirect(url_for("web.schedules_call_edit", schedule_id=schedule_id), 303)
    form = Form(ScheduleIn, **reportforms.values_of(schedule.payload), **moment_of(schedule))
    if form.accept(lambda data: kept(lambda: service.change(schedule_id, vars(data.plan())))):
        flash(_("Saved."), "success")
        return redirect(_address(schedule), 303)
    return asked("schedules/edit.html", form, schedule=schedule, **reportforms.choices())


def moment_of(schedule: ReportSchedule) -> dict[str, Any]:
    plan = service.plan_of(schedule)
    return {name: getattr(plan, name) for name in WhenIn.model_fields}


@web.page(f"{ONE}/pause", policy=ADMIN, methods=["POST"])
def schedules_pause(schedule_id: uuid.UUID) -> ResponseReturnValue:
    schedule = service.change(schedule_id, {"is_active": False})
    flash(_("Paused. It won't run until you resume it."), "success")
    return redirect(_address(schedule), 303)


@web.page(f"{ONE}/resume", policy=ADMIN, methods=["POST"])
def schedules_resume(schedule_id: uuid.UUID) -> ResponseReturnValue:
    schedule = service.change(schedule_id, {"is_active": True})
    flash(_("Resumed."), "success")
    return redirect(_address(schedule), 303)


@web.page(f"{ONE}/run", policy=ADMIN, methods=["POST"])
def schedules_run(schedule_id: uuid.UUID) -> ResponseReturnValue:
    try:
        service.run_now(schedule_id)
        flash(_("Started."), "success")
    except Conflict as refusal:
        flash(_(refusal.message), "danger")
    return redirect(url_for("web.schedules_detail", schedule_id=schedule_id), 303)


@web.page(f"{ONE}/delete", policy=ADMIN, methods=["POST"])
def schedules_delete(schedule_id: uuid.UUID) -> ResponseReturnValue:
    service.delete(schedule_id)
    flash(_("Schedule deleted. Its reports stay."), "success")
    return redirect(url_for("web.schedules"), 303)


def _address(schedule: ReportSchedule) -> str:
    return url_for("web.schedules_detail", schedule_id=schedule.id)
