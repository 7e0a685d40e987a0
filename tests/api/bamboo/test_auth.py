"""Accounts of the mapping app (contract 5, Autentikasi)."""

import re
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from tests.callers import Bamboo, Pair
from tests.support.factories import PASSWORD, Make
from webapp.accounts import settings
from webapp.accounts.models import Role, User
from webapp.activity.models import Activity
from webapp.database import transaction
from webapp.extensions import db

AUTH = "/api/v1/auth"
SITI = {"email": "siti@example.com", "name": "Siti Aminah", "password": "rumpun bambu"}
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


@pytest.fixture
def anyone(app: Flask) -> Bamboo:
    return Bamboo(app.test_client())


def test_from_registration_to_logout(app: Flask, anyone: Bamboo) -> None:
    user = anyone.post(f"{AUTH}/register", 201, json=SITI)
    assert list(user) == ["id", "email", "name", "role", "created_at", "updated_at"]
    assert uuid.UUID(user["id"]).version == 4
    assert (user["email"], user["name"], user["role"]) == ("siti@example.com", "Siti Aminah", "member")
    assert re.fullmatch(MOMENT, user["created_at"])
    assert re.fullmatch(MOMENT, user["updated_at"])
    login = anyone.post(f"{AUTH}/login", json={"email": SITI["email"], "password": SITI["password"]})
    assert login | {"access_token": "", "refresh_token": ""} == {
        "access_token": "",
        "refresh_token": "",
        "token_type": "Bearer",
        "expires_in": 3600,
        "user": user,
    }
    renewed = anyone.post(f"{AUTH}/refresh", json={"refresh_token": login["refresh_token"]})
    assert set(renewed) == set(login)
    me = Bamboo(app.test_client(), token=renewed["access_token"])
    assert me.get(f"{AUTH}/me") == user
    assert me.post(f"{AUTH}/logout") is None
    me.get(f"{AUTH}/me", 401)
    me.post(f"{AUTH}/refresh", 401, json={"refresh_token": renewed["refresh_token"]})


def test_the_log_names_who_registered_although_nobody_was_signed_in(
    anyone: Bamboo, logged: Callable[..., list[Activity]]
) -> None:
    anyone.post(f"{AUTH}/register", 201, json=SITI)
    [line] = logged(object_type="users", action="create")
    assert line.actor_name == line.object_label
    assert line.actor_name.startswith("siti-")


def test_tokens_are_kept_by_nobody_on_the_way(anyone: Bamboo) -> None:
    anyone.post(f"{AUTH}/register", 201, json=SITI)
    assert anyone.raw("POST", f"{AUTH}/login", json=SITI).headers["Cache-Control"] == "no-store"


def test_a_taken_email_is_a_conflict_however_it_is_written(anyone: Bamboo) -> None:
    anyone.post(f"{AUTH}/register", 201, json=SITI)
    meta = anyone.post(f"{AUTH}/register", 409, json=SITI | {"email": " SITI@example.com "})
    assert "details" not in meta


def test_two_of_the_same_name_may_register(anyone: Bamboo) -> None:
    anyone.post(f"{AUTH}/register", 201, json=SITI)
    anyone.post(f"{AUTH}/register", 201, json=SITI | {"email": "siti@example.org"})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", None), ("email", ""), ("email", " "), ("email", "siti"), ("email", "siti@nowhere"),
        ("email", "a" * 250 + "@b.cd"), ("email", "si\nti@example.com"), ("email", "siti\x00@example.com"),
        ("name", None), ("name", ""), ("name", "  "), ("name", "x" * 101), ("name", "a\x00b"), ("name", "a\nb"),
        ("password", None), ("password", "1234567"), ("password", "x" * 73), ("password", "é" * 37),
    ],
)  # fmt: skip
def test_a_wrong_field_is_in_the_details(anyone: Bamboo, field: str, value: Any) -> None:
    meta = anyone.post(f"{AUTH}/register", 400, json=SITI | {field: value})
    assert meta["message"] == "Validation failed"
    assert set(meta["details"]) == {field}


@pytest.mark.parametrize("name", ["x" * 100, "Nyoman I Gusti", "Åsa Müller-Ö", "陳大文", "O'Brien <b>"])
def test_people_are_called_as_they_are_called(anyone: Bamboo, name: str) -> None:
    assert anyone.post(f"{AUTH}/register", 201, json=SITI | {"name": name})["name"] == name


