"""The whole life of a report in a real browser, and what axe thinks of its pages."""

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser.conftest import PASSWORD
from tests.browser.pages import axe_violations
from tests.support import live, reports
from webapp import create_app
from webapp.database import transaction
from webapp.documents import printing, tasks
from webapp.extensions import db

PATHS = [
    "/reports",
    "/reports/new",
    "/reports/files",
    "/schedules",
    "/schedules/new",
    "/schedules/call",
    "/revenue",
    "/stations",
    "/stations/new",
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[live.Live]:
    """One whose reports may read the Access files; nothing prints until the test says so."""
    roots = f"{reports.ROOT}={reports.ACCESS}"
    with live.server(
        tmp_path_factory.mktemp("reports"), redis_url, ADMIN_PASSWORD=PASSWORD, DATA_ROOTS=roots
    ) as one:
        yield one


@pytest.fixture(scope="module")
def worker(server: live.Live) -> Iterator[Flask]:
    """The product as a worker has it, on the server's database."""
    app = create_app(dict(server.environ))
    yield app
    with app.app_context():
        db.engine.dispose()


def begun(worker: Flask) -> tuple[UUID, int]:
    with worker.app_context(), transaction():
        task = tasks.claim_next()
        assert task is not None
        return task.id, task.attempt


def come_to(worker: Flask, claim: tuple[UUID, int], percent: int) -> None:
    with worker.app_context(), transaction():
        assert tasks.report_progress(*claim, "printing", percent)


def ended(worker: Flask, claim: tuple[UUID, int]) -> None:
    with worker.app_context():
        printing.run(tasks.get(claim[0]))


def asked_for(desk: Page) -> None:
    """All of a day's transactions of gate 1 at station 1, chosen in the form."""
    desk.goto("/reports/new")
    desk.check("[name=date_mode][value=daily]", force=True)
    desk.fill("[name=date]", "2025-12-15")
    desk.check("[name=transaction_status][value=all]", force=True)
    expect(desk.locator("#reports-match b")).to_have_text("38")
    desk.click("form.report-form button.btn-primary")
    desk.wait_for_url(re.compile(r"/reports/[0-9a-f-]{36}$"))


def test_a_report_from_the_wish_to_the_proof(
    desk: Page, worker: Flask, tmp_path: Path, chromium: Chromium
) -> None:
    asked_for(desk)
    bar = desk.locator("#reports-progress progress")
    claim = begun(worker)
    for percent in (20, 70):
        come_to(worker, claim, percent)
        expect(bar).to_have_attribute("value", str(percent))
    ended(worker, claim)
    picture = desk.locator(".report-preview img")
    expect(picture).to_be_visible()
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("naturalWidth", 1_000)
    with desk.expect_download() as download:
        desk.click("a[download]")
    file = tmp_path / "report.pdf"
    download.value.save_as(file)
    text = "".join(page.extract_text() for page in PdfReader(file).pages)
    number = desk.locator("dd .code").first.inner_text()
    assert number in text
    _verified(desk, number, file)


def _verified(desk: Page, number: str, file: Path) -> None:
    """The file as it is, and with one byte changed; nothing of either is sent."""
    posts: list[str] = []
    desk.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    desk.goto(f"/verify/{number}")
    desk.set_input_files("[name=file]", file)
    expect(desk.locator("[data-answer=original]")).to_be_visible()
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    forged = file.with_name("forged.pdf")
    forged.write_bytes(data)
    desk.set_input_files("[name=file]", forged)
    expect(desk.locator("[data-answer=altered]")).to_be_visible()
    expect(desk.locator("[data-answer=original]")).to_be_hidden()
    assert posts == []


def test_the_queue_moves_and_the_list_follows(desk: Page, worker: Flask) -> None:
    asked_for(desk)
    desk.goto("/reports")
    row = desk.locator("#reports-rows tbody tr").first
    claim = begun(worker)
    come_to(worker, claim, 55)
    expect(desk.locator("#reports-queue progress")).to_have_attribute("value", "55")
    ended(worker, claim)
    expect(desk.locator("#reports-queue section")).to_have_count(0)
    expect(row.locator("a[download]")).to_be_visible()


def test_a_report_is_cancelled_while_it_prints(desk: Page, worker: Flask) -> None:
    asked_for(desk)
    claim = begun(worker)
    come_to(worker, claim, 10)
    desk.click(".page-head-actions button")
    desk.click("#confirm [value=yes]")
    expect(desk.locator(".notice-success")).to_be_visible()
    ended(worker, claim)
    with worker.app_context():
        assert tasks.get(claim[0]).status == "cancelled"


def test_the_next_runs_show_while_a_cron_line_is_typed(desk: Page) -> None:
    desk.goto("/schedules/new")
    desk.fill("[name=cron]", "0 7 1 * *")
    expect(desk.locator("#schedules-next li")).to_have_count(5)
    expect(desk.locator("#schedules-next li").first).to_contain_text("07:00 WIB")
    desk.fill("[name=cron]", "0 77 1 * *")
    expect(desk.locator("#schedules-next .match-problem")).to_be_visible()


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_wrong(
    chromium: Chromium, server: live.Live, worker: Flask, width: int, theme: str
) -> None:
    size = {"width": width, "height": 900}
    context = chromium.new_context(
        base_url=server.url,
        viewport=size,  # type: ignore[arg-type]
        color_scheme=theme,  # type: ignore[arg-type]
        bypass_csp=True,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("[name=username]", "admin")
    page.fill("[name=password]", PASSWORD)
    page.click("main button.btn-primary")
    page.wait_for_url("**/dashboard")
    for path in (*PATHS, *_of_one(worker)):
        page.goto(path)
        assert axe_violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    context.close()


def _of_one(worker: Flask) -> list[str]:
    """The pages of a printed report, and of a number that nobody gave."""
    with worker.app_context():
        task = reports.printed(worker)
    return [f"/reports/{task.id}", f"/verify/{task.number}", "/verify/R-0", "/verify"]
