"""One's own account: name, password, sessions, language and theme."""

import re
import uuid

import pytest
from flask import Flask

from tests.callers import Browser
from tests.support.factories import PASSWORD, Make
from tests.support.people import id_of, is_live, open_session, stored
from webapp.accounts.models import Role

CHANGE = {"current_password": PASSWORD, "password": "another horse", "again": "another horse"}
POSTS = ["/profile", "/profile/password", "/profile/sessions/revoke", "/preferences/theme"]


@pytest.fixture
def member_browser(visitor: Browser, make: Make) -> Browser:
    make.user("siti", Role.MEMBER)
    visitor.submit("/sign-in", {"username": "siti", "password": PASSWORD})
    return visitor


def sessions_on(page: str) -> list[str]:
    return re.findall(r'<tr id="session-([0-9a-f-]{36})"', page)


PHONE = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile"


@pytest.mark.parametrize(("agent", "home"), [("Mozilla/5.0 (X11; Linux x86_64)", "/map"), (PHONE, "/field")])
def test_a_member_is_led_to_the_field_for_the_dashboard_is_not_theirs(
    visitor: Browser, make: Make, agent: str, home: str
) -> None:
    make.user("siti", Role.MEMBER)
    visitor.client.environ_base["HTTP_USER_AGENT"] = agent
    answer = visitor.submit("/sign-in", {"username": "siti", "password": PASSWORD})
    assert answer.location == home
    assert f'class="brand" href="{home}"' in visitor.open("/profile")


def test_who_is_not_signed_in_is_sent_to_sign_in(visitor: Browser) -> None:
    for path in ("/profile", "/profile/password", "/profile/second-factor"):
        assert visitor.client.get(path).location.startswith("/sign-in?next=")


def test_the_account_menu_leads_to_it(viewer_browser: Browser) -> None:
    assert 'href="/profile"' in viewer_browser.open("/dashboard")


def test_name_and_email_are_ones_own_to_change(app: Flask, member_browser: Browser) -> None:
    member_browser.submit("/profile", {"name": " Siti R. ", "email": "Siti@Example.com"})
    me = stored(app, id_of(app, "siti"))
    assert (me.name, me.email) == ("Siti R.", "siti@example.com")


def test_nothing_else_of_the_account_is(app: Flask, member_browser: Browser) -> None:
    greedy = {"role": "admin", "role_level": "4", "username": "root", "is_active": "0", "totp_secret": "x"}
    member_browser.submit("/profile", greedy | {"name": "Siti", "email": ""})
    me = stored(app, id_of(app, "siti"))
    assert (me.role, me.username, me.is_active) == (Role.MEMBER, "siti", True)


def test_what_is_wrong_stands_beside_its_field(member_browser: Browser, admin_browser: Browser) -> None:
    admin_browser.submit("/profile", {"name": "Admin", "email": "a@example.com"})
    assert 'id="error-name"' in member_browser.submit("/profile", {"name": ""}, 422).text
    assert 'id="error-email"' in member_browser.submit("/profile", {"name": "x", "email": "x"}, 422).text
    taken = member_browser.submit("/profile", {"name": "x", "email": "A@example.com"}, 409).text
    assert 'id="error-email"' in taken


def test_a_new_password_ends_other_sessions_but_not_this_one(app: Flask, member_browser: Browser) -> None:
    other = open_session(app, id_of(app, "siti"))
    member_browser.submit("/profile/password", CHANGE)
    assert not is_live(app, other)
    member_browser.open("/profile")
    fresh = Browser(app.test_client())
    fresh.submit("/sign-in", {"username": "siti", "password": PASSWORD}, 401)
    fresh.submit("/sign-in", {"username": "siti", "password": "another horse"})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("current_password", "wrong horse"),
        ("current_password", ""),
        ("password", "short"),
        ("password", "x" * 73),
        ("password", PASSWORD),
        ("again", "another hors"),
    ],
)
def test_a_refused_password_changes_nothing(
    app: Flask, member_browser: Browser, field: str, value: str
) -> None:
    other = open_session(app, id_of(app, "siti"))
    form = CHANGE | {field: value}
    if field == "password":
        form["again"] = value
    page = member_browser.submit("/profile/password", form, 422).text
    assert re.findall(r'id="error-(\w+)"', page) == [field]
    assert "another horse" not in page
    assert is_live(app, other)


