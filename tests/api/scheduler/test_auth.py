"""Signing in, refreshing, signing out (contract 4, Authentication)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from flask import Flask

from tests.callers import Pair, Scheduler
from tests.support.factories import PASSWORD, Make
from webapp.accounts.models import LoginSession, Role, User
from webapp.database import transaction
from webapp.extensions import db


@pytest.fixture
def anyone(app: Flask) -> Scheduler:
    return Scheduler(app.test_client())


def test_the_documents_way_from_login_to_logout(app: Flask, anyone: Scheduler, make: Make) -> None:
    make.user("admin", Role.ADMIN)
    login = anyone.post("/login", json={"identifier": "admin", "password": PASSWORD})
    assert login["message"] == "Login success!"
    assert set(login["data"]) == {"access_token", "refresh_token"}
    renewed = anyone.post("/refresh/token", json={"refresh_token": login["data"]["refresh_token"]})
    assert renewed["message"] == "Refresh success!"
    assert set(renewed["data"]) == {"access_token", "refresh_token"}
    me = Scheduler(app.test_client(), token=renewed["data"]["access_token"])
    assert me.get("/user/me")["message"] == "Welcome admin!"
    logout = me.post("/logout", json={"refresh_token": renewed["data"]["refresh_token"]})
    assert logout["message"] == "Logout successful!"
    assert "data" not in logout
    me.get("/user/me", 401)


@pytest.mark.parametrize("identifier", ["siti", "siti@example.com", " SITI ", "Siti@Example.com"])
def test_the_identifier_is_a_user_name_or_an_e_mail(
    app: Flask, anyone: Scheduler, make: Make, identifier: str
) -> None:
    user_id = make.user("siti", Role.MEMBER)
    with app.app_context(), transaction():
        db.session.get_one(User, user_id).email = "siti@example.com"
    anyone.post("/login", json={"identifier": identifier, "password": PASSWORD})


def test_access_is_for_15_minutes_and_refreshing_for_7_days(
    app: Flask, anyone: Scheduler, make: Make
) -> None:
    make.user("siti", Role.VIEWER)
    data = anyone.post("/login", json={"identifier": "siti", "password": PASSWORD})["data"]
    assert _lifetime(data["access_token"]) == timedelta(minutes=15)
    assert _lifetime(data["refresh_token"]) == timedelta(days=7)


def _lifetime(token: str) -> timedelta:
    claims = jwt.decode(token, options={"verify_signature": False})
    return timedelta(seconds=claims["exp"] - claims["iat"])


def test_a_login_is_remembered_with_its_door_and_client(app: Flask, anyone: Scheduler, make: Make) -> None:
    make.user("siti", Role.VIEWER)
    anyone.headers["User-Agent"] = "postman " + "x" * 300
    anyone.post("/login", json={"identifier": "siti", "password": PASSWORD})
    with app.app_context():
        [session] = db.session.scalars(db.select(LoginSession))
    assert (session.surface, session.ip_address) == ("scheduler", "127.0.0.1")
    assert session.user_agent == ("postman " + "x" * 300)[:255]


@pytest.mark.parametrize(
    ("path", "body", "fields"),
    [
        ("/login", {}, {"identifier", "password"}),
        ("/login", {"identifier": 1, "password": None}, {"identifier", "password"}),
        ("/login", {"identifier": "", "password": ""}, {"identifier", "password"}),
        ("/login", {"identifier": "x" * 300, "password": "x" * 2000}, {"identifier", "password"}),
        ("/login", [], {"body"}),
        ("/refresh/token", {}, {"refresh_token"}),
        ("/refresh/token", {"refresh_token": 5}, {"refresh_token"}),
    ],
)
def test_a_wrong_body_names_its_fields(anyone: Scheduler, path: str, body: Any, fields: set[str]) -> None:
    answer = anyone.post(path, 400, json=body)
    assert answer["message"] == "Validation failed"
    assert set(answer["data"]) == fields


def test_logout_needs_a_token_and_its_body(
    app: Flask, anyone: Scheduler, make: Make, pair: Callable[..., Pair]
) -> None:
    mine = pair(make.user("siti", Role.MEMBER))
    anyone.post("/logout", 401, json={"refresh_token": mine.refresh})
    me = Scheduler(app.test_client(), token=mine.access)
    assert set(me.post("/logout", 400, json={})["data"]) == {"refresh_token"}
    me.get("/user/me")


def test_logout_with_the_other_of_two_sessions_ends_both(
    app: Flask, make: Make, pair: Callable[..., Pair]
) -> None:
    user_id = make.user("siti", Role.MEMBER)
    first, second, third = pair(user_id), pair(user_id), pair(user_id)
    Scheduler(app.test_client(), token=second.access).post("/logout", json={"refresh_token": first.refresh})
    for ended in (first, second):
        Scheduler(app.test_client(), token=ended.access).get("/user/me", 401)
    Scheduler(app.test_client(), token=third.access).get("/user/me")
