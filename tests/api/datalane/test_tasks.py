"""Reports over HTTP (contract 3, B)."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask import Flask

from tests.callers import Datalane
from tests.support import needs, reports
from tests.support.reports import OWN, print_one
from webapp.activity.models import Activity
from webapp.documents import tasks
from webapp.storage import storage

pytestmark = pytest.mark.usefixtures("reading")
QUEUE, PATH = "/api/queue", "/api/tasks"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
DOCUMENTED = {
    "root_folder": "C:\\Data\\AccessDB",
    "branch_id": 1,
    "gate_id": 1,
    "station_id": 1,
    "filter": {
        "date_mode": "daily",
        "date": "2025-12-15",
        "range_start": "2025-12-01",
        "range_end": "2025-12-31",
        "transaction_status": "periodic",
    },
    "settings": {
        "branch_name": "BALMERA",
        "management_company": "PT Jasa Marga",
        "page_size": "A4",
        "output_filename_format": "{branch_id}_{date}_{gate_id}",
    },
}


def queue(caller: Datalane, payload: dict[str, Any] = OWN) -> str:
    return str(caller.post(QUEUE, json=payload)["task_id"])


@needs.mdbtools
def test_the_documents_example_from_the_queue_to_the_file(app: Flask, partner: Datalane) -> None:
    queued = partner.post(QUEUE, json=DOCUMENTED)
    assert list(queued) == ["task_id", "status", "queue_position", "queue_size", "created_at"]
    assert (queued["status"], queued["queue_position"], queued["queue_size"]) == ("queued", 1, 1)
    assert MOMENT.fullmatch(queued["created_at"])
    one = f"{PATH}/{queued['task_id']}"
    assert partner.get(f"{one}/download", 409, 3002) == "Task not ready for download"
    print_one(app)
    detail = partner.get(one)
    assert list(detail)[:8] == [
        "id",
        "schedule_id",
        "status",
        "metadata",
        "output_file_path",
        "output_file_size",
        "created_at",
        "updated_at",
    ]
    assert (detail["status"], detail["schedule_id"], detail["transactions"]) == ("completed", None, 31)
    assert detail["output_file_path"] == "output/001_20251215_01.pdf"
    assert {"branch_id": 1, "gate_id": 1}.items() <= detail["metadata"].items()
    response = partner.raw("GET", f"{one}/download")
    pdf = response.get_data()
    assert (response.status_code, response.content_type) == (200, "application/pdf")
    assert response.content_length == len(pdf) == detail["output_file_size"]
    assert response.headers["Content-Disposition"] == 'attachment; filename="001_20251215_01.pdf"'
    assert hashlib.sha256(pdf).hexdigest() == detail["sha256"]


def test_the_place_in_the_queue_is_told(partner: Datalane) -> None:
    told = [partner.post(QUEUE, json=OWN) for _ in range(3)]
    assert [(one["queue_position"], one["queue_size"]) for one in told] == [(1, 1), (2, 2), (3, 3)]


def test_tasks_come_newest_first_in_pages_of_ten(partner: Datalane) -> None:
    ids = [queue(partner) for _ in range(12)]
    first = partner.get(PATH)
    assert first["pagination"] == {"total": 12, "page": 1, "limit": 10, "total_pages": 2}
    assert [row["id"] for row in first["items"]] == ids[:1:-1]
    assert list(first["items"][0])[:5] == ["id", "status", "output_file_size", "created_at", "updated_at"]
    assert [row["id"] for row in partner.get(PATH, page=2)["items"]] == ids[1::-1]


def test_tasks_are_found_by_state_and_by_business_days(app: Flask, partner: Datalane) -> None:
    with time_machine.travel("2025-12-14 16:59:00+00:00", tick=False):  # 23:59 in Jakarta
        early = queue(partner)
        print_one(app)
    with time_machine.travel("2025-12-14 17:00:00+00:00", tick=False):
        late = queue(partner)

    def found(query: str) -> list[str]:
        listed = partner.checked(partner.raw("GET", f"{PATH}?{query}"), 200, 0)
        return [row["id"] for row in listed["items"]]

    assert found("status=completed") == [early]
    assert found("status=queued") == [late]
    assert found("to=2025-12-14") == [early]
    assert found("from=2025-12-15") == [late]
    assert found("from=2025-12-14&to=2025-12-15&status=") == [late, early]


@pytest.mark.parametrize(
    "query",
    [
        "limit=101",
        "limit=0",
        "page=0",
        "page=x",
        "status=lost",
        "from=2025-02-30",
        "to=yesterday",
        "from=2025-12-15T00:00:00",
    ],
)
def test_a_list_that_makes_no_sense_is_refused(partner: Datalane, query: str) -> None:
    partner.checked(partner.raw("GET", f"{PATH}?{query}"), 400, 1002)


def test_a_task_is_cancelled_once(app: Flask, partner: Datalane) -> None:
    one = f"{PATH}/{queue(partner)}"
    assert partner.delete(one) == {"id": one.rsplit("/", 1)[1], "status": "cancelled"}
    assert partner.delete(one, 409, 1002) == "The task can no longer be cancelled"
    partner.get(f"{one}/download", 409, 3002)
    done = f"{PATH}/{queue(partner)}"
    print_one(app)
    partner.delete(done, 409, 1002)


@pytest.mark.parametrize("rest", ["", "/download"])
@pytest.mark.parametrize("id", ["00000000-0000-4000-8000-000000000001", "1", "x"])
def test_an_unknown_task_is_not_found(partner: Datalane, id: str, rest: str) -> None:
    partner.get(f"{PATH}/{id}{rest}", 404, 3001)


def test_an_expired_file_is_no_longer_there(app: Flask, partner: Datalane) -> None:
    task_id = queue(partner)
    print_one(app)
    with app.app_context():
        storage().delete(tasks.get(UUID(task_id)).storage_name)
    partner.get(f"{PATH}/{task_id}/download", 404, 3001)
    reports.change(app, UUID(task_id), status="removed", output_name=None)
    partner.get(f"{PATH}/{task_id}/download", 404, 3001)
    assert partner.get(f"{PATH}/{task_id}")["output_file_path"] is None


def test_why_a_task_failed_is_told(app: Flask, reading: Path, partner: Datalane) -> None:
    file = reports.day_file(reading, reports.date(2025, 12, 15), 3)
    file.write_text(file.read_text().replace("2025-12-15", "yesterday"))
    task_id = queue(partner)
    print_one(app)
    detail = partner.get(f"{PATH}/{task_id}")
    assert detail["status"] == "failed"
    assert detail["error"].startswith("15122025.csv: row 1 can't be read")


@pytest.mark.parametrize(
    "change",
    [
        {"root_folder": "C:\\Windows"},
        {"root_folder": "C:\\Data\\AccessDB\\..\\.."},
        {"root_folder": "/etc"},
        {"root_folder": 7},
        {"root_folder": "x\x00"},
        {"branch_id": -1},
        {"branch_id": 2**31},
        {"gate_id": "1"},
        {"station_id": None},
        {"filter": None},
        {"filter": {"date_mode": "weekly"}},
        {"filter": {"date_mode": "daily"}},
        {"filter": {"date_mode": "daily", "date": "2025-02-30"}},
        {"filter": {"date_mode": "range", "range_start": "2025-12-01"}},
        {"filter": {"date_mode": "range", "range_start": "2025-12-02", "range_end": "2025-12-01"}},
        {"filter": {"date_mode": "today", "transaction_status": "none"}},
        {"settings": {"page_size": "A9"}},
        {"settings": {"output_filename_format": "../../{date}"}},
        {"settings": {"branch_name": "x" * 101}},
        {"settings": []},
    ],
)
def test_a_request_that_breaks_a_rule_is_refused_and_leaves_nothing(
    partner: Datalane, change: dict[str, Any]
) -> None:
    partner.post(QUEUE, 400, 1002, DOCUMENTED | change)
    assert partner.get(PATH)["pagination"]["total"] == 0


def test_without_a_folder_a_gate_of_our_own_is_named(partner: Datalane) -> None:
    filter_ = {"date_mode": "today"}
    partner.post(QUEUE, 400, 1002, {"filter": filter_})
    unknown = filter_ | {"location_code": "nowhere", "gate_code": "none"}
    assert "Gate not found" in partner.post(QUEUE, 400, 1002, {"filter": unknown})
    partner.post(QUEUE, 400, 1002, {"root_folder": "Own", "filter": filter_})  # folders want their numbers


def test_a_full_queue_says_so_and_when_to_come_back(
    partner: Datalane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "MAX_QUEUED", 1)
    queue(partner)
    response = partner.send("POST", QUEUE, OWN)
    assert partner.checked(response, 429, 1002) == "Too many tasks are waiting, please retry"
    assert response.headers["Retry-After"] == "60"


def test_who_asks_takes_and_cancels_is_remembered(
    app: Flask, partner: Datalane, logged: Callable[..., list[Activity]]
) -> None:
    task_id = queue(partner)
    print_one(app)
    partner.raw("GET", f"{PATH}/{task_id}/download").get_data()
    partner.delete(f"{PATH}/{queue(partner)}")
    lines = logged(object_type="report_tasks")
    assert [line.action for line in lines] == ["request", "download", "request", "cancel"]
    assert {(line.actor_name, line.door) for line in lines} == {("test", "datalane")}
    assert partner.get(f"{PATH}/{task_id}")["requested_by"] == "test"


def test_a_download_that_is_only_asked_about_lets_the_file_go(app: Flask, partner: Datalane) -> None:
    task_id = queue(partner)
    print_one(app)
    response = partner.raw("HEAD", f"{PATH}/{task_id}/download")
    assert (response.status_code, response.get_data()) == (200, b"")
    assert response.content_length == partner.get(f"{PATH}/{task_id}")["output_file_size"]
    response.close()


def test_an_operator_needs_a_key(operator: Datalane) -> None:
    operator.post(QUEUE, 403, 2001, OWN)
    operator.get(PATH, 403, 2001)
