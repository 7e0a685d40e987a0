"""Whatever happens under contract 4's paths is told in its envelope."""

from typing import Any

import pytest
from flask import Flask

from tests.callers import Scheduler


@pytest.fixture
def anyone(app: Flask) -> Scheduler:
    return Scheduler(app.test_client())


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/user/nope", 404),
        ("GET", "/user/me/nope", 404),
        ("GET", "/user/-1", 404),
        ("GET", "/user/99999999999999999999", 404),
        ("PATCH", "/user/99999999999999999999", 404),
        ("DELETE", "/user/2147483648", 404),
        ("DELETE", "/user/٣", 404),
        ("POST", "/login/nope", 404),
        ("GET", "/refresh/token", 405),
        ("PUT", "/login", 405),
        ("GET", "/logout", 405),
        ("PUT", "/user/me", 405),
        ("POST", "/user/1", 405),
    ],
)
def test_no_such_path_or_method(anyone: Scheduler, method: str, path: str, status: int) -> None:
    assert "data" not in anyone.call(method, path, status)


@pytest.mark.parametrize("path", ["/login", "/refresh/token"])
@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b'"text"', "application/json", 400),
        (b"NaN", "application/json", 400),
        (b'{"identifier": "\\ud800", "password": "x"}', "application/json", 400),
        (b"a" * 1_000_001, "application/json", 413),
        (b"identifier=a&password=b", "application/x-www-form-urlencoded", 415),
        (b"{}", "text/plain", 415),
    ],
)
def test_what_is_no_body_of_ours(
    anyone: Scheduler, path: str, data: bytes, content_type: str, status: int
) -> None:
    anyone.call("POST", path, status, data=data, content_type=content_type)


@pytest.mark.parametrize("identifier", ["a\x00b", "x@y.z\x00", "'; drop table users; --"])
def test_odd_identifiers_are_unknown(anyone: Scheduler, identifier: str) -> None:
    anyone.post("/login", 401, json={"identifier": identifier, "password": "x"})


def test_a_trailing_slash_changes_nothing(anyone: Scheduler) -> None:
    anyone.post("/login/", 400, json={})
    anyone.get("/user/me/", 401)


def test_home_answers_json_clients_in_this_envelope(anyone: Scheduler) -> None:
    body = anyone.call("GET", "/", headers={"Accept": "application/json"})
    assert body["message"] == "Gerbang API is running"
    assert "data" not in body


def test_whoever_types_the_address_of_the_login_is_shown_the_page(app: Flask) -> None:
    response = app.test_client().get("/login")
    assert (response.status_code, response.headers["Location"]) == (302, "/sign-in")


def test_a_fault_of_our_own_says_nothing_about_itself(
    app: Flask, anyone: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: Any, **_named: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("webapp.signin.sign_in", broken)
    body = anyone.post("/login", 500, json={"identifier": "a", "password": "b"})
    assert body["message"] == "Internal server error"
