"""From a claimed task to its file: find the source, print the evidence sheet, put it into the storage.

No transaction is open while it prints: SQLite has a single writer, and PostgreSQL's snapshots should not grow old.
"""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rq.timeouts import JobTimeoutException
from sqlalchemy import select

from webapp import config
from webapp.accounts import settings
from webapp.database import transaction
from webapp.documents import branding, requests, tasks
from webapp.documents.models import ReportTask, storage_name
from webapp.documents.press import Printed, Sheet, print_evidence
from webapp.documents.requests import Assignment
from webapp.documents.sources import Transaction
from webapp.documents.watch import NoLongerOurs, Watch
from webapp.documents.workfolder import work_folder
from webapp.errors import DomainError, Invalid, Unavailable
from webapp.extensions import db, log
from webapp.kit import clock
from webapp.storage import storage


@dataclass(frozen=True)
class Order:
    """A claimed task as its worker keeps it, apart from the database."""

    task_id: uuid.UUID
    attempt: int
    number: str
    payload: Mapping[str, Any]

    @property
    def storage_name(self) -> str:
        return storage_name(self.task_id, self.attempt)


@dataclass(frozen=True)
class Plan:
    """All that printing needs to know, so that it need not ask the database."""

    what: Assignment
    sheet: Sheet
    missing: list[date]


def run(task: ReportTask) -> None:
    """Print a claimed task and say how it ended. Commits the claim first; raises nothing that the task can tell."""
    order = Order(task.id, task.attempt, task.number, dict(task.payload))
    db.session.commit()
    try:
        _produce(order)
    except NoLongerOurs:
        log.info("report_given_up", task=str(order.task_id))
    except Unavailable as error:
        _later(order, error.message)
    except DomainError as error:
        _fail(order, _words(error))
    except OSError as error:
        _later(order, f"The report could not be written: {error.strerror or error}")
    except JobTimeoutException:
        _fail(order, "It took too long")
    except Exception:  # noqa: BLE001 - whatever it was, the task must not stay running
        log.exception("report_failed", task=str(order.task_id))
        _later(order, "An error of the server; its log says more")


def _produce(order: Order) -> None:
    with transaction(write=False):
        plan = _plan(order)
    _note_meaning(order, plan)
    with Watch(order.task_id, order.attempt) as watch, work_folder() as folder:
        target = folder / "report.pdf"
        printed = _print(plan, target, watch)
        watch.note("storing", 99)
        storage().put_file(order.storage_name, target)
    _complete(order, plan, printed)


def _note_meaning(order: Order, plan: Plan) -> None:
    """What `yesterday` was stays with the task, whatever the clock and the settings say later."""
    with transaction():
        task = tasks.own(order.task_id, order.attempt)
        if task is None:
            raise NoLongerOurs()
        task.payload = requests.resolved(order.payload, plan.what, plan.sheet.branch)


def _plan(order: Order) -> Plan:
    what = requests.assignment(order.payload)
    missing = what.source.missing(what.wanted)
    return Plan(what, _sheet(order, what, missing), missing)


def _sheet(order: Order, what: Assignment, missing: list[date]) -> Sheet:
    known = settings.everything()
    payload, own = order.payload, order.payload.get("settings") or {}
    asked = payload.get("filter") or {}
    by_name = not payload.get("root_folder")  # our own gates have codes instead of numbers
    return Sheet(
        company=own.get("management_company") or known["management_company"],
        branch=own.get("branch_name") or known["branch_name"],
        gate=asked["gate_code"] if by_name else f"{payload['gate_id']:02}",
        operator=own.get("operator") or "",
        station=asked["location_code"] if by_name else f"{payload['station_id']:02}",
        start=what.wanted.start,
        end=what.wanted.end,
        page_size=own.get("page_size") or known["page_size"],
        number=order.number,
        verify_url=f"{_base_url()}/verify/{order.number}",
        missing_days=missing,
        generated_at=clock.now(),
        zone=config.current().timezone,
        status=what.wanted.status or "",
        logo=branding.logo_file(),
    )


def _base_url() -> str:
    """A worker has no visitor whose address it could print, so without the setting it is this machine's."""
    known = config.current()
    return known.DEEP_LINK_BASE_URL or f"http://{known.HOST}:{known.PORT}"


def _print(plan: Plan, target: Path, watch: Watch) -> Printed:
    def read() -> Iterator[Transaction]:
        for one in plan.what.source.transactions(plan.what.wanted):
            watch.check()
            yield one

    return print_evidence(plan.sheet, read, target, watch.note)


def _complete(order: Order, plan: Plan, printed: Printed) -> None:
    with transaction():
        task = tasks.own(order.task_id, order.attempt)
        if task is not None:
            task.stage, task.progress = "done", 100
            task.output_name = _free_name(requests.output_stem(order.payload, plan.what))
            task.output_size, task.sha256 = printed.size, printed.sha256
            task.pages, task.transactions = printed.pages, printed.transactions
            task.warnings = [f"No data for {day.isoformat()}" for day in plan.missing]
            tasks.end(task, "completed")
    _tidy(order, keep=task is not None)


def _tidy(order: Order, keep: bool) -> None:
    """Delete what earlier attempts may have stored, and this one's own file when nobody will ask for it."""
    for attempt in range(1, order.attempt + (0 if keep else 1)):
        storage().delete(storage_name(order.task_id, attempt))


def _free_name(stem: str) -> str:
    """The name with `_2` and so on when it is taken; the lock of `tasks.own` keeps others from taking it as well."""
    taken = select(ReportTask.output_name).where(ReportTask.output_name.startswith(stem, autoescape=True))
    names = set(db.session.scalars(taken))
    return next(name for name in _numbered(stem) if name not in names)


def _numbered(stem: str) -> Iterator[str]:
    yield f"{stem}.pdf"
    yield from (f"{stem}_{number}.pdf" for number in range(2, 1_000_000))


def _fail(order: Order, reason: str) -> None:
    with transaction():
        if (task := tasks.own(order.task_id, order.attempt)) is not None:
            tasks.end(task, "failed", error=reason)


def _later(order: Order, reason: str) -> None:
    with transaction():
        if (task := tasks.own(order.task_id, order.attempt)) is not None:
            tasks.try_again(task, reason)


def _words(error: DomainError) -> str:
    return "; ".join(error.fields.values()) if isinstance(error, Invalid) else error.message
