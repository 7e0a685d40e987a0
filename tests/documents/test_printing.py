"""From what is asked for to the file: sources, days, names, and what is refused."""

import hashlib
import os
import tempfile
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask

from tests.support import needs, reports
from tests.support.factories import Make
from tests.support.reports import (
    ASKED,
    OWN,
    asked,
    change,
    pdf_of,
    print_one,
    printed,
    request,
    set_to,
    stored,
)
from webapp.documents import requests, tasks, workfolder
from webapp.documents.jobs import expire_reports
from webapp.errors import Invalid, NotFound, NotReady, QueueFull
from webapp.kit import clock
from webapp.storage import storage


def waiting_jobs(app: Flask) -> int:
    return int(app.extensions["redis"].llen("rq:queue:default"))


@needs.mdbtools
def test_a_report_is_printed_from_the_access_file(app: Flask) -> None:
    task = printed(app)
    pdf = pdf_of(app, task)
    assert (task.status, task.progress, task.stage, task.error) == ("completed", 100, "done", None)
    assert (task.transactions, task.warnings) == (31, [])
    assert (task.output_name, task.output_size) == ("001_20251215.pdf", len(pdf))
    assert task.sha256 == hashlib.sha256(pdf).hexdigest()
    assert pdf.startswith(b"%PDF-")


@needs.mdbtools
@pytest.mark.parametrize(("status", "count"), [("periodic", 31), ("all", 38), ("", 38)])
def test_the_filter_chooses_what_is_printed(app: Flask, status: str, count: int) -> None:
    task = printed(app, asked(date_mode="daily", date="2025-12-15", transaction_status=status))
    assert task.transactions == count


@needs.mdbtools
def test_a_range_is_one_report_and_a_missing_day_is_a_warning(app: Flask) -> None:
    task = printed(app, asked(date_mode="range", range_start="2025-12-14", range_end="2025-12-16"))
    assert (task.status, task.transactions) == ("completed", 38 + 14)
    assert task.warnings == ["No data for 2025-12-14"]
    assert task.output_name == "001_20251214-20251216.pdf"


def test_a_period_without_anything_prints_a_document_that_says_so(app: Flask) -> None:
    task = printed(app, OWN)
    assert (task.status, task.transactions, task.pages) == ("completed", 0, 1)
    assert task.warnings == ["No data for 2025-12-15"]
    assert pdf_of(app, task).startswith(b"%PDF-")


