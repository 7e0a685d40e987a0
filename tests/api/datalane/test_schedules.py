"""Schedules over HTTP (contract 3, C)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from tests.callers import Datalane
from tests.support import reports
from tests.support.reports import print_one
from webapp.documents import schedules

pytestmark = pytest.mark.usefixtures("reading")
PATH = "/api/schedules"
NOON = datetime(2025, 12, 15, 12, tzinfo=UTC)
DOCUMENTED = {
    "cron": "0 0 * * *",
    "task_payload": {
        "root_folder": "C:\\Data\\AccessDB",
        "branch_id": 1,
        "gate_id": 1,
        "station_id": 1,
        "filter": {"date_mode": "yesterday"},
    },
}


@pytest.fixture(autouse=True)
def noon(app: Flask, admin: Datalane, partner: Datalane) -> Any:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def tick(app: Flask, traveller: Any, at: datetime) -> None:
    traveller.move_to(at)
    with app.app_context():
        schedules.tick(at)


def created(caller: Datalane, **more: Any) -> str:
    return f"{PATH}/{caller.post(PATH, json=DOCUMENTED | more)['schedule_id']}"


def test_the_documents_example_in_utc(partner: Datalane) -> None:
    made = partner.post(PATH, json=DOCUMENTED | {"timezone": "UTC"})
    assert list(made) == ["schedule_id", "cron", "next_run", "active"]
    assert made | {"cron": "0 0 * * *", "next_run": "2025-12-16T00:00:00Z", "active": True} == made
    [row] = partner.get(PATH)["items"]
    assert list(row)[:5] == ["id", "cron", "active", "last_run", "next_run"]
    assert (row["id"], row["last_run"], row["timezone"]) == (made["schedule_id"], None, "UTC")
    assert row["task_payload"]["filter"]["date_mode"] == "yesterday"
    assert partner.delete(f"{PATH}/{row['id']}") is None
    assert partner.get(PATH) == {"items": []}


def test_a_cron_line_is_in_the_business_zone(partner: Datalane) -> None:
    assert partner.post(PATH, json=DOCUMENTED)["next_run"] == "2025-12-15T17:00:00Z"


def test_it_runs_and_its_history_tells(app: Flask, partner: Datalane, noon: Any) -> None:
    one = created(partner, timezone="UTC")
    tick(app, noon, datetime(2025, 12, 16, 0, 0, 9, tzinfo=UTC))
    print_one(app)
    [row] = partner.get(PATH)["items"]
    assert (row["last_run"], row["next_run"]) == ("2025-12-16T00:00:09Z", "2025-12-17T00:00:00Z")
    [run] = partner.get(f"{one}/history")["items"]
    assert (run["trigger"], run["status"], run["planned_at"]) == (
        "clock",
        "completed",
        "2025-12-16T00:00:00Z",
    )
    detail = partner.get(f"/api/tasks/{run['task_id']}")
    assert detail["schedule_id"] == row["id"]
    assert detail["output_file_path"] == "output/001_20251215.pdf"


def test_it_is_paused_changed_and_resumed(partner: Datalane) -> None:
    one = created(partner)

    def patch(status: int = 200, code: int = 0, **body: Any) -> Any:
        return partner.checked(partner.send("PATCH", one, body), status, code)

    paused = patch(active=False)
    assert (paused["active"], paused["next_run"]) == (False, None)
    changed = patch(cron="30 6 * * 1", timezone="Asia/Tokyo", name="Senin", email="a@example.com")
    assert (changed["next_run"], changed["name"]) == (None, "Senin")
    resumed = patch(active=True)
    assert (resumed["next_run"], resumed["cron"]) == ("2025-12-21T21:30:00Z", "30 6 * * 1")
    assert resumed["task_payload"]["filter"]["date_mode"] == "yesterday"
    patch(400, 1002, cron="never")
    patch(400, 1002, task_payload={"root_folder": "/etc"})
    assert partner.get(PATH)["items"][0] == resumed


def test_it_can_be_run_at_once(app: Flask, partner: Datalane) -> None:
    one = created(partner)
    run = partner.post(f"{one}/run")
    assert (run["trigger"], run["status"]) == ("hand", "running")
    partner.post(f"{one}/run", 409, 1002)
    print_one(app)
    assert partner.post(f"{one}/run")["task_id"] != run["task_id"]


@pytest.mark.parametrize(
    "change",
    [
        {"cron": "0 0 * *"},
        {"cron": "99 99 * * *"},
        {"cron": "0 0 31 2 *"},
        {"cron": None},
        {"timezone": "Mars/Olympus"},
        {"task_payload": {}},
        {"task_payload": DOCUMENTED["task_payload"] | {"root_folder": "C:\\Windows"}},  # type: ignore[operator]
        {"task_payload": {"kind": "shell", "command": "ls"}},
        {"task_payload": {"kind": "http", "url": "http://127.0.0.1/"}},
        {"task_payload": {"kind": "http", "url": "http://example.com/", "retries": 9}},
        {"email": "nobody"},
        {"email": "a@b.co\r\nBcc: c@d.co"},
    ],
)
def test_a_schedule_that_could_never_run_is_refused(partner: Datalane, change: dict[str, Any]) -> None:
    partner.post(PATH, 400, 1002, DOCUMENTED | change)
    assert partner.get(PATH)["items"] == []


def test_an_http_job_shows_nothing_secret(
    app: Flask, partner: Datalane, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports.configured(app, monkeypatch, HTTP_JOB_HOSTS="api.example.com")
    job = {"kind": "http", "method": "POST", "url": "https://api.example.com/hook", "retries": 2}
    created(partner, task_payload=job | {"headers": {"Authorization": "hush"}, "body": "hush"})
    [row] = partner.get(PATH)["items"]
    assert row["task_payload"] == job | {"headers": {"Authorization": "•••"}, "body": "•••"}


@pytest.mark.parametrize(("method", "rest"), [("DELETE", ""), ("POST", "/run"), ("GET", "/history")])
@pytest.mark.parametrize("id", ["00000000-0000-4000-8000-000000000001", "x"])
def test_an_unknown_schedule_is_not_found(partner: Datalane, method: str, rest: str, id: str) -> None:
    partner.checked(partner.raw(method, f"{PATH}/{id}{rest}"), 404, 3001)


def test_there_is_a_limit_to_how_many_there_are(partner: Datalane, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedules, "MAX_SCHEDULES", 1)
    created(partner)
    partner.post(PATH, 409, 1002, DOCUMENTED)


def test_a_missed_run_shows_as_a_catch_up(app: Flask, partner: Datalane, noon: Any) -> None:
    one = created(partner)
    tick(app, noon, NOON + timedelta(days=3))
    [run] = partner.get(f"{one}/history")["items"]
    assert run["trigger"] == "catch-up"
