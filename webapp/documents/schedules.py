"""What is done again and again, by one ticker however many processes there are (contract 3, C).

A run that is due is claimed by compare-and-swap of `next_run`. One that is still going is not started a second time;
what was missed while nobody ticked is caught up once.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import func, or_, select, update

from webapp import audit, config
from webapp.audit import UNLOGGED
from webapp.database import lock, rows_changed, transaction
from webapp.documents import crontime, httpjobs, requests, runs, tasks
from webapp.documents.httpjobs import HttpResult
from webapp.documents.models import ReportSchedule, ScheduleRun
from webapp.errors import Conflict, DomainError, Invalid, NotFound
from webapp.extensions import db, log
from webapp.kit import clock
from webapp.outgoing import HttpRequest
from webapp.queue import enqueue

MAX_SCHEDULES = 500
LATE = timedelta(minutes=5)  # a run that begins later than this after its time is a catch-up
CALL_LIMIT = timedelta(minutes=4)  # an HTTP call that has not ended by then has lost its worker
RESEND = timedelta(minutes=1)
RETRY_AFTER = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=8), timedelta(minutes=30))
SECRET_PARTS = ("headers", "body")


@dataclass(frozen=True)
class Plan:
    """What a schedule is made of. `payload` is contract 3's task, or an HTTP job (`kind` http)."""

    cron: str
    payload: Mapping[str, Any]
    timezone: str = ""
    name: str = ""
    email: str | None = None
    email_on: str = "failure"


def create(plan: Plan) -> ReportSchedule:
    """Raises Invalid, and Conflict when there are 500."""
    lock("report-schedules")
    if (db.session.scalar(select(func.count()).select_from(ReportSchedule)) or 0) >= MAX_SCHEDULES:
        raise Conflict("There are too many schedules")
    schedule = ReportSchedule(created_by_id=audit.current().user_id)
    _write(schedule, plan)
    db.session.add(schedule)
    db.session.flush()
    return schedule


def change(schedule_id: uuid.UUID, changes: Mapping[str, Any]) -> ReportSchedule:
    """Change some fields of its plan, or `is_active` (pause, resume). Raises NotFound, Invalid."""
    schedule = get(schedule_id)
    fields = {name: value for name, value in changes.items() if name != "is_active"}
    plan = replace(plan_of(schedule), **fields)
    if "payload" in fields:
        plan = replace(plan, payload=_with_kept_secrets(schedule, plan.payload))
    else:
        plan = replace(plan, payload=whole_payload(schedule))
    schedule.is_active = changes.get("is_active", schedule.is_active)
    _write(schedule, plan)
    db.session.flush()
    return schedule


def plan_of(schedule: ReportSchedule) -> Plan:
    one = schedule
    return Plan(one.cron, one.payload, one.timezone, one.name, one.email, one.email_on)


def whole_payload(schedule: ReportSchedule) -> dict[str, Any]:
    """With an HTTP job's headers and body, which are secret."""
    return {**schedule.payload, **json.loads(schedule.secrets or "{}")}


def masked_payload(schedule: ReportSchedule) -> dict[str, Any]:
    """As people and lists may see it: the names of an HTTP job's headers, and that it has a body."""
    whole = whole_payload(schedule)
    if "headers" in whole:
        whole["headers"] = dict.fromkeys(whole["headers"], httpjobs.MASK)
    if "body" in whole:
        whole["body"] = httpjobs.MASK
    return whole


def _with_kept_secrets(schedule: ReportSchedule, payload: Mapping[str, Any]) -> dict[str, Any]:
    """A mask that is sent back means: as it was. Raises Invalid when that would tell it to another host."""
    kept, fresh = whole_payload(schedule), dict(payload)
    headers, old = payload.get("headers") or {}, kept.get("headers", {})
    meant = {name for name, value in headers.items() if value == httpjobs.MASK and name in old}
    if headers:
        fresh["headers"] = {**headers, **{name: old[name] for name in meant}}
    if payload.get("body") == httpjobs.MASK and "body" in kept:
        meant.add("body")
        fresh["body"] = kept["body"]
    if meant and urlsplit(kept["url"])[:2] != urlsplit(payload["url"])[:2]:
        raise Invalid({"task_payload.headers": "Must be given again, because the host is another one"})
    return fresh


def _write(schedule: ReportSchedule, plan: Plan) -> None:
    schedule.timezone = plan.timezone or config.current().APP_TIMEZONE
    schedule.name, schedule.email, schedule.email_on = plan.name, plan.email, plan.email_on
    cron = " ".join(plan.cron.split())
    try:
        following = crontime.following(cron, schedule.timezone, clock.now())
    except ValueError as error:
        field = "timezone" if "zone" in str(error) else "cron"
        raise Invalid({field: str(error)}) from None
    schedule.cron = cron
    schedule.next_run = following if schedule.is_active is not False else None
    _write_payload(schedule, plan.payload)


def _write_payload(schedule: ReportSchedule, payload: Mapping[str, Any]) -> None:
    if payload.get("kind") != "http":
        schedule.payload, schedule.secrets = requests.checked(payload), None
        return
    httpjobs.check(payload)
    secrets = {name: payload[name] for name in SECRET_PARTS if payload.get(name)}
    schedule.secrets = json.dumps(secrets) if secrets else None
    schedule.payload = {name: value for name, value in payload.items() if name not in SECRET_PARTS}


def get(schedule_id: uuid.UUID) -> ReportSchedule:
    """Raises NotFound."""
    schedule = db.session.get(ReportSchedule, schedule_id)
    if schedule is None:
        raise NotFound("Schedule not found")
    return schedule


