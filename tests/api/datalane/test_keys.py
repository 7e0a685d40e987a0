"""API keys (contract 3, E)."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.callers import Datalane, Retribusi
from tests.support.factories import Make
from webapp.accounts.models import ApiKey
from webapp.activity.models import Activity
from webapp.extensions import db
from webapp.kit import clock

PATH = "/api/api-keys"
NAME = {"name": "External Client B"}
INGEST = "/retribusi/v1/ingest"
EVENT = {"timestamp": 1703123456, "location_code": "kerkof_01", "gate_code": "gate01", "category": "motor"}


def test_a_key_by_name_alone_is_for_reports_and_is_listed_without_itself(admin: Datalane) -> None:
    response = admin.send("POST", PATH, NAME)
    made = admin.checked(response, 200, 0)
    assert re.fullmatch(r"pk_live_[0-9a-f]{32}", made["api_key"])
    assert (made["name"], made["active"], made["scope"]) == ("External Client B", True, "reports")
    assert response.headers["Cache-Control"] == "no-store"
    listed = admin.get(PATH)
    assert listed["pagination"] == {"total": 1, "page": 1, "limit": 100, "total_pages": 1}
    [row] = listed["items"]
    assert list(row)[:4] == ["id", "name", "active", "created_at"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row["created_at"])
    assert (row["id"], row["last_used_at"]) == (made["id"], None)
    assert made["api_key"] not in str(listed)


def test_a_key_can_be_shown_and_the_log_remembers(
    admin: Datalane, logged: Callable[..., list[Activity]]
) -> None:
    made = admin.post(PATH, json=NAME)
    response = admin.raw("GET", f"{PATH}/{made['id']}/show")
    assert admin.checked(response, 200, 0) == {"id": made["id"], "api_key": made["api_key"]}
    assert response.headers["Cache-Control"] == "no-store"
    [line] = logged(action="reveal")
    assert (line.actor_name, line.object_label) == ("admin", "External Client B")


def test_the_database_and_the_log_hold_no_key_in_clear(
    app: Flask, admin: Datalane, logged: Callable[..., list[Activity]]
) -> None:
    secret = admin.post(PATH, json=NAME)["api_key"]
    with app.app_context():
        stored = db.session.connection().exec_driver_sql("SELECT * FROM api_keys").all()
    assert secret not in str(stored)
    assert secret not in str([line.changes for line in logged()])


def test_a_key_is_switched_off_and_on(app: Flask, admin: Datalane) -> None:
    made = admin.post(PATH, json=NAME)
    partner = Datalane(app.test_client(), key=made["api_key"])
    partner.get("/api/settings", 403, 2001)  # known, though not for this
    assert admin.put(f"{PATH}/{made['id']}/toggle") == {"id": made["id"], "active": False}
    partner.get("/api/settings", 401, 2005)
    assert admin.put(f"{PATH}/{made['id']}/toggle") == {"id": made["id"], "active": True}
    partner.get("/api/settings", 403, 2001)


def test_a_deleted_key_is_gone(app: Flask, admin: Datalane) -> None:
    made = admin.post(PATH, json=NAME)
    assert admin.delete(f"{PATH}/{made['id']}") is None
    assert admin.get(PATH)["items"] == []
    Datalane(app.test_client(), key=made["api_key"]).get("/api/settings", 401, 2005)
    admin.delete(f"{PATH}/{made['id']}", 404, 3001)


@pytest.mark.parametrize("id", ["00000000-0000-4000-8000-000000000001", "1", "no-uuid"])
def test_an_unknown_key_is_not_found(admin: Datalane, id: str) -> None:
    admin.get(f"{PATH}/{id}/show", 404, 3001)
    admin.put(f"{PATH}/{id}/toggle", 404, 3001)
    admin.post(f"{PATH}/{id}/rotate", 404, 3001, {})
    admin.delete(f"{PATH}/{id}", 404, 3001)


def test_a_key_of_before_keys_could_be_shown_says_so(app: Flask, admin: Datalane, make: Make) -> None:
    make.key()
    with app.app_context():
        db.session.execute(db.update(ApiKey).values(encrypted_key=None).execution_options(unlogged=True))
        db.session.commit()
    [row] = admin.get(PATH)["items"]
    assert "Rotate it" in admin.get(f"{PATH}/{row['id']}/show", 409, 1002)


def test_a_device_of_one_gate_gets_a_key_for_that_gate(app: Flask, admin: Datalane, make: Make) -> None:
    make.open_gate()
    make.open_gate(code="gate02")
    names = {"location_code": "kerkof_01", "gate_code": "gate01"}
    made = admin.post(PATH, json={"name": "Device", "scope": "ingest"} | names)
    device = Retribusi(app.test_client(), key=made["api_key"])
    device.post(INGEST, json=EVENT)
    device.post(INGEST, 403, json=EVENT | {"gate_code": "gate02"})
    admin.post(PATH, 404, 3001, {"name": "Device", "scope": "ingest"} | names | {"gate_code": "gate09"})


def test_a_key_may_have_an_end(admin: Datalane) -> None:
    ends = (clock.now() + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert admin.post(PATH, json=NAME | {"expires_at": ends})["expires_at"] == ends


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": 5}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"scope": "everything"}, "scope"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2120-01-01T00:00:00"}, "expires_at"),
        ({"expires_at": "9999-12-31T23:59:59-14:00"}, "expires_at"),
        ({"expires_at": "2120-02-30T00:00:00Z"}, "expires_at"),
        ({"gate_code": "gate01", "scope": "ingest"}, "body"),
        ({"gate_code": "gate01", "location_code": "kerkof_01"}, "body"),
    ],
)
def test_a_wrong_field_is_named(admin: Datalane, changes: dict[str, Any], field: str) -> None:
    assert admin.post(PATH, 400, 1002, NAME | changes).startswith(f"Validation error: {field}: ")
    assert admin.get(PATH)["items"] == []


def test_a_rotated_key_works_on_for_a_while_beside_its_successor(app: Flask, admin: Datalane) -> None:
    old = admin.post(PATH, json=NAME)
    new = admin.post(f"{PATH}/{old['id']}/rotate", json={"overlap_hours": 2})
    assert (new["name"], new["scope"]) == (old["name"], "reports")
    assert new["api_key"] != old["api_key"]
    for secret in (old["api_key"], new["api_key"]):
        Datalane(app.test_client(), key=secret).get("/api/settings", 403, 2001)
    ends = {row["id"]: row["expires_at"] for row in admin.get(PATH)["items"]}
    assert ends[new["id"]] is None
    assert ends[old["id"]] > clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")


def test_without_overlap_the_old_key_ends_at_once(app: Flask, admin: Datalane) -> None:
    old = admin.post(PATH, json=NAME)
    admin.post(f"{PATH}/{old['id']}/rotate", json={"overlap_hours": 0})
    Datalane(app.test_client(), key=old["api_key"]).get("/api/settings", 401, 2005)
    admin.post(f"{PATH}/{old['id']}/rotate", 409, 1002, {})


@pytest.mark.parametrize("hours", [-1, 721, 1.5, "2", None])
def test_an_overlap_is_0_to_720_hours(admin: Datalane, hours: Any) -> None:
    made = admin.post(PATH, json=NAME)
    answer = admin.post(f"{PATH}/{made['id']}/rotate", 400, 1002, {"overlap_hours": hours})
    assert "overlap_hours" in answer


def test_lists_come_in_pages(admin: Datalane) -> None:
    for number in range(3):
        admin.post(PATH, json={"name": f"Client {number}"})
    second = admin.get(PATH, page=2, limit=2)
    assert [row["name"] for row in second["items"]] == ["Client 0"]
    assert second["pagination"] == {"total": 3, "page": 2, "limit": 2, "total_pages": 2}
    admin.get(PATH, 400, 1002, limit=101)
    admin.get(PATH, 400, 1002, page=0)
