"""Device keys in the browser: shown once, good for one gate, switched off at once."""

import json
import re
import shlex
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask

from tests.callers import Browser, Retribusi
from tests.support.factories import Make
from webapp import config
from webapp.kit import clock

KEYS = "/gates/kerkof_01/gate01/keys"


@pytest.fixture(autouse=True)
def gate(make: Make) -> None:
    make.open_gate()


def create(browser: Browser) -> tuple[str, str]:
    """The page that shows the new key, and the key."""
    page = browser.submit(f"{KEYS}/new", {"name": "Kamera"}, 201)
    assert page.headers["Cache-Control"] == "no-store"
    found = re.search(r"pk_live_[0-9a-f]{32}", page.text)
    assert found
    return page.text, found[0]


def test_the_shown_command_works_as_it_stands(app: Flask, operator_browser: Browser) -> None:
    page, secret = create(operator_browser)
    shown = re.search(r"<pre[^>]*>(curl.*?)</pre>", page, re.DOTALL)
    assert shown
    words = shlex.split(unescape(shown[1]))
    assert words[words.index("POST") + 1] == "http://localhost/retribusi/v1/ingest"
    headers = dict(words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "-H")
    assert headers["X-API-KEY"] == secret
    event = json.loads(words[words.index("-d") + 1])
    device = Retribusi(app.test_client(), key=secret)
    assert device.post("/retribusi/v1/ingest", json=event) == {"stored": True}
    assert device.post("/retribusi/v1/ingest", json=event) == {"stored": True, "duplicate": True}


def test_the_key_is_never_shown_again(operator_browser: Browser) -> None:
    _, secret = create(operator_browser)
    page = operator_browser.open("/gates/kerkof_01/gate01")
    assert secret not in page
    assert f"{secret[:12]}…{secret[-4:]}" in page


def test_a_key_is_bound_to_its_gate(app: Flask, make: Make, operator_browser: Browser) -> None:
    make.open_gate(code="gate02")
    _, secret = create(operator_browser)
    event = {
        "timestamp": clock.unix(),
        "location_code": "kerkof_01",
        "gate_code": "gate02",
        "category": "motor",
    }
    Retribusi(app.test_client(), key=secret).post("/retribusi/v1/ingest", 403, json=event)


def test_a_disabled_key_is_refused_at_once_and_works_again_when_enabled(
    app: Flask, operator_browser: Browser
) -> None:
    _, secret = create(operator_browser)
    found = re.search(rf'{KEYS}/(\d+)/disable"', operator_browser.open("/gates/kerkof_01/gate01"))
    assert found
    device = Retribusi(app.test_client(), key=secret)
    event = {
        "timestamp": clock.unix(),
        "location_code": "kerkof_01",
        "gate_code": "gate01",
        "category": "motor",
    }
    operator_browser.submit(f"{KEYS}/{found[1]}/disable")
    device.post("/retribusi/v1/ingest", 401, json=event)
    operator_browser.submit(f"{KEYS}/{found[1]}/enable")
    device.post("/retribusi/v1/ingest", json=event)


def test_a_key_can_not_be_switched_by_way_of_another_gate(operator_browser: Browser, make: Make) -> None:
    make.open_gate(code="gate02")
    create(operator_browser)
    found = re.search(rf"{KEYS}/(\d+)/disable", operator_browser.open("/gates/kerkof_01/gate01"))
    assert found
    operator_browser.submit(f"/gates/kerkof_01/gate02/keys/{found[1]}/disable", status=404)


def test_a_last_day_may_be_today_but_not_yesterday(app: Flask, operator_browser: Browser) -> None:
    with app.app_context():
        today = clock.today(config.current().timezone)
    form = {"name": "K", "expires_at": (today - timedelta(days=1)).isoformat()}
    assert 'id="error-expires_at"' in operator_browser.submit(f"{KEYS}/new", form, 422).text
    operator_browser.submit(f"{KEYS}/new", form | {"expires_at": today.isoformat()}, 201)
    assert (
        'id="error-expires_at"'
        in operator_browser.submit(f"{KEYS}/new", {"name": "K", "expires_at": "soon"}, 422).text
    )


def test_a_viewer_gets_no_key(viewer_browser: Browser) -> None:
    viewer_browser.open(f"{KEYS}/new", 403)
    viewer_browser.submit(f"{KEYS}/new", {"name": "K"}, 403)
