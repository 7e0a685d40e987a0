"""Reports for tests: what to ask for, folders to read from, and a worker that needs no process of its own."""

import csv
import time
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from webapp.accounts import settings
from webapp.database import transaction
from webapp.documents import tasks
from webapp.documents.jobs import print_next
from webapp.documents.models import ReportTask
from webapp.extensions import db
from webapp.storage import storage

ACCESS = Path(__file__).parents[1] / "data" / "access"
ROOT = "C:\\Data\\AccessDB"
OWN_ROOT = "Own"
ASKED: dict[str, Any] = {
    "root_folder": ROOT,
    "branch_id": 1,
    "gate_id": 1,
    "station_id": 1,
    "filter": {"date_mode": "daily", "date": "2025-12-15", "transaction_status": "periodic"},
}
OWN = ASKED | {"root_folder": OWN_ROOT}
HEAD = "ID CB GB GD SHIFT PERIODA IDPUL IDPAS WAKTU GOL AVC METODA SERI STATUS AG NOKARTU"


def configured(app: Flask, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> None:
    """The application with other settings, for this test."""
    changed = app.config["GERBANG"].model_copy(update=settings)
    monkeypatch.setitem(app.config, "GERBANG", changed)


def asked(**filter_: Any) -> dict[str, Any]:
    """A request for gate 1 of station 1, with this filter."""
    return ASKED | {"filter": filter_}


def request(app: Flask, payload: Mapping[str, Any] = ASKED) -> UUID:
    with app.app_context(), transaction():
        return tasks.request(payload).id


def stored(app: Flask, task_id: UUID) -> ReportTask:
    with app.app_context():
        return tasks.get(task_id)


def change(app: Flask, task_id: UUID, **values: Any) -> None:
    """Put a task into a state that would take long to wait for."""
    with app.app_context(), transaction():
        task = tasks.get(task_id)
        for name, value in values.items():
            setattr(task, name, value)


def print_one(app: Flask) -> None:
    """What a worker does for one message."""
    with app.app_context():
        print_next()


def printed(app: Flask, payload: Mapping[str, Any] = ASKED) -> ReportTask:
    """A report that was asked for and that a worker has been at."""
    task_id = request(app, payload)
    print_one(app)
    return stored(app, task_id)


def everything(app: Flask) -> list[ReportTask]:
    with app.app_context():
        return list(db.session.scalars(db.select(ReportTask).order_by(ReportTask.created_at)))


def day_file(folder: Path, day: date, rows: int, *, station: int = 1) -> Path:
    """A CSV file of a day with so many transactions of gate 1, one each second or less."""
    path = folder / f"{day:%m-%Y}" / f"{station:02}" / f"{day:%d%m%Y}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    start = datetime(day.year, day.month, day.day)
    step = timedelta(days=1) / max(rows, 1)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD.split())
        for number in range(rows):
            at = (start + number * step).replace(microsecond=0)
            writer.writerow(
                [number, 1, 1, station, 1, 1, "007", "", at, 1, 1, "PPC5", number, "PERIODIK", "", ""]
            )
    return path


def pdf_of(app: Flask, task: ReportTask) -> bytes:
    with app.app_context():
        return storage().get(task.storage_name)


def set_to(app: Flask, key: str, value: str) -> None:
    """A setting is changed."""
    with app.app_context(), transaction():
        settings.change(key, value)


def cancel(app: Flask, task_id: UUID) -> str:
    with app.app_context(), transaction():
        return tasks.cancel(task_id).status


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for it."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)