def delete(schedule_id: uuid.UUID) -> None:
    """It stops, and its history goes; reports that it has asked for stay. Raises NotFound."""
    db.session.delete(get(schedule_id))


def run_now(schedule_id: uuid.UUID) -> ScheduleRun:
    """Run it once more, at once. Raises NotFound, Conflict while a run is going."""
    schedule = get(schedule_id)
    lock(f"schedule-{schedule.id}")
    if runs.is_going(schedule):
        raise Conflict("A run of this schedule is still going")
    now = clock.now()
    audit.note("run", "report_schedules", schedule.id, schedule.label)
    _ran(schedule, now)
    return _start(schedule, "hand", now)


# The ticker


def tick(now: datetime) -> int:
    """Start what is due, and look after HTTP calls whose message or worker got lost; how many were started."""
    with transaction(write=False):
        due = select(ReportSchedule.id).where(ReportSchedule.is_active, ReportSchedule.next_run <= now)
        ids = list(db.session.scalars(due.order_by(ReportSchedule.next_run).limit(MAX_SCHEDULES)))
    started = sum(_run_alone(schedule_id, now) for schedule_id in ids)
    with transaction():
        _look_after_calls(now)
    return started


def _run_alone(schedule_id: uuid.UUID, now: datetime) -> bool:
    """One that can't be run must not keep the others from running."""
    try:
        with transaction():
            return _run_if_due(schedule_id, now)
    except Exception as error:  # noqa: BLE001 - the clock must not stop
        log.error("schedule_not_started", schedule=str(schedule_id), error=str(error))
        return False


def _run_if_due(schedule_id: uuid.UUID, now: datetime) -> bool:
    lock(f"schedule-{schedule_id}")
    schedule = db.session.get(ReportSchedule, schedule_id, populate_existing=True)
    if schedule is None or not schedule.is_active or schedule.next_run is None or schedule.next_run > now:
        return False
    planned = schedule.next_run
    claim = update(ReportSchedule).where(
        ReportSchedule.id == schedule_id, ReportSchedule.next_run == planned, ReportSchedule.is_active
    )
    following = crontime.following(schedule.cron, schedule.timezone, now)
    if rows_changed(claim.values(next_run=following).execution_options(**UNLOGGED)) != 1:
        return False
    if runs.is_going(schedule):
        runs.skip(schedule, planned)
        return False
    _ran(schedule, now)
    _start(schedule, "catch-up" if now - planned > LATE else "clock", planned)
    return True


def _ran(schedule: ReportSchedule, now: datetime) -> None:
    """Noted in bulk: the activity log tells what people change, not how the clock moves."""
    ran = update(ReportSchedule).where(ReportSchedule.id == schedule.id).values(last_run=now)
    rows_changed(ran.execution_options(**UNLOGGED))


def _start(schedule: ReportSchedule, trigger: str, planned: datetime) -> ScheduleRun:
    run = runs.begin(schedule, trigger, planned)
    if schedule.is_http:
        _send(run, clock.now())
        return run
    try:
        run.task_id = tasks.request(
            schedule.payload, schedule_id=schedule.id, by=f"Schedule {schedule.label}"
        ).id
    except DomainError as error:
        reason = "; ".join(error.fields.values()) if isinstance(error, Invalid) else error.message
        runs.end(run, "failed", reason)
    return run


# HTTP jobs


@dataclass(frozen=True)
class Call:
    """One attempt of an HTTP job, as its worker keeps it."""

    run_id: uuid.UUID
    attempt: int
    request: HttpRequest


def _send(run: ScheduleRun, now: datetime) -> None:
    from webapp.documents.jobs import run_http_job

    run.status, run.not_before = "queued", now + RESEND
    enqueue(run_http_job, str(run.id))


def _look_after_calls(now: datetime) -> None:
    waiting = (ScheduleRun.status == "queued") & (ScheduleRun.not_before <= now)
    lost = (
        (ScheduleRun.status == "running")
        & ScheduleRun.task_id.is_(None)
        & (ScheduleRun.started_at < now - CALL_LIMIT)
    )
    found = select(ScheduleRun).where(or_(waiting, lost)).with_for_update(skip_locked=True)
    for run in db.session.scalars(found):
        if run.status == "queued":
            _send(run, now)
        else:
            _fail_attempt(run, "Its worker died")


def claim_call(run_id: uuid.UUID) -> Call | None:
    """The call that a run is to make, now running; None when another worker has it or it has ended."""
    run = db.session.get(ScheduleRun, run_id, with_for_update=True)
    if run is None or run.status != "queued":
        return None
    schedule = get(run.schedule_id)
    if not schedule.is_http:
        runs.end(run, "cancelled", "The schedule was changed")
        return None
    run.status, run.attempt, run.started_at = "running", run.attempt + 1, clock.now()
    return Call(run.id, run.attempt, HttpRequest.of(whole_payload(schedule)))


def note_result(call: Call, result: HttpResult) -> None:
    """How an attempt ended; a failed one is repeated as often as the job says."""
    with transaction():
        run = db.session.get(ScheduleRun, call.run_id, with_for_update=True)
        if run is None or (run.status, run.attempt) != ("running", call.attempt):
            return
        if result.good:
            runs.end(run, "completed", result.detail)
        else:
            _fail_attempt(run, result.detail)


def _fail_attempt(run: ScheduleRun, reason: str) -> None:
    retries = min(get(run.schedule_id).payload.get("retries", 0), len(RETRY_AFTER))
    if run.attempt > retries:
        runs.end(run, "failed", reason)
        return
    run.status, run.detail = "queued", reason
    run.not_before = clock.now() + RETRY_AFTER[run.attempt - 1]