@needs.mdbtools
def test_a_corrupt_file_fails_the_task_with_its_name(app: Flask, folder: Path) -> None:
    broken = folder / "12-2025" / "01" / "15122025.mdb"
    broken.parent.mkdir(parents=True)
    whole = (reports.ACCESS / "12-2025" / "01" / "15122025.mdb").read_bytes()
    for content in (whole[: len(whole) // 2], b"no database", b""):
        broken.write_bytes(content)
        task = printed(app, OWN)
        assert task.status == "failed"
        assert (task.error or "").startswith("15122025.mdb: ")
        assert task.output_name is None


def test_our_own_events_are_a_source_too(app: Flask, make: Make) -> None:
    gate = make.open_gate()
    times = [f"2025-12-15 {hour:02}:30:00" for hour in range(24)]
    make.events(gate, "2025-12-14 23:59:59", *times, "2025-12-16 00:00:00")
    asked = {
        "branch_id": 0,
        "gate_id": 0,
        "station_id": 0,
        "filter": {"date_mode": "daily", "date": "2025-12-15", "transaction_status": "periodic"}
        | {"location_code": "kerkof_01", "gate_code": "gate01"},
    }
    task = printed(app, asked)
    assert (task.status, task.transactions, task.warnings) == ("completed", 24, [])


def test_more_of_our_events_than_are_read_at_once_come_whole(
    app: Flask, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.gates.transactions.CHUNK", 7)
    gate = make.open_gate()
    make.events(gate, *["2025-12-15 08:00:00"] * 25, *["2025-12-15 08:00:01"] * 25)
    filter_ = {"date": "2025-12-15", "location_code": "kerkof_01", "gate_code": "gate01"}
    task = printed(app, {"branch_id": 0, "gate_id": 0, "station_id": 0, "filter": filter_})
    assert task.transactions == 50


def test_time_overlap_moves_the_window(app: Flask, folder: Path) -> None:
    for day in (15, 16):
        reports.day_file(folder, date(2025, 12, day), 24)  # one at each full hour
    set_to(app, "time_overlap", "90")
    assert printed(app, OWN).transactions == 24
    (folder / "12-2025" / "01" / "16122025.csv").unlink()
    assert printed(app, OWN).transactions == 22


@pytest.mark.parametrize(
    "wrong",
    [
        {"root_folder": "C:\\Windows"},
        {"root_folder": "Own/../../etc"},
        {"root_folder": None},
        {"filter": {"date_mode": "daily"}},
        {"filter": {"date_mode": "range", "range_start": "2025-12-31", "range_end": "2025-12-01"}},
        {"filter": {"date_mode": "range", "range_start": "2024-01-01", "range_end": "2025-12-01"}},
        {"settings": {"page_size": "A9"}},
        {"settings": {"output_filename_format": "../{date}"}},
        {"root_folder": None, "filter": {"date_mode": "today", "location_code": "x", "gate_code": "y"}},
    ],
)
def test_what_no_worker_could_print_is_refused_at_once(app: Flask, wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        request(app, ASKED | wrong)
    assert reports.everything(app) == []


def test_two_reports_of_one_name_do_not_overwrite_each_other(app: Flask) -> None:
    names = [printed(app, OWN).output_name for _ in range(3)]
    assert names == ["001_20251215.pdf", "001_20251215_2.pdf", "001_20251215_3.pdf"]


def test_the_name_follows_the_requests_own_format(app: Flask) -> None:
    task = printed(app, OWN | {"settings": {"output_filename_format": "{station_id} {gate_id}-{branch_id}"}})
    assert task.output_name == "01 01-001.pdf"


def test_the_queue_is_bounded(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "MAX_QUEUED", 3)
    for _ in range(3):
        request(app, OWN)
    with pytest.raises(QueueFull):
        request(app, OWN)
    print_one(app)
    request(app, OWN)


def test_the_first_that_came_is_the_first_that_is_printed(app: Flask) -> None:
    first, second = request(app, OWN), request(app, OWN)
    with app.app_context():
        assert [tasks.position(tasks.get(one)) for one in (first, second)] == [1, 2]
    print_one(app)
    assert (stored(app, first).status, stored(app, second).status) == ("completed", "queued")


def test_days_are_settled_when_the_report_runs(app: Flask) -> None:
    with time_machine.travel("2025-12-15 16:59:00+00:00"):  # 23:59 in Jakarta
        before, after = (request(app, OWN | {"filter": {"date_mode": "yesterday"}}) for _ in range(2))
        print_one(app)
    with time_machine.travel("2025-12-15 17:01:00+00:00"):
        print_one(app)
    assert stored(app, before).output_name == "001_20251214.pdf"
    assert stored(app, after).output_name == "001_20251215.pdf"
    assert requests.days_printed(stored(app, after).payload) == (date(2025, 12, 15), date(2025, 12, 15))


def test_nobody_says_of_a_report_what_it_turned_out_to_be(app: Flask) -> None:
    said = {"resolved": {"first_day": "x", "branch_name": "Theirs"}}
    assert "resolved" not in stored(app, request(app, OWN | said)).payload


@pytest.mark.parametrize("backwards", [timedelta(hours=-3), timedelta(days=1)])
def test_a_clock_that_is_set_while_reports_wait_loses_none(app: Flask, backwards: timedelta) -> None:
    ids = [request(app, OWN) for _ in range(3)]
    with time_machine.travel(clock.now() + backwards):
        ids.append(request(app, OWN))
        for _ in ids:
            print_one(app)
    assert {stored(app, one).status for one in ids} == {"completed"}


def test_a_file_is_there_for_who_asks_after_it_is_ready(app: Flask) -> None:
    task_id = request(app, OWN)
    with app.app_context(), pytest.raises(NotReady):
        tasks.finished(task_id)
    print_one(app)
    with app.app_context():
        assert tasks.finished(task_id).output_name == "001_20251215.pdf"


def test_old_files_are_removed_and_their_names_are_free(app: Flask) -> None:
    old, young = printed(app, OWN), printed(app, OWN)
    change(app, old.id, finished_at=clock.now() - timedelta(days=7, seconds=1))
    with app.app_context():
        expire_reports()
        with pytest.raises(NotFound):
            storage().get(old.storage_name)
        with pytest.raises(NotFound):
            tasks.finished(old.id)
    assert (stored(app, old.id).status, stored(app, old.id).output_name) == ("removed", None)
    assert stored(app, young.id).status == "completed"
    assert printed(app, OWN).output_name == "001_20251215.pdf"


def test_what_killed_workers_left_half_written_is_swept(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    stored_folder = app.config["GERBANG"].data_dir / "files" / "reports"
    stored_folder.mkdir(parents=True, exist_ok=True)
    left = [tmp_path / f"{workfolder.PREFIX}{name}" for name in ("dead", "alive")]
    for folder in left:
        folder.mkdir()
        (folder / ".report.pdf.ab12.part").write_bytes(b"%PDF")
    half, fresh = (stored_folder / f".{name}.new" for name in ("half", "fresh"))
    half.write_bytes(b"%PDF")
    fresh.write_bytes(b"%PDF")
    long_ago = (clock.now() - timedelta(hours=13)).timestamp()
    for path in (left[0] / ".report.pdf.ab12.part", left[0], half):
        os.utime(path, (long_ago, long_ago))
    with app.app_context():
        expire_reports()
    assert [path.exists() for path in (*left, half, fresh)] == [False, True, False, True]
    assert printed(app, OWN).status == "completed"


def test_the_path_of_a_days_file_is_a_setting(app: Flask, folder: Path) -> None:
    reports.day_file(folder, date(2025, 12, 15), 5).rename(folder / "251215-01.csv")
    assert printed(app, OWN).transactions == 0
    set_to(app, "datasource_path_format", "{YY}{MM}{DD}-{station_id}.csv")
    assert printed(app, OWN).transactions == 5


@pytest.mark.parametrize(
    "path",
    [
        "../{DD}{MM}{YYYY}.mdb",
        "/{DD}{MM}{YYYY}.mdb",
        "{DD}{MM}{YYYY}/../../x.mdb",
        "{DD}{MM}{YYYY}.exe",
        "{DD}{MM}.mdb",
        "all.mdb",
        "{DD}{MM}{YYYY}{gate}.mdb",
        "{DD}{MM}{YYYY}//.mdb",
        "{DD}\\{MM}{YYYY}.mdb",
        "",
    ],
)
def test_a_path_that_leads_elsewhere_or_names_no_day_is_refused(app: Flask, path: str) -> None:
    with pytest.raises(Invalid):
        set_to(app, "datasource_path_format", path)
