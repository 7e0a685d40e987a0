"""Pages in a real Chromium, from a real gunicorn; every page must stay free of console errors and CSP violations."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.browser.pages import Operator
from tests.support import live

expect.set_options(timeout=20_000)  # for a busy machine; each waits only as long as it must
PASSWORD = "correct horse battery"
KEY = "key-of-the-browser-tests"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium: apt-get install chromium"))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[live.Live]:
    settings = {"ADMIN_PASSWORD": PASSWORD, "RETRIBUSI_API_KEY": KEY}
    with live.server(tmp_path_factory.mktemp("live"), redis_url, **settings) as running:
        yield running


@pytest.fixture(scope="session")
def operator(server: live.Live) -> Iterator[Operator]:
    """Someone who sets up gates and sends events through the API."""
    with Operator(server.url, PASSWORD, KEY) as someone:
        yield someone


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Chromium, server: live.Live) -> Iterator[BrowserContext]:
    context = chromium.new_context(
        base_url=server.url, locale="id-ID", viewport={"width": 1280, "height": 900}
    )
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page not signed in. Ends with a failure if the page complained about anything."""
    page = context.new_page()
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert complaints == [] or hasattr(page, "may_complain")


@pytest.fixture
def desk(page: Page) -> Page:
    """A page signed in as admin, on the dashboard."""
    page.goto("/sign-in")
    page.fill("[name=username]", "admin")
    page.fill("[name=password]", PASSWORD)
    page.click("main button.btn-primary")
    page.wait_for_url("**/dashboard")
    return page
