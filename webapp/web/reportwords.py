"""Reports in words: their states, stages, warnings, and what was asked for."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import format_date, format_datetime, lazy_gettext
from flask_babel import gettext as _

from webapp import config
from webapp.accounts import settings
from webapp.documents import periods, requests
from webapp.documents.models import ReportSchedule, ReportTask
from webapp.kit import money
from webapp.web import localize, web
from webapp.web.reportforms import folder_name

STATES = {
    "queued": (lazy_gettext("Waiting"), "neutral"),
    "running": (lazy_gettext("Printing"), "info"),
    "completed": (lazy_gettext("Ready"), "success"),
    "failed": (lazy_gettext("Failed"), "danger"),
    "cancelled": (lazy_gettext("Cancelled"), "neutral"),
    "removed": (lazy_gettext("Expired"), "warning"),
    "skipped": (lazy_gettext("Skipped"), "warning"),
}
STAGES = {
    "starting": lazy_gettext("Starting"),
    "printing": lazy_gettext("Printing the transactions"),
    "summary": lazy_gettext("Printing the summary"),
    "storing": lazy_gettext("Storing the file"),
    "done": lazy_gettext("Done"),
    "waiting for another attempt": lazy_gettext("Waiting for another attempt"),
}
MODES = {
    "yesterday": lazy_gettext("Yesterday"),
    "today": lazy_gettext("Today"),
    "daily": lazy_gettext("One day"),
    "range": lazy_gettext("Several days"),
}
STATUSES = {"periodic": lazy_gettext("Periodic ones alone"), "all": lazy_gettext("All of them")}
_NO_DATA = re.compile(r"No data for (\d{4}-\d\d-\d\d)")


@web.app_template_global()
def report_state(status: str) -> tuple[str, str]:
    """What a state is called, and how its badge looks."""
    name, level = STATES.get(status, (status, "neutral"))
    return str(name), level


@web.app_template_global()
def report_stage(task: ReportTask) -> str:
    return str(STAGES.get(task.stage, task.stage))


@web.app_template_filter()
def report_warning(text: str) -> str:
    """A task's warning in the reader's language."""
    found = _NO_DATA.fullmatch(text)
    return _("There is no data for %(day)s.", day=short_day(date.fromisoformat(found[1]))) if found else text


@web.app_template_filter()
def translated(text: str) -> str:
    """What a service has said, where the reader's language has words for it."""
    return _(text)


@web.app_template_filter()
def short_day(day: date) -> str:
    """`15 Dec 2025`"""
    return str(format_date(day, "d MMM yyyy"))


@web.app_template_filter()
def file_size(size: int | None) -> str:
    """`1.2 MB`, in Indonesian `1,2 MB`."""
    number = float(size or 0)
    for unit in ("B", "KB", "MB"):
        if number < 1_000:
            return f"{localize.one_decimal(number)} {unit}"
        number /= 1_000
    return f"{localize.one_decimal(number)} GB"


@web.app_template_global()
def expires_on(task: ReportTask) -> datetime | None:
    """From when on its file may be deleted."""
    kept = timedelta(days=settings.number("max_output_age_days"))
    return task.finished_at + kept if task.finished_at else None


@web.app_template_global()
def report_place(payload: Mapping[str, Any]) -> str:
    """Which gate: `Gate 01 · station 01`, or our own `kerkof_01 / gate01`."""
    asked = payload.get("filter") or {}
    if not payload.get("root_folder"):
        return f"{asked.get('location_code')} / {asked.get('gate_code')}"
    return _(
        "Gate %(gate)s · station %(station)s",
        gate=f"{payload['gate_id']:02}",
        station=f"{payload['station_id']:02}",
    )


@web.app_template_global()
def report_days(task: ReportTask) -> str:
    """The days it covers; one that has not begun says `Yesterday` for what will be yesterday then."""
    known = requests.days_printed(task.payload)
    if known is None and task.started_at is not None:
        known = days_of(task.payload, task.started_at)
    if known is None:
        return days_asked(task.payload)
    mode = (task.payload.get("filter") or {}).get("date_mode")
    relative = f" ({str(MODES[mode]).lower()})" if mode in ("yesterday", "today") else ""
    return span_of(*known) + relative


@web.app_template_global()
def days_asked(payload: Mapping[str, Any]) -> str:
    mode = (payload.get("filter") or {}).get("date_mode") or "daily"
    if mode in ("yesterday", "today"):
        return str(MODES[mode])
    return span_of(*days_of(payload, datetime.now(config.current().timezone)))


def days_of(payload: Mapping[str, Any], moment: datetime) -> tuple[date, date]:
    """First and last day of a payload that was good when it was asked for, run at `moment`."""
    asked = payload.get("filter") or {}
    given = {
        name: date.fromisoformat(asked[name])
        for name in ("date", "range_start", "range_end")
        if asked.get(name)
    }
    today = moment.astimezone(config.current().timezone).date()
    return periods.days(asked.get("date_mode") or "daily", today, given)


def span_of(first: date, last: date) -> str:
    return short_day(first) if first == last else f"{short_day(first)} – {short_day(last)}"


@web.app_template_global()
def report_request(payload: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was asked for, as pairs of a name and a value."""
    asked, wishes = payload.get("filter") or {}, payload.get("settings") or {}
    folder = payload.get("root_folder")
    status = asked.get("transaction_status") or "all"
    return [
        (_("Source"), folder_name(folder) if folder else _("Own gate events")),
        (_("Branch"), requests.branch(payload)),
        (_("Place"), report_place(payload)),
        (_("Transactions"), str(STATUSES.get(status, status))),
        (_("Paper"), wishes.get("page_size") or settings.text("page_size")),
        (_("File name"), wishes.get("output_filename_format") or settings.text("output_filename_format")),
    ]


@web.app_template_global()
def schedule_name(schedule: ReportSchedule) -> str:
    if schedule.name:
        return schedule.name
    return schedule.payload.get("url", "") if schedule.is_http else report_place(schedule.payload)


def local_moment(moment: datetime | None) -> str:
    return localize.moment(moment)


def count(number: int | None) -> str:
    return money.thousands(number or 0)


@web.app_template_filter()
def coming_moment(moment: datetime) -> str:
    """A moment as it is in its own zone: `Mon, 23 Nov 2026 00:30 WIB`."""
    return (
        str(format_datetime(moment.replace(tzinfo=None), "EEE, d MMM yyyy HH:mm", rebase=False))
        + f" {moment:%Z}"
    )
