"""The page of all live sessions."""

import re
import uuid

import pytest
from flask import Flask

from tests.callers import Browser
from tests.support.factories import Make
from tests.support.people import id_of, is_live, open_session
from webapp.accounts.models import Role
from webapp.kit import agents

CHROME = (
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Mobile Safari/537.36"
)


def listed(page: str) -> list[str]:
    return re.findall(r'<tr id="session-([0-9a-f-]{36})"', page)


@pytest.fixture
def siti(make: Make) -> int:
    return make.user("siti", Role.OPERATOR)


def test_the_newest_session_comes_first(app: Flask, admin_browser: Browser, siti: int) -> None:
    first, second = open_session(app, siti), open_session(app, siti)
    assert listed(admin_browser.open("/sessions"))[:2] == [str(second), str(first)]


def test_ended_sessions_are_not_listed(app: Flask, admin_browser: Browser, siti: int) -> None:
    session = open_session(app, siti)
    admin_browser.submit(f"/sessions/{session}/revoke")
    assert str(session) not in admin_browser.open("/sessions")
    assert not is_live(app, session)


def test_exactly_one_is_this_device(app: Flask, admin_browser: Browser) -> None:
    open_session(app, id_of(app, "admin_b"))
    admin_browser.submit("/preferences/language", {"language": "en"})
    page = admin_browser.open("/sessions")
    assert len(listed(page)) == 2
    assert page.count("This device") == 1


def test_filters_narrow_the_list(app: Flask, admin_browser: Browser, make: Make, siti: int) -> None:
    budi = make.user("budi", Role.VIEWER)
    hers = str(open_session(app, siti, "scheduler", "10.0.0.7"))
    his = str(open_session(app, budi, "bamboo", "10.0.0.8"))
    for query in ("search=SIT", "search=0.0.7", "door=scheduler", f"user={siti}"):
        assert listed(admin_browser.open(f"/sessions/rows?{query}")) == [hers], query
    assert listed(admin_browser.open("/sessions/rows?door=bamboo")) == [his]
    assert "empty-state" in admin_browser.open("/sessions/rows?search=nobody")


def test_nonsense_in_the_address_is_no_error(app: Flask, admin_browser: Browser) -> None:
    for query in ("door=x", "user=x", "user=-1", "user=" + "9" * 30, "page=0", "page=99", "user=²"):
        assert listed(admin_browser.open(f"/sessions?{query}")), query


def test_one_accounts_sessions_can_be_ended_at_once(app: Flask, admin_browser: Browser, siti: int) -> None:
    open_session(app, siti)
    assert f"/users/{siti}/sessions/revoke" in admin_browser.open(f"/sessions?user={siti}")


def test_ending_this_devices_session_signs_it_out(app: Flask, admin_browser: Browser) -> None:
    mine = listed(admin_browser.open("/sessions"))[0]
    assert admin_browser.submit(f"/sessions/{mine}/revoke").location == "/sign-in"
    admin_browser.open("/sessions", 302)


def test_an_unknown_session_is_not_found(admin_browser: Browser) -> None:
    admin_browser.submit(f"/sessions/{uuid.uuid4()}/revoke", status=404)
    assert admin_browser.client.post("/sessions/x/revoke").status_code in (400, 404)


def test_only_admins_and_only_with_a_token(
    app: Flask, admin_browser: Browser, operator_browser: Browser, siti: int
) -> None:
    session = open_session(app, siti)
    for path in ("/sessions", "/sessions/rows"):
        assert operator_browser.client.get(path).status_code == 403
    operator_browser.submit(f"/sessions/{session}/revoke", status=403)
    assert admin_browser.client.post(f"/sessions/{session}/revoke").status_code == 400
    assert is_live(app, session)


def test_pages_hold_twenty(app: Flask, admin_browser: Browser, siti: int) -> None:
    for _ in range(20):
        open_session(app, siti)
    assert len(listed(admin_browser.open("/sessions/rows"))) == 20
    assert len(listed(admin_browser.open("/sessions/rows?page=2"))) == 1


def test_what_a_program_calls_itself_is_shown_as_text(app: Flask, admin_browser: Browser, siti: int) -> None:
    open_session(app, siti, agent='"><script>alert(1)</script>')
    assert "<script>alert" not in admin_browser.open("/sessions")


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (CHROME, ("Chrome", "Android")),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0",
            ("Firefox", "Windows"),
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Edg/131.0",
            ("Edge", "Windows"),
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Mobile Safari/604.1",
            ("Safari", "iPhone"),
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18 Safari/605.1.15", ("Safari", "macOS")),
        ("curl/8.5.0", ("curl", "")),
        ("python-httpx/0.28.1", ("python-httpx", "")),
        ("PostmanRuntime/7.43", ("PostmanRuntime", "")),
        ("Mozilla/5.0", ("", "")),
        ("", ("", "")),
        ("<script>", ("", "")),
    ],
)
def test_a_user_agent_is_said_in_two_words(agent: str, said: tuple[str, str]) -> None:
    assert agents.described(agent) == said
