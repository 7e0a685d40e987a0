"""The pages of schedules."""

from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from tests.callers import Browser
from tests.support import reports
from webapp.database import transaction
from webapp.documents import schedules
from webapp.documents.models import ReportSchedule
from webapp.documents.schedules import Plan

FORM = {
    "name": "Every night",
    "cron": "30 0 * * *",
    "timezone": "Asia/Jakarta",
    "source": "folder",
    "root": "C:/Data/AccessDB",
    "branch_id": "1",
    "gate_id": "2",
    "station_id": "1",
    "date_mode": "yesterday",
}


@pytest.fixture(autouse=True)
def roots(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reports.configured(
        app, monkeypatch, DATA_ROOTS=f"{reports.ROOT}={reports.ACCESS}", HTTP_JOB_HOSTS="example.com"
    )


@pytest.fixture
def admin(admin_browser: Browser) -> Browser:
    admin_browser.client.set_cookie("language", "en")
    return admin_browser


def created(admin: Browser, **changes: str) -> str:
    """The address of a new schedule."""
    return str(admin.submit("/schedules/new", FORM | changes).location)


def stored(app: Flask, address: str) -> ReportSchedule:
    with app.app_context():
        return schedules.get(UUID(address.rsplit("/", 1)[1]))


def test_an_admin_creates_a_schedule(app: Flask, admin: Browser) -> None:
    address = created(admin, email="ops@example.com", email_on="always")
    schedule = stored(app, address)
    assert schedule.next_run is not None
    local = schedule.next_run.astimezone(ZoneInfo("Asia/Jakarta"))
    assert (local.hour, local.minute) == (0, 30)
    assert (schedule.email, schedule.email_on) == ("ops@example.com", "always")
    assert schedule.payload["gate_id"] == 2
    assert schedule.payload["filter"]["date_mode"] == "yesterday"
    assert "Every night" in admin.open("/schedules")


def test_what_is_wrong_stands_beside_its_field(admin: Browser) -> None:
    for field, value in (
        ("cron", "99 * * * *"),
        ("cron", "* * *"),
        ("timezone", "Asia/Nowhere"),
        ("email", "nobody"),
    ):
        answer = admin.submit("/schedules/new", FORM | {field: value}, 422).text
        assert f'id="error-{field}"' in answer, field
    assert 'id="error-below"' in admin.submit("/schedules/new", FORM | {"below": "../.."}, 422).text


def test_the_next_five_runs_show_while_a_cron_line_is_typed(admin: Browser) -> None:
    shown = admin.open("/schedules/next?cron=0+7+1+*+*&timezone=Asia/Jakarta")
    assert shown.count("<li") == 5
    assert shown.count(" 1 ") == shown.count("07:00 WIB") == 5
    assert "WIT" in admin.open("/schedules/next?cron=0+7+1+*+*&timezone=Asia/Jayapura")


@pytest.mark.parametrize("line", ["", "x", "99 * * * *", "0 0 30 2 *", "* * * * * *", "0" * 500])
def test_a_line_that_is_none_is_said_to_be_none(admin: Browser, line: str) -> None:
    answer = admin.client.get("/schedules/next", query_string={"cron": line, "timezone": "Asia/Jakarta"})
    assert answer.status_code == 200
    assert "match-problem" in answer.get_data(as_text=True)


def test_a_zone_that_is_none_is_said_to_be_none(admin: Browser) -> None:
    for zone in ("", "Mars/Base", "../etc/passwd", "a" * 3_000):
        answer = admin.client.get("/schedules/next", query_string={"cron": "* * * * *", "timezone": zone})
        assert "match-problem" in answer.get_data(as_text=True)


def test_a_schedule_is_edited(app: Flask, admin: Browser) -> None:
    address = created(admin)
    form = admin.open(f"{address}/edit")
    assert 'value="Every night"' in form
    assert 'id="field-gate_id" name="gate_id" value="2"' in form
    admin.submit(f"{address}/edit", FORM | {"cron": "0 5 * * *", "gate_id": "3", "name": ""})
    schedule = stored(app, address)
    assert (schedule.cron, schedule.payload["gate_id"], schedule.name) == ("0 5 * * *", 3, "")


def test_a_paused_schedule_has_no_next_run_until_it_is_resumed(app: Flask, admin: Browser) -> None:
    address = created(admin)
    admin.submit(f"{address}/pause")
    assert stored(app, address).next_run is None
    assert "Paused" in admin.open("/schedules")
    admin.submit(f"{address}/resume")
    assert stored(app, address).next_run is not None


def test_run_now_prints_and_the_history_tells_how_it_ended(app: Flask, admin: Browser) -> None:
    address = created(admin)
    admin.submit(f"{address}/run")
    assert 'hx-trigger="load delay:2s"' in admin.open(f"{address}/runs")
    reports.print_one(app)
    history = admin.open(f"{address}/runs")
    assert "hx-trigger" not in history
    [task] = reports.everything(app)
    assert f"/reports/{task.id}" in history
    assert "By hand" in history
    assert "Ready" in admin.open("/schedules")
    assert address in admin.open(f"/reports/{task.id}")


def test_a_second_run_at_the_same_time_is_refused_in_words(app: Flask, admin: Browser) -> None:
    address = created(admin)
    admin.submit(f"{address}/run")
    admin.submit(f"{address}/run")
    assert "notice-danger" in admin.open(address)
    assert len(reports.everything(app)) == 1


def test_times_are_in_business_time(app: Flask, admin: Browser) -> None:
    address = created(admin)
    schedule = stored(app, address)
    assert schedule.next_run is not None
    local = schedule.next_run.astimezone(ZoneInfo("Asia/Jakarta"))
    assert f"{local.day} {local:%b %Y} 00:30:00" in admin.open(address)


def test_a_deleted_schedule_is_gone_and_its_report_stays(app: Flask, admin: Browser) -> None:
    address = created(admin)
    admin.submit(f"{address}/run")
    reports.print_one(app)
    admin.submit(f"{address}/delete")
    assert admin.client.get(address).status_code == 404
    [task] = reports.everything(app)
    assert task.number in admin.open(f"/reports/{task.id}")


def test_the_housekeeping_of_the_product_is_in_the_list(viewer_browser: Browser) -> None:
    page = viewer_browser.open("/schedules")
    assert page.count('class="row-own"') >= 5
    assert "40 2 * * *" in page


def test_a_call_of_another_service_shows_nothing_secret(app: Flask, admin: Browser) -> None:
    payload = {
        "kind": "http",
        "method": "POST",
        "url": "https://example.com/hook",
        "headers": {"X-Key": "hidden-key"},
    }
    with app.app_context(), transaction():
        address = f"/schedules/{schedules.create(Plan('0 0 * * *', payload)).id}"
    page = admin.open(address)
    assert "https://example.com/hook" in page
    assert "hidden-key" not in page
    assert admin.client.get(f"{address}/edit").location == f"{address}/call"


def test_a_report_is_the_beginning_of_a_schedule(app: Flask, admin: Browser) -> None:
    task_id = reports.request(app, reports.ASKED | {"gate_id": 77})
    form = admin.open(f"/schedules/new?like={task_id}")
    assert 'value="77"' in form
    assert 'value="yesterday" checked' in form


def test_an_operator_sees_and_changes_nothing(admin: Browser, operator_browser: Browser) -> None:
    address = created(admin)
    page = operator_browser.open(address)
    assert f"{address}/" not in page
    for act in ("edit", "pause", "resume", "run", "delete"):
        operator_browser.submit(f"{address}/{act}", status=403)
