"""The page that a document's QR code leads to."""

import io
from pathlib import Path

import pytest
import time_machine
from flask import Flask

from tests.callers import Browser
from tests.support import reports
from webapp.documents.models import ReportTask
from webapp.kit import clock
from webapp.web import verify


@pytest.fixture(autouse=True)
def roots(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reports.configured(app, monkeypatch, DATA_ROOTS=f"{reports.ROOT}={reports.ACCESS}")


@pytest.fixture
def task(app: Flask) -> ReportTask:
    """A report that has been printed."""
    return reports.printed(app)


@pytest.fixture
def anyone(visitor: Browser) -> Browser:
    visitor.client.set_cookie("language", "en")
    return visitor


def sent(browser: Browser, task: ReportTask, data: bytes) -> str:
    file = {"file": (io.BytesIO(data), "report.pdf")}
    return browser.submit(f"/verify/{task.number}", file, 200).get_data(as_text=True)


def shown(page: str) -> set[str]:
    """Which answers are not hidden."""
    answers = {"original", "altered", "busy"}
    return {
        one
        for one in answers
        if "hidden" not in page.split(f'data-answer="{one}"')[1].split(">", maxsplit=1)[0]
    }


def test_anyone_learns_what_was_issued(anyone: Browser, task: ReportTask) -> None:
    page = anyone.open(f"/verify/{task.number}")
    for said in (task.number, "001", "Gate 01", "15 Dec 2025", "31"):
        assert f">{said}" in page
    assert task.sha256 is not None
    assert task.sha256 in page
    assert shown(page) == set()


def test_nothing_is_said_of_people_and_folders(anyone: Browser, task: ReportTask, app: Flask) -> None:
    reports.change(app, task.id, requested_by="somebody_secret")
    page = anyone.open(f"/verify/{task.number}")
    assert "somebody_secret" not in page
    assert "AccessDB" not in page


def test_a_number_that_was_never_given_is_not_found_in_words(anyone: Browser, app: Flask) -> None:
    waiting = reports.stored(app, reports.request(app))
    for number in ("R-2026-0000000000", waiting.number, "x" * 5_000, "%F0%9F%92%A9"):
        assert "verify-verdict" in anyone.open(f"/verify/{number}", 404)


def test_a_number_may_be_typed(anyone: Browser, task: ReportTask) -> None:
    assert 'name="number"' in anyone.open("/verify")
    assert task.number in anyone.open(f"/verify?number=+{task.number.lower()}+")


def test_without_javascript_the_file_is_sent_and_compared(
    app: Flask, anyone: Browser, task: ReportTask
) -> None:
    pdf = reports.pdf_of(app, task)
    assert shown(sent(anyone, task, pdf)) == {"original"}
    for place in (0, len(pdf) // 2, len(pdf) - 1):
        changed = pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]
        assert shown(sent(anyone, task, changed)) == {"altered"}
    assert shown(sent(anyone, task, pdf + b"\n")) == {"altered"}


def test_a_file_that_was_sent_is_not_kept(app: Flask, anyone: Browser, task: ReportTask) -> None:
    folder = app.config["GERBANG"].data_dir
    before = sorted(folder.rglob("*.pdf"))
    sent(anyone, task, b"something else" * 30_000)
    assert sorted(folder.rglob("*.pdf")) == before


def test_a_file_has_to_be_chosen(anyone: Browser, task: ReportTask) -> None:
    assert 'id="error-file"' in anyone.submit(f"/verify/{task.number}", {}, 200).text


def test_a_file_beyond_all_measure_is_refused_unread(
    app: Flask, anyone: Browser, task: ReportTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = app.view_functions["web.verify_file"]
    monkeypatch.setattr(view, "max_body", 1_000)
    form = {"csrf_token": anyone.csrf_token(), "file": (io.BytesIO(b"x" * 2_000), "report.pdf")}
    assert anyone.client.post(f"/verify/{task.number}", data=form).status_code == 413


def test_a_document_can_be_verified_after_its_file_has_expired(
    app: Flask, anyone: Browser, task: ReportTask
) -> None:
    pdf = reports.pdf_of(app, task)
    reports.change(app, task.id, status="removed", output_name=None)
    assert shown(sent(anyone, task, pdf)) == {"original"}


def test_yesterday_is_the_day_before_it_was_printed(app: Flask, anyone: Browser) -> None:
    with time_machine.travel("2026-03-10 05:00:00+00:00"):
        task = reports.printed(app, reports.asked(date_mode="yesterday"))
    reports.change(app, task.id, started_at=clock.now())  # whatever happens to it later
    page = anyone.open(f"/verify/{task.number}")
    assert "9 Mar 2026" in page
    assert "001 · BALMERA" in page


def test_nobody_tries_numbers_in_bulk(anyone: Browser, task: ReportTask) -> None:
    for _ in range(verify.LOOKS.amount):
        anyone.client.get("/verify/R-2026-0000000000")
    refused = anyone.client.get(f"/verify/{task.number}")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0


def test_the_page_speaks_indonesian_by_default(visitor: Browser, task: ReportTask) -> None:
    assert '<html lang="id">' in visitor.open(f"/verify/{task.number}")


def test_search_engines_and_caches_stay_out(anyone: Browser, task: ReportTask) -> None:
    headers = anyone.client.get(f"/verify/{task.number}").headers
    assert (headers["X-Robots-Tag"], headers["Cache-Control"]) == ("noindex, nofollow", "no-store")
