"""Administration of accounts (contract 4, User Management)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from tests.callers import Pair, Scheduler
from tests.support.factories import Make
from webapp.accounts.models import Role, User
from webapp.activity.models import Activity
from webapp.extensions import db

EXAMPLE = {
    "username": "arbath",
    "password": "arbath123",
    "email": "arbath@teknohole.com",
    "is_superuser": False,
}
SHOWN = ["id", "username", "email", "is_superuser", "created_at", "updated_at"]


@pytest.fixture
def boss(app: Flask, make: Make, pair: Callable[..., Pair]) -> Scheduler:
    """An administrator."""
    return Scheduler(app.test_client(), token=pair(make.user("admin", Role.ADMIN)).access)


def user(app: Flask, user_id: int) -> User:
    with app.app_context():
        return db.session.get_one(User, user_id)


def test_the_documents_example_is_created_listed_and_deleted(boss: Scheduler) -> None:
    created = boss.post("/user", 201, json=EXAMPLE)
    assert created["message"] == "User arbath has been created successfully!"
    data = created["data"]
    assert list(data) == SHOWN
    assert data["created_at"] == data["updated_at"]
    assert (data["username"], data["email"], data["is_superuser"]) == (
        "arbath",
        "arbath@teknohole.com",
        False,
    )
    listed = boss.get("/user")
    assert listed["message"] == "List of all users"
    assert [row["username"] for row in listed["data"]] == ["admin", "arbath"]
    assert listed["data"][1] == data
    deleted = boss.delete(f"/user/{data['id']}")
    assert deleted["message"] == f"User with id {data['id']} has been deleted successfully!"
    assert "data" not in deleted
    assert [row["username"] for row in boss.get("/user")["data"]] == ["admin"]


def test_a_new_user_signs_in_at_once(boss: Scheduler) -> None:
    boss.post("/user", 201, json=EXAMPLE)
    boss.post("/login", json={"identifier": "arbath@teknohole.com", "password": "arbath123"})


@pytest.mark.parametrize(
    ("asked", "role"),
    [
        ({}, Role.VIEWER),
        ({"is_superuser": None}, Role.VIEWER),
        ({"is_superuser": True}, Role.ADMIN),
        ({"role": "member"}, Role.MEMBER),
        ({"role": "operator", "is_superuser": False}, Role.OPERATOR),
        ({"role": "admin"}, Role.ADMIN),
        ({"role": "admin", "is_superuser": True}, Role.ADMIN),
    ],
)
def test_the_role_of_a_new_user(app: Flask, boss: Scheduler, asked: dict[str, Any], role: Role) -> None:
    body = {name: value for name, value in EXAMPLE.items() if name != "is_superuser"}
    data = boss.post("/user", 201, json=body | asked)["data"]
    assert user(app, data["id"]).role is role
    assert data["is_superuser"] is (role is Role.ADMIN)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", None), ("username", ""), ("username", "a b"), ("username", "ar@bath"), ("username", "x" * 65),
        ("password", None), ("password", "short"), ("password", "x" * 73), ("password", "null\x00null"),
        ("email", None), ("email", "nobody"), ("email", 7), ("is_superuser", "yes"), ("role", "superuser"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named(boss: Scheduler, field: str, value: Any) -> None:
    answer = boss.post("/user", 400, json=EXAMPLE | {field: value})
    assert set(answer["data"]) == {field}
    assert len(boss.get("/user")["data"]) == 1


def test_what_is_missing_is_named(boss: Scheduler) -> None:
    assert set(boss.post("/user", 400, json={})["data"]) == {"username", "password", "email"}


def test_role_and_is_superuser_must_not_contradict(boss: Scheduler) -> None:
    answer = boss.post("/user", 400, json=EXAMPLE | {"role": "admin"})
    assert answer["data"] == {"role": "Contradicts is_superuser"}


@pytest.mark.parametrize("field", ["username", "email"])
def test_a_taken_name_is_a_conflict(boss: Scheduler, field: str) -> None:
    boss.post("/user", 201, json=EXAMPLE)
    other = {"username": "other", "email": "other@teknohole.com"}
    boss.post("/user", 409, json=EXAMPLE | other | {field: EXAMPLE[field].upper()})  # type: ignore[attr-defined]


def test_the_name_of_a_deleted_user_is_free_again(boss: Scheduler) -> None:
    first = boss.post("/user", 201, json=EXAMPLE)["data"]
    boss.delete(f"/user/{first['id']}")
    assert boss.post("/user", 201, json=EXAMPLE)["data"]["id"] != first["id"]
    boss.delete(f"/user/{first['id']}", 404)
    boss.get(f"/user/{first['id']}", 404)
    boss.patch(f"/user/{first['id']}", 404, json={"username": "back"})


def test_an_id_of_nobody_is_not_found(boss: Scheduler) -> None:
    assert boss.delete("/user/4711", 404)["message"] == "User with id 4711 not found"


def test_the_list_is_bounded_and_can_be_paged(boss: Scheduler, make: Make) -> None:
    for number in range(4):
        make.user(f"user{number}", Role.VIEWER)
    page = boss.raw("GET", "/user?page=2&limit=2")
    assert [row["username"] for row in page.json["data"]] == ["user1", "user2"]  # type: ignore[index]
    assert page.headers["X-Total-Count"] == "5"
    for query in ({"limit": 0}, {"limit": 1001}, {"page": 0}, {"page": "x"}, {"page": 10**30}):
        assert set(boss.get("/user", 400, **query)["data"]) == set(query)


def test_one_user_shows_role_and_state_too(boss: Scheduler, make: Make) -> None:
    user_id = make.user("siti", Role.OPERATOR)
    data = boss.get(f"/user/{user_id}")["data"]
    assert list(data) == [*SHOWN, "role", "is_active"]
    assert (data["role"], data["is_active"]) == ("operator", True)


def test_an_admin_changes_somebody(app: Flask, boss: Scheduler, make: Make) -> None:
    user_id = make.user("siti", Role.VIEWER)
    path = f"/user/{user_id}"
    answer = boss.patch(path, json={"username": "siti.a", "email": "siti@example.com", "role": "operator"})
    assert answer["message"] == "User siti.a has been updated successfully!"
    assert (answer["data"]["username"], answer["data"]["role"]) == ("siti.a", "operator")
    assert boss.patch(path, json={"is_superuser": False})["data"]["role"] == "operator"
    assert boss.patch(path, json={"is_superuser": True})["data"]["role"] == "admin"
    assert boss.patch(path, json={"is_superuser": False})["data"]["role"] == "viewer"
    boss.patch(path, 400, json={"is_superuser": True, "role": "member"})


def test_switching_somebody_off_ends_their_sessions(
    app: Flask, boss: Scheduler, make: Make, pair: Callable[..., Pair]
) -> None:
    user_id = make.user("siti", Role.VIEWER)
    siti = Scheduler(app.test_client(), token=pair(user_id).access)
    siti.get("/user/me")
    assert boss.patch(f"/user/{user_id}", json={"is_active": False})["data"]["is_active"] is False
    siti.get("/user/me", 401)
    boss.patch(f"/user/{user_id}", json={"is_active": True})
    siti.get("/user/me", 401)


def test_nobody_removes_themself(app: Flask, boss: Scheduler, make: Make) -> None:
    make.user("second", Role.ADMIN)
    my_id = boss.get("/user/me")["data"]["id"]
    boss.delete(f"/user/{my_id}", 403)
    boss.patch(f"/user/{my_id}", 403, json={"is_active": False})
    assert user(app, my_id).is_active


def test_the_last_superuser_stays(app: Flask, boss: Scheduler, make: Make) -> None:
    my_id = boss.get("/user/me")["data"]["id"]
    make.user("asleep", Role.ADMIN, active=False)
    boss.patch(f"/user/{my_id}", 409, json={"is_superuser": False})
    boss.patch(f"/user/{my_id}", 409, json={"role": "operator"})
    assert user(app, my_id).role is Role.ADMIN


@pytest.mark.parametrize("role", [None, Role.MEMBER, Role.VIEWER, Role.OPERATOR])
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/user"), ("POST", "/user"), ("GET", "/user/1"), ("PATCH", "/user/1"), ("DELETE", "/user/1")],
)
def test_only_superusers_administer(
    app: Flask, make: Make, pair: Callable[..., Pair], role: Role | None, method: str, path: str
) -> None:
    token = None if role is None else pair(make.user("siti", role)).access
    who = Scheduler(app.test_client(), token=token)
    assert "data" not in who.call(method, path, 401 if role is None else 403, {})


def test_the_log_tells_who_did_it_and_no_password(
    boss: Scheduler, logged: Callable[..., list[Activity]]
) -> None:
    user_id = boss.post("/user", 201, json=EXAMPLE)["data"]["id"]
    boss.patch(f"/user/{user_id}", json={"role": "operator"})
    boss.delete(f"/user/{user_id}")
    lines = logged(object_type="users", object_id=str(user_id))
    assert {"create", "update", "delete"} <= {line.action for line in lines}
    assert {(line.door, line.actor_name, line.ip_address) for line in lines} == {
        ("scheduler", "admin", "127.0.0.1")
    }
    assert "arbath123" not in str([line.changes for line in lines])
    assert "$2b$" not in str([line.changes for line in lines])


def test_of_two_last_superusers_who_step_down_at_once_one_stays(
    app: Flask, make: Make, pair: Callable[..., Pair]
) -> None:
    admins = [pair(make.user(name, Role.ADMIN)) for name in ("one", "two")]
    both = Barrier(2)

    def step_down(admin: Pair) -> int:
        client, headers = app.test_client(), {"Authorization": f"Bearer {admin.access}"}
        both.wait()
        return client.patch("/user/me", json={"is_superuser": False}, headers=headers).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(step_down, admins)) == [200, 409]
