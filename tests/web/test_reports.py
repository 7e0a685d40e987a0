"""The pages of reports: asking for one, watching it, taking it away."""

import io
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from PIL import Image

from tests.callers import Browser
from tests.support import reports
from tests.support.factories import Make
from webapp.activity.models import Activity
from webapp.documents import matching, previews
from webapp.documents.jobs import expire_reports
from webapp.errors import NotFound, Unavailable
from webapp.kit import clock

FORM = {
    "source": "folder",
    "root": "C:/Data/AccessDB",
    "branch_id": "1",
    "gate_id": "1",
    "station_id": "1",
    "date_mode": "daily",
    "date": "2025-12-15",
    "transaction_status": "periodic",
    "page_size": "A4",
}


@pytest.fixture(autouse=True)
def roots(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that reports may read, known as `Own`, beside the Access files."""
    folders = f"{reports.ROOT}={reports.ACCESS};Own={tmp_path}"
    reports.configured(app, monkeypatch, DATA_ROOTS=folders)
    return tmp_path


@pytest.fixture
def english(operator_browser: Browser) -> Browser:
    operator_browser.client.set_cookie("language", "en")
    return operator_browser


def matched(browser: Browser, **changes: str) -> str:
    return browser.client.get("/reports/match", query_string=FORM | changes).get_data(as_text=True)


# Asking


def test_an_operator_asks_for_a_report_and_a_worker_prints_it(app: Flask, operator_browser: Browser) -> None:
    address = operator_browser.submit("/reports/new", FORM).location
    assert 'hx-trigger="load delay:1s"' in operator_browser.open(address)
    reports.print_one(app)
    page = operator_browser.open(address)
    assert "load delay:1s" not in page
    task = reports.stored(app, UUID(address.rsplit("/", 1)[1]))
    assert (task.status, task.transactions, task.requested_by) == ("completed", 31, "operator_b")
    assert task.sha256 is not None
    assert task.sha256 in page
    file = operator_browser.client.get(f"{address}/download")
    assert file.data == reports.pdf_of(app, task)
    assert file.headers["Content-Disposition"] == f'attachment; filename="{task.output_name}"'


def test_a_download_is_remembered(
    app: Flask, viewer_browser: Browser, logged: Callable[..., list[Activity]]
) -> None:
    task = reports.printed(app)
    viewer_browser.client.get(f"/reports/{task.id}/download").close()
    assert [line.object_label for line in logged(action="download")] == [task.number]


def test_what_is_not_ready_is_not_downloaded(app: Flask, viewer_browser: Browser) -> None:
    task_id = reports.request(app)
    assert viewer_browser.client.get(f"/reports/{task_id}/download").status_code == 409


def test_the_form_remembers_what_its_reader_chose_last(
    operator_browser: Browser, admin_browser: Browser
) -> None:
    chosen = {"date_mode": "range", "range_start": "2025-12-15", "range_end": "2025-12-16", "gate_id": "3"}
    operator_browser.submit("/reports/new", FORM | chosen | {"page_size": "A5"})
    form = operator_browser.open("/reports/new")
    assert 'value="range" checked' in form
    assert 'value="2025-12-16"' in form
    assert 'id="field-gate_id" name="gate_id" value="3"' in form
    assert '<option value="A5" selected>' in form
    assert "2025-12-16" not in admin_browser.open("/reports/new")


def test_what_is_wrong_stands_beside_its_field(operator_browser: Browser) -> None:
    assert 'id="error-date"' in operator_browser.submit("/reports/new", FORM | {"date": ""}, 422).text
    backwards = {"date_mode": "range", "range_start": "2025-12-16", "range_end": "2025-12-15"}
    assert 'id="error-range_end"' in operator_browser.submit("/reports/new", FORM | backwards, 422).text
    assert 'id="error-gate_id"' in operator_browser.submit("/reports/new", FORM | {"gate_id": ""}, 422).text
    wrong_name = FORM | {"output_filename_format": "../{date}"}
    answer = operator_browser.submit("/reports/new", wrong_name, 422).text
    assert 'id="error-output_filename_format"' in answer


def test_no_folder_outside_of_the_roots_can_be_named(app: Flask, operator_browser: Browser) -> None:
    for below in ("../..", "../../etc"):
        answer = operator_browser.submit("/reports/new", FORM | {"below": below}, 422).text
        assert 'id="error-below"' in answer
    operator_browser.submit("/reports/new", FORM | {"root": "/etc"}, 422)
    assert reports.everything(app) == []


def test_own_gate_events_are_a_source(app: Flask, operator_browser: Browser, make: Make) -> None:
    make.location()
    make.gate()
    form = FORM | {"source": "events", "place": "kerkof_01/gate01", "gate_id": "", "station_id": ""}
    operator_browser.submit("/reports/new", form)
    [task] = reports.everything(app)
    assert task.payload["filter"]["gate_code"] == "gate01"
    assert "root_folder" not in task.payload
    operator_browser.submit("/reports/new", form | {"place": "kerkof_01/nowhere"}, 422)


# Counting before printing


@pytest.mark.parametrize(
    ("gate", "status", "count"), [("1", "periodic", 31), ("2", "all", 39), ("9", "all", 0)]
)
def test_how_many_match_is_said_before_printing(english: Browser, gate: str, status: str, count: int) -> None:
    answer = matched(english, gate_id=gate, transaction_status=status)
    assert f'<b class="number">{count}</b>' in answer


def test_the_days_without_data_are_named(english: Browser) -> None:
    days = {"date_mode": "range", "range_start": "2025-12-16", "range_end": "2025-12-19"}
    answer = matched(english, **days)
    assert "18 Dec 2025" in answer
    assert "19 Dec 2025" in answer
    assert "17 Dec 2025</li>" not in answer


def test_an_unfinished_form_is_no_error(english: Browser) -> None:
    assert "Fill in the form" in matched(english, date="")
    assert "folders that reports may read" in matched(english, below="../..")


def test_an_unreadable_file_is_named(english: Browser, roots: Path) -> None:
    path = roots / "12-2025" / "01" / "15122025.mdb"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"this is no database" * 100)
    assert "15122025.mdb" in matched(english, root="Own")


def test_counting_ends_when_its_time_is_up(
    app: Flask, english: Browser, roots: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports.day_file(roots, clock.now().date().replace(year=2025, month=12, day=15), 5_000)
    monkeypatch.setattr(matching, "SECONDS", 0.0)
    answer = matched(english, root="Own")
    assert '<b class="number">&gt; 49</b>' in answer
    nothing = matched(english, root="Own", gate_id="9")  # rows that don't fit take time as well
    assert '<b class="number">&gt; 0</b>' in nothing


def test_only_two_count_at_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "SECONDS", 0.01)
    monkeypatch.setattr(matching, "_turns", threading.BoundedSemaphore(1))
    with matching._turns, app.app_context(), pytest.raises(Unavailable):
        matching.count(reports.ASKED)


def test_counting_works_without_javascript(operator_browser: Browser) -> None:
    answer = operator_browser.client.get("/reports/new", query_string=FORM).get_data(as_text=True)
    assert '<b class="number">31</b>' in answer
    assert 'value="2025-12-15"' in answer


# The queue and the history


def test_bars_move_only_while_something_goes_on(app: Flask, viewer_browser: Browser) -> None:
    assert "hx-get" not in viewer_browser.open("/reports/queue")
    task_id = reports.request(app)
    reports.change(app, task_id, status="running", stage="printing", progress=42, alive_at=clock.now())
    bars = viewer_browser.open("/reports/queue")
    assert 'value="42"' in bars
    assert 'hx-trigger="load delay:1s"' in bars


def test_the_list_is_told_when_a_report_ends(app: Flask, viewer_browser: Browser) -> None:
    reports.request(app)
    page = viewer_browser.open("/reports/queue")
    seen = page.split("seen=")[1].split('"')[0]
    assert "HX-Trigger" not in viewer_browser.client.get(f"/reports/queue?seen={seen}").headers
    reports.print_one(app)
    answer = viewer_browser.client.get(f"/reports/queue?seen={seen}")
    assert "reportsChanged" in answer.headers["HX-Trigger"]


def test_a_list_that_refreshes_itself_leaves_the_address_alone(viewer_browser: Browser) -> None:
    headers = {"HX-Request": "true"}
    by_hand = viewer_browser.client.get("/reports/rows?status=failed", headers=headers)
    assert by_hand.headers["HX-Push-Url"] == "/reports?status=failed"
    itself = viewer_browser.client.get("/reports/rows", headers=headers | {"HX-Trigger": "reports-rows"})
    assert "HX-Push-Url" not in itself.headers


def test_the_history_is_filtered_by_state_and_days(app: Flask, viewer_browser: Browser) -> None:
    old, new = reports.request(app), reports.request(app)
    reports.change(app, old, status="failed", created_at=clock.now() - timedelta(days=10))
    day = clock.now().date() - timedelta(days=5)
    assert f"reports-row-{old}" in viewer_browser.open("/reports/rows?status=failed")
    assert f"reports-row-{new}" not in viewer_browser.open("/reports/rows?status=failed")
    assert f"reports-row-{old}" not in viewer_browser.open(f"/reports/rows?since={day}")
    assert f"reports-row-{new}" not in viewer_browser.open(f"/reports/rows?until={day}")
    assert f"reports-row-{new}" in viewer_browser.open("/reports/rows?status=nonsense&since=x&page=-1")


def test_a_report_that_nobody_takes_up_is_noticed(app: Flask, viewer_browser: Browser) -> None:
    task_id = reports.request(app)
    assert "queue-notice" not in viewer_browser.open("/reports/queue")
    reports.change(app, task_id, created_at=clock.now() - timedelta(minutes=1))
    assert "queue-notice" in viewer_browser.open("/reports/queue")


# One report


def test_the_page_of_a_report_follows_it_to_its_end(app: Flask, viewer_browser: Browser) -> None:
    task_id = reports.request(app)
    assert 'id="reports-progress"' in viewer_browser.open(f"/reports/{task_id}/progress", htmx=True)
    reports.print_one(app)
    ended = viewer_browser.client.get(f"/reports/{task_id}/progress", headers={"HX-Request": "true"})
    assert (ended.status_code, ended.headers["HX-Redirect"]) == (204, f"/reports/{task_id}")


def test_a_running_report_is_cancelled_once(app: Flask, operator_browser: Browser) -> None:
    task_id = reports.request(app)
    operator_browser.submit(f"/reports/{task_id}/cancel")
    assert reports.stored(app, task_id).status == "cancelled"
    assert "notice-danger" not in operator_browser.open(f"/reports/{task_id}")
    operator_browser.submit(f"/reports/{task_id}/cancel")
    assert "notice-danger" in operator_browser.open(f"/reports/{task_id}")


def test_print_again_asks_for_the_same(app: Flask, operator_browser: Browser) -> None:
    first = reports.printed(app)
    address = operator_browser.submit(f"/reports/{first.id}/again").location
    again = reports.stored(app, UUID(address.rsplit("/", 1)[1]))
    assert again.id != first.id
    assert again.payload == {name: part for name, part in first.payload.items() if name != "resolved"}


def test_an_old_report_is_the_beginning_of_a_new_one(app: Flask, operator_browser: Browser) -> None:
    task_id = reports.request(app, reports.ASKED | {"gate_id": 77})
    assert 'value="77"' in operator_browser.open(f"/reports/new?like={task_id}")


def test_why_a_report_failed_stands_on_its_page(app: Flask, viewer_browser: Browser, roots: Path) -> None:
    path = roots / "12-2025" / "01" / "15122025.mdb"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"this is no database" * 100)
    task = reports.printed(app, reports.OWN)
    page = viewer_browser.open(f"/reports/{task.id}")
    assert "notice-danger" in page
    assert "15122025.mdb" in page


def test_the_first_page_can_be_seen(app: Flask, viewer_browser: Browser) -> None:
    task = reports.printed(app)
    assert f"/reports/{task.id}/page.webp" in viewer_browser.open(f"/reports/{task.id}")
    answer = viewer_browser.client.get(f"/reports/{task.id}/page.webp")
    picture = Image.open(io.BytesIO(answer.data))
    assert (picture.format, picture.width) == ("WEBP", 1_000)
    assert picture.height == pytest.approx(picture.width * 297 / 210, abs=2)
    dark = sum(value < 100 for value in picture.convert("L").get_flattened_data())
    assert dark > 1_000
    assert viewer_browser.client.get(f"/reports/{task.id}/page.webp").data == answer.data


def test_what_can_not_be_drawn_is_not_there(app: Flask, viewer_browser: Browser, tmp_path: Path) -> None:
    waiting = reports.request(app)
    assert viewer_browser.client.get(f"/reports/{waiting}/page.webp").status_code == 404
    torn = tmp_path / "torn.pdf"
    torn.write_bytes(b"%PDF-1.7 and nothing more")
    with torn.open("rb") as file, app.app_context(), pytest.raises(NotFound):
        previews.draw(file)


def test_the_picture_goes_when_the_file_does(app: Flask, viewer_browser: Browser) -> None:
    task = reports.printed(app)
    viewer_browser.client.get(f"/reports/{task.id}/page.webp")
    folder = app.config["GERBANG"].data_dir / "files"
    kept = folder / previews.name_of(task.storage_name)
    assert kept.exists()
    reports.change(app, task.id, finished_at=clock.now() - timedelta(days=30))
    with app.app_context():
        expire_reports()
    assert not kept.exists()
    assert viewer_browser.client.get(f"/reports/{task.id}/page.webp").status_code == 404


# Files, and who may do what


def test_the_files_say_when_they_expire(app: Flask, viewer_browser: Browser) -> None:
    viewer_browser.client.set_cookie("language", "en")
    reports.set_to(app, "max_output_age_days", "3")
    task = reports.printed(app)
    reports.change(
        app, task.id, finished_at=clock.now().replace(year=2026, month=3, day=10, hour=5, minute=0)
    )
    page = viewer_browser.open("/reports/files")
    assert task.output_name in page
    assert "13 Mar 2026 12:00" in page
    assert "3 days" in page


def test_a_viewer_sees_and_prints_nothing(app: Flask, viewer_browser: Browser) -> None:
    task_id = reports.request(app)
    for path in ("/reports", f"/reports/{task_id}"):
        assert "/cancel" not in viewer_browser.open(path)
        assert "/reports/new" not in viewer_browser.open(path)
    viewer_browser.open("/reports/new", 403)
    for act in ("cancel", "again"):
        viewer_browser.submit(f"/reports/{task_id}/{act}", status=403)


def test_what_is_not_there_is_not_found(viewer_browser: Browser) -> None:
    assert viewer_browser.client.get(f"/reports/{UUID(int=0)}").status_code == 404
    assert viewer_browser.client.get("/reports/nonsense").status_code == 404
