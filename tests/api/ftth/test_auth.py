"""Signing in, refreshing, signing out (contract 2, Authentication Endpoints)."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from tests.callers import Ftth, Pair, Scheduler
from tests.support.factories import PASSWORD, Make
from webapp.accounts.models import Role, User
from webapp.database import transaction
from webapp.extensions import db
from webapp.kit import clock

TOKEN, REFRESH, LOGOUT = "/api/users/token", "/api/users/refresh", "/api/users/logout"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def anyone(app: Flask) -> Ftth:
    return Ftth(app.test_client())


@pytest.fixture
def siti(app: Flask, make: Make) -> int:
    user_id = make.user("siti", Role.OPERATOR)
    with app.app_context(), transaction():
        db.session.get_one(User, user_id).email = "your_email@example.com"
    return user_id


@pytest.mark.parametrize(
    "sent",
    [
        {"data": "username=your_email@example.com&password=correct horse", "content_type": FORM},
        {"data": {"username": "siti", "password": PASSWORD, "grant_type": "password", "scope": ""}},
        {"data": {"username": "siti", "password": PASSWORD}, "content_type": "multipart/form-data"},
        {"json": {"username": "your_email@example.com", "password": PASSWORD}},
    ],
)
def test_the_documents_token(app: Flask, anyone: Ftth, siti: int, sent: dict[str, Any]) -> None:
    response = anyone.raw("POST", TOKEN, **sent)
    body = response.get_json()
    assert response.headers["Cache-Control"] == "no-store"
    assert list(body) == ["access_token", "token_type", "expires_in", "refresh_token"]
    assert (body["token_type"], body["expires_in"]) == ("bearer", 3600)
    Scheduler(app.test_client(), token=body["access_token"]).get("/user/me")


def test_refreshing_and_logging_out(app: Flask, anyone: Ftth, siti: int) -> None:
    first = anyone.post(TOKEN, json={"username": "siti", "password": PASSWORD})
    second = anyone.post(REFRESH, json={"refresh_token": first["refresh_token"]})
    assert set(second) == set(first)
    me = Ftth(app.test_client(), token=second["access_token"])
    assert me.post(LOGOUT, json={"refresh_token": second["refresh_token"]}) == {
        "message": "Successfully logged out"
    }
    me.post(LOGOUT, 401, json={"refresh_token": second["refresh_token"]})
    anyone.post(REFRESH, 401, json={"refresh_token": second["refresh_token"]})


def test_wrong_is_401_and_inactive_403(anyone: Ftth, siti: int, make: Make) -> None:
    make.user("budi", Role.VIEWER, active=False)
    wrong = anyone.post(TOKEN, 401, json={"username": "siti", "password": "wrong"})
    assert wrong == {"detail": "Invalid credentials", "status": "error", "error_code": "UNAUTHORIZED"}
    inactive = anyone.post(TOKEN, 403, json={"username": "budi", "password": PASSWORD})
    assert inactive["detail"] == "User inactive"
    anyone.post(TOKEN, 401, json={"username": "budi", "password": "wrong"})


@pytest.mark.parametrize(
    ("sent", "fields"),
    [
        ({"data": "", "content_type": FORM}, ["username", "password"]),
        ({"data": "username=&password=x", "content_type": FORM}, ["username"]),
        ({"data": "%", "content_type": FORM}, ["username", "password"]),
        (
            {"data": b"--x\r\nbroken", "content_type": "multipart/form-data; boundary=x"},
            ["username", "password"],
        ),
        ({"data": b"no boundary", "content_type": "multipart/form-data"}, ["username", "password"]),
        ({"json": {"username": 5, "password": []}}, ["username", "password"]),
        ({"json": ["siti"]}, ["body"]),
        ({"data": "{", "content_type": "application/json"}, ["body"]),
    ],
)
def test_a_wrong_body_names_its_fields(anyone: Ftth, sent: dict[str, Any], fields: list[str]) -> None:
    detail = anyone.post(TOKEN, 422, **sent)["detail"]
    assert detail["message"] == "Validation failed"
    assert [fault["field"] for fault in detail["errors"]] == fields


@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        ("username=" + "x" * 1_000_001, FORM, 413),
        ("x" * 1_000_001, "application/json", 413),
        ("username", "text/plain", 415),
        ("username=si\x00ti&password=x", FORM, 401),
        ("username=%ED%A0%80&password=x", FORM, 401),
        ("username=%ff%fe&password=%ff", FORM, 401),
    ],
)
def test_odd_bodies_are_refused_politely(anyone: Ftth, data: str, content_type: str, status: int) -> None:
    anyone.post(TOKEN, status, data=data, content_type=content_type)


def test_refresh_takes_json_alone(anyone: Ftth) -> None:
    anyone.post(REFRESH, 415, data={"refresh_token": "x"})
    anyone.post(REFRESH, 422, json={})


def test_logout_needs_a_token(app: Flask, anyone: Ftth, siti: int, pair: Callable[..., Pair]) -> None:
    anyone.post(LOGOUT, 401, json={"refresh_token": pair(siti, "ftth").refresh})
    Ftth(app.test_client(), token=pair(siti, "ftth").access).post(LOGOUT, 422, json={})


@pytest.fixture
def clock_() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        yield traveller


def test_five_calls_in_five_minutes_from_an_address(
    app: Flask, anyone: Ftth, siti: int, clock_: time_machine.Traveller
) -> None:
    anyone.post(TOKEN, json={"username": "siti", "password": PASSWORD})
    anyone.post(TOKEN, 401, json={"username": "siti", "password": "wrong"})
    anyone.post(TOKEN, 422, json={})
    anyone.post(TOKEN, 415, data="x", content_type="text/plain")
    anyone.post(f"{TOKEN}/", 422, json={})
    clock_.shift(timedelta(seconds=200))
    refused = anyone.post(TOKEN, 429, json={"username": "siti", "password": PASSWORD})
    assert 99 <= refused["retry_after"] <= 101
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    anyone.post(TOKEN, 422, json={}, environ_base=elsewhere)
    clock_.shift(timedelta(seconds=refused["retry_after"], milliseconds=10))
    anyone.post(TOKEN, json={"username": "siti", "password": PASSWORD})


def test_the_limit_is_not_passed_by_a_burst(app: Flask) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def call(_number: int) -> int:
        return app.test_client().post(TOKEN, json={}).status_code

    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(call, range(20)))
    assert sorted(statuses) == [422] * 5 + [429] * 15


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", TOKEN, 405),
        ("GET", "/api/users/nope", 404),
        ("DELETE", LOGOUT, 405),
        ("GET", "/api/users", 404),
    ],
)
def test_no_such_path_or_method(anyone: Ftth, method: str, path: str, status: int) -> None:
    anyone.call(method, path, status)


@pytest.mark.parametrize("path", [TOKEN, REFRESH])
def test_a_trailing_slash_changes_nothing(anyone: Ftth, path: str) -> None:
    anyone.post(f"{path}/", 422, json={})