def test_a_stolen_session_can_not_guess_the_password(member_browser: Browser) -> None:
    for _ in range(20):
        member_browser.submit("/profile/password", CHANGE | {"current_password": "x"}, 422)
    member_browser.submit("/profile/password", CHANGE, 429)


def test_ones_sessions_are_listed_and_ended(app: Flask, member_browser: Browser, make: Make) -> None:
    other = open_session(app, id_of(app, "siti"))
    foreign = open_session(app, make.user("budi", Role.VIEWER))
    listed = sessions_on(member_browser.open("/profile"))
    assert str(other) in listed
    assert str(foreign) not in listed
    assert len(listed) == 2
    member_browser.submit(f"/profile/sessions/{other}/revoke")
    assert not is_live(app, other)


def test_nobody_elses_session_can_be_ended(app: Flask, member_browser: Browser, make: Make) -> None:
    foreign = open_session(app, make.user("budi", Role.VIEWER))
    member_browser.submit(f"/profile/sessions/{foreign}/revoke", status=404)
    member_browser.submit(f"/profile/sessions/{uuid.uuid4()}/revoke", status=404)
    member_browser.submit("/profile/sessions/revoke")
    assert is_live(app, foreign)


def test_ending_this_devices_session_signs_it_out(member_browser: Browser) -> None:
    mine = sessions_on(member_browser.open("/profile"))[0]
    assert member_browser.submit(f"/profile/sessions/{mine}/revoke").location == "/sign-in"
    member_browser.open("/profile", 302)


def test_signing_out_everywhere_else_keeps_this_one(app: Flask, member_browser: Browser) -> None:
    others = [open_session(app, id_of(app, "siti")) for _ in range(3)]
    member_browser.submit("/profile/sessions/revoke")
    assert not any(is_live(app, other) for other in others)
    assert len(sessions_on(member_browser.open("/profile"))) == 1


def test_many_sessions_come_in_pages(app: Flask, member_browser: Browser) -> None:
    for _ in range(10):
        open_session(app, id_of(app, "siti"))
    assert len(sessions_on(member_browser.open("/profile/rows"))) == 10
    assert len(sessions_on(member_browser.open("/profile/rows?page=2"))) == 1


def test_language_and_theme_come_along_to_the_next_device(app: Flask, member_browser: Browser) -> None:
    member_browser.submit("/preferences/language", {"language": "en"})
    member_browser.submit("/preferences/theme", {"theme": "dark"}, 204)
    member_browser.submit("/preferences/theme", {"theme": "pink"}, 422)
    fresh = Browser(app.test_client())
    answer = fresh.submit("/sign-in", {"username": "siti", "password": PASSWORD})
    cookies = answer.headers.getlist("Set-Cookie")
    assert any(cookie.startswith("theme=dark") and "HttpOnly" not in cookie for cookie in cookies)
    assert '<html lang="en">' in fresh.open("/profile")


def test_a_page_says_where_the_theme_is_remembered(member_browser: Browser) -> None:
    assert 'data-theme-url="/preferences/theme"' in member_browser.open("/profile")


@pytest.mark.parametrize("path", POSTS)
def test_a_form_without_its_token_is_refused(member_browser: Browser, path: str) -> None:
    assert member_browser.client.post(path, data=CHANGE).status_code == 400


def test_ones_name_is_shown_as_text(member_browser: Browser) -> None:
    member_browser.submit("/profile", {"name": "<script>alert(1)</script>", "email": ""})
    assert "<script>alert" not in member_browser.open("/profile")


def test_only_admins_are_offered_administration(member_browser: Browser) -> None:
    page = member_browser.open("/profile")
    assert 'href="/users"' not in page
    assert 'href="/dashboard"' not in page
    for path in ("/users", "/sessions"):
        member_browser.open(path, 403)
