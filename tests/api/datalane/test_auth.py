"""Signing in and out (contract 3, A)."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from tests.callers import Datalane
from tests.support.factories import PASSWORD, Make
from webapp.accounts import sessions, settings
from webapp.accounts.models import LoginSession, Role, User
from webapp.database import transaction
from webapp.extensions import db
from webapp.kit import clock
from webapp.signin import access_token

LOGIN, LOGOUT, ANY = "/api/auth/login", "/api/auth/logout", "/api/settings"


def credentials(username: str = "siti", password: str = PASSWORD) -> dict[str, str]:
    return {"username": username, "password": password}


def test_a_token_opens_the_door_for_twelve_hours(app: Flask, stranger: Datalane, make: Make) -> None:
    make.user("siti", Role.ADMIN)
    response = stranger.send("POST", LOGIN, credentials())
    data = stranger.checked(response, 200, 0)
    assert list(data) == ["token", "expires_at", "session_id"]
    assert response.headers["Cache-Control"] == "no-store"
    ends = datetime.strptime(data["expires_at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert (ends - clock.now()).total_seconds() == pytest.approx(12 * 3600, abs=10)
    Datalane(app.test_client(), token=data["token"]).get(ANY)
    with app.app_context():
        assert db.session.get_one(LoginSession, uuid.UUID(data["session_id"])).surface == "datalane"


def test_login_needs_no_signature(stranger: Datalane, make: Make) -> None:
    make.user("siti", Role.ADMIN)
    stranger.checked(stranger.raw("POST", LOGIN, json=credentials()), 200, 0)


@pytest.mark.parametrize("username", ["siti", "budi"])
def test_unknown_user_and_wrong_password_get_the_same_answer(
    stranger: Datalane, make: Make, username: str
) -> None:
    make.user("siti", Role.ADMIN)
    assert stranger.post(LOGIN, 401, 2002, credentials(username, "wrong")) == "Invalid credentials"


def test_an_account_that_is_switched_off_is_refused(stranger: Datalane, make: Make) -> None:
    make.user("siti", Role.ADMIN, active=False)
    assert stranger.post(LOGIN, 403, 2001, credentials()) == "User inactive"


@pytest.mark.parametrize("body", [{}, {"username": "a"}, {"username": 1, "password": "x"}])
def test_a_wrong_field_is_named(stranger: Datalane, body: dict[str, Any]) -> None:
    assert "password" in stranger.post(LOGIN, 400, 1002, body) or "username" in body


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'"text"', "application/json", 400),
        (b"null", "application/json", 400),
        (b'{"username": "\\ud800", "password": "x"}', "application/json", 400),
        (b"username=a&password=b", "application/x-www-form-urlencoded", 415),
        (b'{"username": "a", "password": "b"}', "text/plain", 415),
        (b'{"username": "' + b"a" * 1_000_001 + b'"}', "application/json", 413),
    ],
)
def test_what_is_no_object_of_json_is_an_invalid_body(
    stranger: Datalane, body: bytes, content_type: str, status: int
) -> None:
    stranger.checked(stranger.raw("POST", LOGIN, data=body, content_type=content_type), status, 1001)


def test_guessing_is_slowed(stranger: Datalane, make: Make) -> None:
    make.user("siti", Role.ADMIN)
    for _ in range(10):
        stranger.post(LOGIN, 401, 2002, credentials(password="wrong"))
    response = stranger.send("POST", LOGIN, credentials())
    assert stranger.checked(response, 429, 2002) == "Too many requests"
    assert int(response.headers["Retry-After"]) > 0


def test_admins_over_the_limit_wait_until_a_session_ends(app: Flask, stranger: Datalane, make: Make) -> None:
    make.user("siti", Role.ADMIN)
    make.user("budi", Role.VIEWER)
    with app.app_context(), transaction():
        settings.change("max_concurrent_sessions", "1")
    token = stranger.post(LOGIN, json=credentials())["token"]
    assert stranger.post(LOGIN, 409, 2003, credentials()) == "Session limit reached"
    stranger.post(LOGIN, json=credentials("budi"))  # only admins are counted
    Datalane(app.test_client(), token=token).post(LOGOUT)
    stranger.post(LOGIN, json=credentials())


def test_a_session_that_ran_out_makes_room(app: Flask, stranger: Datalane, make: Make) -> None:
    user_id = make.user("siti", Role.ADMIN)
    with app.app_context(), transaction():
        settings.change("max_concurrent_sessions", "1")
        past = timedelta(seconds=-1)
        sessions.open_session(db.session.get_one(User, user_id), sessions.Caller("datalane"), past)
    stranger.post(LOGIN, json=credentials())


def test_logout_ends_the_token(admin: Datalane) -> None:
    assert admin.post(LOGOUT) is None
    assert admin.get(ANY, 401, 2001) == "Unauthorized"


def test_whoever_signed_in_may_sign_out(viewer: Datalane) -> None:
    assert viewer.post(LOGOUT) is None
    viewer.get(ANY, 401, 2001)


def test_an_expired_token_has_a_code_of_its_own(app: Flask, make: Make) -> None:
    user_id = make.user("siti", Role.ADMIN)
    with app.app_context(), transaction():
        past = timedelta(seconds=-1)
        session = sessions.open_session(db.session.get_one(User, user_id), sessions.Caller("web"), past)
        token = access_token(session, past)
    assert Datalane(app.test_client(), token=token).get(ANY, 401, 2004) == "Token expired"


def test_a_forged_token_is_unauthorized(app: Flask) -> None:
    Datalane(app.test_client(), token="a.b.c").get(ANY, 401, 2001)


def test_a_viewer_may_sign_in_but_not_administer(app: Flask, stranger: Datalane, make: Make) -> None:
    make.user("siti", Role.VIEWER)
    token = stranger.post(LOGIN, json=credentials())["token"]
    viewer = Datalane(app.test_client(), token=token)
    for path in ("/api/settings", "/api/api-keys", "/api/sessions"):
        viewer.get(path, 403, 2001)
    viewer.put("/api/settings", 403, 2001, {"key": "page_size", "value": "A5"})


def test_a_key_of_a_machine_does_not_administer(app: Flask, partner: Datalane) -> None:
    partner.get(ANY, 403, 2001)
    partner.put(ANY, 403, 2001, {"key": "enable_hmac", "value": "false"})
    assert Datalane(app.test_client(), key="pk_live_unknown").get(ANY, 401, 2005) == "Invalid API Key"


@pytest.mark.parametrize("path", ["/api/queue/x", "/api/tasks/1", "/api/sse/nothing", "/api/auth/nothing"])
def test_what_is_not_there_is_not_found_in_this_dialect(admin: Datalane, path: str) -> None:
    assert admin.get(path, 404, 3001) == "Resource not found"


def test_a_wrong_method_keeps_its_status(admin: Datalane) -> None:
    response = admin.raw("PATCH", ANY)
    assert admin.checked(response, 405, 1001) == "Method not allowed"


def test_a_trailing_slash_changes_nothing(admin: Datalane) -> None:
    assert admin.get(ANY + "/") == admin.get(ANY)