def test_registering_makes_a_member_whatever_is_asked_for(app: Flask, anyone: Bamboo) -> None:
    asked = {
        "role": "admin",
        "role_level": 4,
        "is_superuser": True,
        "id": str(uuid.uuid4()),
        "username": "admin",
    }
    user = anyone.post(f"{AUTH}/register", 201, json=SITI | asked)
    assert user["role"] == "member"
    assert user["id"] != asked["id"]
    with app.app_context():
        row = db.session.scalars(db.select(User)).one()
    assert (row.role, row.username.startswith("siti-")) == (Role.MEMBER, True)


def test_registering_can_be_switched_off(app: Flask, anyone: Bamboo) -> None:
    with app.app_context(), transaction():
        settings.change("allow_registration", "false")
    assert anyone.post(f"{AUTH}/register", 403, json=SITI)["message"] == "Registration is switched off"
    with app.app_context():
        assert db.session.scalars(db.select(User)).all() == []


def test_twenty_may_register_from_one_address_in_an_hour(anyone: Bamboo) -> None:
    for _ in range(20):
        anyone.post(f"{AUTH}/register", 400, json={})
    response = anyone.raw("POST", f"{AUTH}/register", json=SITI)
    assert response.status_code == 429
    assert 0 < int(response.headers["Retry-After"]) <= 3600


def test_logout_revokes_every_session_that_can_refresh(
    app: Flask, make: Make, pair: Callable[..., Pair]
) -> None:
    siti, budi = make.user("siti", Role.MEMBER), make.user("budi", Role.MEMBER)
    phone, tablet, service, other = (
        pair(siti, "bamboo"),
        pair(siti, "bamboo"),
        pair(siti),
        pair(budi, "bamboo"),
    )
    Bamboo(app.test_client(), token=phone.access).post(f"{AUTH}/logout")
    for ended in (phone, tablet, service):
        Bamboo(app.test_client(), token=ended.access).get(f"{AUTH}/me", 401)
        Bamboo(app.test_client()).post(f"{AUTH}/refresh", 401, json={"refresh_token": ended.refresh})
    Bamboo(app.test_client(), token=other.access).get(f"{AUTH}/me")


def test_an_account_without_an_e_mail_has_none(app: Flask, make: Make, pair: Callable[..., Pair]) -> None:
    me = Bamboo(app.test_client(), token=pair(make.user("siti", Role.ADMIN)).access).get(f"{AUTH}/me")
    assert (me["email"], me["role"], me["name"]) == (None, "admin", "Siti")


@pytest.mark.parametrize(("method", "path"), [("GET", f"{AUTH}/me"), ("POST", f"{AUTH}/logout")])
def test_a_stranger_is_unauthorized(anyone: Bamboo, method: str, path: str) -> None:
    assert anyone.call(method, path, 401) == {"success": False, "message": "Invalid or expired token"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nope", 404),
        ("GET", "/api/v1", 404),
        ("GET", f"{AUTH}/login", 405),
        ("PUT", f"{AUTH}/me", 405),
    ],
)
def test_no_such_path_or_method(anyone: Bamboo, method: str, path: str, status: int) -> None:
    anyone.call(method, path, status)


@pytest.mark.parametrize("path", ["register", "login", "refresh"])
@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"a" * 1_000_001, "application/json", 413),
        (b"email=a&password=b", "application/x-www-form-urlencoded", 415),
    ],
)
def test_what_is_no_body_of_ours(
    anyone: Bamboo, path: str, data: bytes, content_type: str, status: int
) -> None:
    anyone.call("POST", f"{AUTH}/{path}", status, data=data, content_type=content_type)


def test_a_trailing_slash_changes_nothing(anyone: Bamboo, make: Make) -> None:
    make.user("siti", Role.MEMBER)
    anyone.post(f"{AUTH}/login/", json={"email": "siti", "password": PASSWORD})


def test_of_two_who_register_one_e_mail_at_once_one_succeeds(app: Flask) -> None:
    both = Barrier(2)

    def register(_number: int) -> int:
        both.wait()
        return app.test_client().post(f"{AUTH}/register", json=SITI).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(register, range(2))) == [201, 409]
