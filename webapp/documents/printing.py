"""From a claimed task to its file: find the source, print the evidence sheet, put it into the storage."""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from webapp import config
from webapp.accounts import settings
from webapp.database import transaction
from webapp.documents import periods, tasks
from webapp.documents.models import ReportTask
from webapp.documents.press import Printed, Sheet, print_evidence
from webapp.documents.sources import PERIODIC, Source, Transaction, Wanted, own_events, roots
from webapp.documents.sources.folders import DayFiles
from webapp.errors import DomainError, Invalid
from webapp.extensions import db, log
from webapp.kit import clock
from webapp.storage import storage

SAVE_EVERY = 1.0  # seconds between two notes of progress in the database
STATUSES = {"periodic": PERIODIC, "all": None, "": None}


class NoLongerOurs(Exception):
    """The task was cancelled, or another worker has taken it up."""


@dataclass(frozen=True)
class Assignment:
    """What is to be printed, resolved on the day on which it runs."""

    source: Source
    wanted: Wanted
    first: date
    last: date


def assignment(payload: Mapping[str, Any], today: date) -> Assignment:
    """Raises Invalid when the payload's folder, days or filter can't be printed."""
    filter_ = payload.get("filter") or {}
    given = {name: _date(filter_.get(name)) for name in ("date", "range_start", "range_end")}
    try:
        first, last = periods.days(filter_.get("date_mode") or "daily", today, given)
    except ValueError as error:
        raise Invalid({"filter": str(error)}) from None
    start, end = periods.window(first, last, settings.number("time_overlap"))
    status = STATUSES[filter_.get("transaction_status") or ""]
    wanted = Wanted(payload["branch_id"], payload["gate_id"], payload["station_id"], start, end, status)
    return Assignment(_source(payload, filter_), wanted, first, last)


def _source(payload: Mapping[str, Any], filter_: Mapping[str, Any]) -> Source:
    if not payload.get("root_folder"):
        return own_events(filter_)
    folder = roots.folder(payload["root_folder"], roots.parse(config.current().DATA_ROOTS))
    return DayFiles(folder, settings.text("datasource_path_format"))


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def run(task: ReportTask) -> None:
    """Print a claimed task and say how it ended. Raises nothing that the task itself can tell."""
    task_id, attempt, payload, number = task.id, task.attempt, dict(task.payload), task.number
    db.session.commit()
    try:
        with tempfile.TemporaryDirectory(prefix="gerbang-report-") as folder:
            target = Path(folder) / "report.pdf"
            what = assignment(payload, clock.today(config.current().timezone))
            printed = _print(what, payload, number, target, _note(task_id, attempt))
            storage().put_file(task.storage_name, target)
        _complete(task_id, attempt, payload, what, printed)
    except NoLongerOurs:
        log.info("report_given_up", task=str(task_id))
    except DomainError as error:
        _fail(task_id, attempt, _words(error))
    except OSError as error:
        _fail(task_id, attempt, f"The report could not be written: {error.strerror or error}")


def _note(task_id: Any, attempt: int) -> Callable[[str, int], None]:
    """Writes progress into the row, at most once a second. Raises NoLongerOurs."""
    noted = 0.0

    def note(stage: str, percent: int) -> None:
        nonlocal noted
        if time.monotonic() - noted < SAVE_EVERY:
            return
        noted = time.monotonic()
        with transaction():
            ours = tasks.report_progress(task_id, attempt, stage, percent)
        if not ours:
            raise NoLongerOurs()

    return note


def _print(
    what: Assignment,
    payload: Mapping[str, Any],
    number: str,
    target: Path,
    note: Callable[[str, int], None],
) -> Printed:
    zone, known = config.current().timezone, settings.everything()
    own = payload.get("settings") or {}
    sheet = Sheet(
        company=own.get("management_company") or known["management_company"],
        branch=own.get("branch_name") or known["branch_name"],
        gate=f"{payload['gate_id']:02}",
        operator=own.get("operator") or "",
        station=f"{payload['station_id']:02}",
        start=what.wanted.start,
        end=what.wanted.end,
        page_size=own.get("page_size") or known["page_size"],
        number=number,
        verify_url=f"{config.current().DEEP_LINK_BASE_URL}/verify/{number}",
        missing_days=what.source.missing(what.wanted),
        generated_at=clock.now(),
        zone=zone,
    )

    def read() -> Iterator[Transaction]:
        return what.source.transactions(what.wanted)

    return print_evidence(sheet, read, target, note)


def _complete(
    task_id: Any, attempt: int, payload: Mapping[str, Any], what: Assignment, printed: Printed
) -> None:
    with transaction():
        if not tasks.report_progress(task_id, attempt, "done", 100):
            storage().delete(tasks.get(task_id).storage_name)
            return
        task = tasks.get(task_id)
        task.status, task.finished_at = "completed", clock.now()
        task.output_name = _free_name(payload, what)
        task.output_size, task.sha256 = printed.size, printed.sha256
        task.pages, task.transactions = printed.pages, printed.transactions
        task.warnings = [f"No data for {day.isoformat()}" for day in what.source.missing(what.wanted)]


def _free_name(payload: Mapping[str, Any], what: Assignment) -> str:
    """The file's name by the format of the request or of the settings; `_2` and so on when it is taken."""
    own = payload.get("settings") or {}
    pattern = own.get("output_filename_format") or settings.text("output_filename_format")
    days = f"{what.first:%Y%m%d}" + (f"-{what.last:%Y%m%d}" if what.last != what.first else "")
    local = datetime.now(config.current().timezone)
    words = {
        "branch_id": f"{payload['branch_id']:03}",
        "date": days,
        "gate_id": f"{payload['gate_id']:02}",
        "station_id": f"{payload['station_id']:02}",
        "time": f"{local:%H%M%S}",
    }
    stem = periods.file_name(pattern, words)
    taken = select(ReportTask.output_name).where(ReportTask.output_name.startswith(stem, autoescape=True))
    names = set(db.session.scalars(taken))
    return next(name for name in _numbered(stem) if name not in names)


def _numbered(stem: str) -> Iterator[str]:
    yield f"{stem}.pdf"
    yield from (f"{stem}_{number}.pdf" for number in range(2, 1_000_000))


def _fail(task_id: Any, attempt: int, reason: str) -> None:
    with transaction():
        if tasks.report_progress(task_id, attempt, "failed", 0):
            task = tasks.get(task_id)
            task.status, task.error, task.finished_at = "failed", reason, clock.now()


def _words(error: DomainError) -> str:
    return "; ".join(error.fields.values()) if isinstance(error, Invalid) else error.message
