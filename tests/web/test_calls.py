"""The forms of schedules that call another service: what is sent once is kept and never shown again."""

from uuid import UUID

import pytest
from flask import Flask

from tests.callers import Browser
from tests.support import reports
from webapp.documents import schedules

FORM = {
    "name": "Nightly hook",
    "cron": "30 0 * * *",
    "timezone": "Asia/Jakarta",
    "method": "PUT",
    "url": "https://example.com/hook",
    "headers": "Authorization: Bearer hidden-key\r\n\r\nX-From:  gerbang ",
    "body": '{"secret":\r\n "hidden-body"}',
    "retries": "2",
}


@pytest.fixture(autouse=True)
def hosts(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    reports.configured(app, monkeypatch, HTTP_JOB_HOSTS="example.com, partner.example")


@pytest.fixture
def admin(admin_browser: Browser) -> Browser:
    admin_browser.client.set_cookie("language", "en")
    return admin_browser


def created(admin: Browser, **changes: str) -> str:
    return str(admin.submit("/schedules/call", FORM | changes).location)


def payload(app: Flask, address: str) -> dict[str, object]:
    with app.app_context():
        return schedules.whole_payload(schedules.get(UUID(address.rsplit("/", 1)[1])))


def test_an_admin_makes_a_call_whose_secrets_no_page_shows(app: Flask, admin: Browser) -> None:
    address = created(admin)
    assert payload(app, address) == {
        "kind": "http",
        "method": "PUT",
        "url": "https://example.com/hook",
        "headers": {"Authorization": "Bearer hidden-key", "X-From": "gerbang"},
        "body": '{"secret":\n "hidden-body"}',
        "retries": 2,
    }
    for page in (address, f"{address}/call", "/schedules"):
        shown = admin.open(page)
        assert "https://example.com/hook" in shown or "Nightly hook" in shown
        assert "hidden-key" not in shown
        assert "hidden-body" not in shown


def test_what_is_left_empty_stays_and_what_is_forgotten_goes(app: Flask, admin: Browser) -> None:
    address = created(admin)
    edit = FORM | {"headers": "", "body": "", "method": "POST", "url": "https://example.com/other"}
    admin.submit(f"{address}/call", edit)
    after = payload(app, address)
    assert (after["method"], after["url"]) == ("POST", "https://example.com/other")
    assert "hidden-key" in str(after["headers"])
    assert "hidden-body" in str(after["body"])
    admin.submit(f"{address}/call", edit | {"forget_headers": "1", "body": "new"})
    after = payload(app, address)
    assert (after.get("headers"), after["body"]) == (None, "new")


def test_kept_secrets_are_not_told_to_another_host(app: Flask, admin: Browser) -> None:
    address = created(admin)
    elsewhere = FORM | {"headers": "", "body": "", "url": "https://partner.example/hook"}
    assert "Must be given again" in admin.submit(f"{address}/call", elsewhere, 422).text
    assert payload(app, address)["url"] == "https://example.com/hook"
    admin.submit(f"{address}/call", elsewhere | {"headers": "X-New: 1", "forget_body": "1"})
    assert payload(app, address)["headers"] == {"X-New": "1"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"url": "https://elsewhere.example/"}, "Is not one of the hosts that HTTP_JOB_HOSTS allows"),
        ({"url": "ftp://example.com/"}, "Must begin with https:// or http://"),
        ({"headers": "no colon"}, "Write each header as Name: value"),
        ({"headers": "Host: other"}, "can&#39;t be set"),
        ({"body": "a\0b"}, "can&#39;t be used"),
        ({"cron": "x"}, "Must have five fields"),
        ({"retries": "9"}, "Must be at most 4"),
    ],
    ids=["host", "scheme", "header", "reserved", "nul", "cron", "retries"],
)
def test_what_is_wrong_stands_beside_its_field(admin: Browser, changes: dict[str, str], said: str) -> None:
    assert said in admin.submit("/schedules/call", FORM | changes, 422).text


def test_the_hosts_that_may_be_called_are_named(admin: Browser) -> None:
    assert '<code class="code">partner.example</code>' in admin.open("/schedules/call")


def test_only_an_admin_may_make_one(operator_browser: Browser) -> None:
    operator_browser.submit("/schedules/call", FORM, 403)
