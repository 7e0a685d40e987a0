"""One's own account (contract 4, User Management)."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.callers import Pair, Scheduler
from tests.support.factories import PASSWORD, Make
from webapp.accounts.models import Role, User
from webapp.extensions import db

ME = "/user/me"
NEW = "a better horse"
As = Callable[[str, Role], Scheduler]


@pytest.fixture
def as_(app: Flask, make: Make, pair: Callable[..., Pair]) -> As:
    """`as_("siti", Role.VIEWER)`: a new account, signed in."""
    return lambda name, role: Scheduler(app.test_client(), token=pair(make.user(name, role)).access)


def user(app: Flask, username: str) -> User:
    with app.app_context():
        return db.session.scalars(db.select(User).filter_by(username=username)).one()


def test_the_profile_is_the_documents(app: Flask, as_: As) -> None:
    answer = as_("admin", Role.ADMIN).get(ME)
    assert answer["message"] == "Welcome admin!"
    row = user(app, "admin")
    assert answer["data"] == {
        "id": row.id,
        "username": "admin",
        "email": None,
        "is_superuser": True,
        "created_at": row.created_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "updated_at": row.updated_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER, Role.OPERATOR])
def test_is_superuser_is_true_for_admins_only(as_: As, role: Role) -> None:
    assert as_("siti", role).get(ME)["data"]["is_superuser"] is False


def test_the_documents_update(as_: As) -> None:
    admin = as_("boss", Role.ADMIN)
    body = {"username": "admin", "email": "admin@teknohole.com", "is_superuser": True}
    answer = admin.patch(ME, json=body)
    assert answer["message"] == "Profile updated successfully!"
    assert body.items() <= answer["data"].items()
    assert admin.get(ME)["data"] == answer["data"]


def test_what_is_left_out_or_null_stays(as_: As) -> None:
    me = as_("siti", Role.MEMBER)
    me.patch(ME, json={"email": "Siti@Example.com"})
    for body in ({}, {"username": None, "email": None, "is_superuser": None, "role": None}):
        data = me.patch(ME, json=body)["data"]
        assert (data["username"], data["email"]) == ("siti", "siti@example.com")
    assert me.patch(ME, json={"email": ""})["data"]["email"] is None


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER, Role.OPERATOR])
@pytest.mark.parametrize(
    "body", [{"is_superuser": True}, {"role": "admin"}, {"role": "admin", "is_superuser": True}]
)
def test_nobody_promotes_themself(app: Flask, as_: As, role: Role, body: dict[str, Any]) -> None:
    me = as_("siti", role)
    me.patch(ME, 403, json=body | {"username": "other"})
    assert user(app, "siti").role is role


def test_a_role_that_one_has_may_be_said_again(as_: As) -> None:
    as_("siti", Role.OPERATOR).patch(ME, json={"is_superuser": False, "role": "operator"})


def test_nobody_but_an_admin_even_steps_down(app: Flask, as_: As) -> None:
    as_("siti", Role.OPERATOR).patch(ME, 403, json={"role": "viewer"})
    assert user(app, "siti").role is Role.OPERATOR


def test_fields_that_are_not_ones_own_to_set_are_ignored(app: Flask, as_: As) -> None:
    me = as_("siti", Role.VIEWER)
    before = me.get(ME)["data"]
    me.patch(
        ME,
        json={
            "id": 1, "public_id": "x", "created_at": "2001-01-01T00:00:00Z", "is_active": False, "deleted_at": "now",
            "role_level": 4, "password": "taken over", "password_hash": "x", "totp_enabled_at": None,
        },
    )  # fmt: skip
    assert me.get(ME)["data"] == before
    assert user(app, "siti").is_active


def test_an_admin_steps_down_but_not_the_last_one(app: Flask, as_: As) -> None:
    first, _second = as_("one", Role.ADMIN), as_("two", Role.ADMIN)
    assert first.patch(ME, json={"is_superuser": False})["data"]["is_superuser"] is False
    assert user(app, "one").role is Role.VIEWER
    first.get("/user", 403)
    _second.patch(ME, 409, json={"is_superuser": False})
    _second.patch(ME, 409, json={"role": "operator"})
    assert user(app, "two").role is Role.ADMIN


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", ""), ("username", "a b"), ("username", "a@b.c"), ("username", "x" * 65), ("username", 5),
        ("username", "a\x00"), ("email", "nobody"), ("email", "a@b"), ("email", "a b@c.d"), ("email", "x" * 255),
        ("email", "a\x00@b.c"), ("is_superuser", "true"), ("is_superuser", 1), ("role", "root"), ("role", 4),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named(as_: As, field: str, value: Any) -> None:
    assert set(as_("siti", Role.ADMIN).patch(ME, 400, json={field: value})["data"]) == {field}


def test_role_and_is_superuser_must_not_contradict(as_: As) -> None:
    admin = as_("siti", Role.ADMIN)
    assert admin.patch(ME, 400, json={"is_superuser": False, "role": "admin"})["data"] == {
        "role": "Contradicts is_superuser"
    }
    admin.patch(ME, 400, json={"is_superuser": True, "role": "viewer"})


def test_a_taken_name_is_a_conflict(as_: As) -> None:
    one, two = as_("one", Role.MEMBER), as_("two", Role.MEMBER)
    one.patch(ME, json={"email": "one@example.com"})
    two.patch(ME, 409, json={"username": "ONE"})
    two.patch(ME, 409, json={"email": "One@example.com"})


def test_a_new_password_ends_the_other_sessions(app: Flask, make: Make, pair: Callable[..., Pair]) -> None:
    user_id = make.user("siti", Role.MEMBER)
    here, there = pair(user_id), pair(user_id, "bamboo")
    me = Scheduler(app.test_client(), token=here.access)
    answer = me.post(f"{ME}/password", json={"current_password": PASSWORD, "new_password": NEW})
    assert answer["message"] == "Password changed successfully!"
    me.get(ME)
    Scheduler(app.test_client(), token=there.access).get(ME, 401)
    me.post("/refresh/token", 401, json={"refresh_token": there.refresh})
    me.post("/login", 401, json={"identifier": "siti", "password": PASSWORD})
    me.post("/login", json={"identifier": "siti", "password": NEW})


@pytest.mark.parametrize(
    ("current", "new", "field"),
    [
        ("wrong", NEW, "current_password"),
        (PASSWORD, PASSWORD, "new_password"),
        (PASSWORD, "short", "new_password"),
        (PASSWORD, "é" * 40, "new_password"),
        (PASSWORD, "null\x00null", "new_password"),
        (PASSWORD, None, "new_password"),
    ],
)
def test_an_unfit_new_password_is_refused(as_: As, current: str, new: Any, field: str) -> None:
    me = as_("siti", Role.MEMBER)
    body = {"current_password": current, "new_password": new}
    assert set(me.post(f"{ME}/password", 400, json=body)["data"]) == {field}
    me.post("/login", json={"identifier": "siti", "password": PASSWORD})


def test_a_stolen_token_can_not_guess_the_password(as_: As) -> None:
    me = as_("siti", Role.MEMBER)
    body = {"current_password": PASSWORD, "new_password": NEW}
    for _ in range(20):
        me.post(f"{ME}/password", 400, json=body | {"current_password": "x"})
    me.post(f"{ME}/password", 429, json=body)
    me.post("/login", json={"identifier": "siti", "password": PASSWORD})


@pytest.mark.parametrize(("method", "path"), [("GET", ME), ("PATCH", ME), ("POST", f"{ME}/password")])
def test_a_stranger_has_no_profile(app: Flask, method: str, path: str) -> None:
    assert Scheduler(app.test_client()).call(method, path, 401, {})["message"] == "Invalid or expired token"
