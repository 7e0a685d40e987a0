"""Sessions (contract 3, F)."""

import re
from datetime import timedelta

import jwt
import pytest
from flask import Flask

from tests.callers import Datalane
from webapp.accounts import sessions
from webapp.accounts.models import User
from webapp.database import transaction
from webapp.extensions import db

PATH = "/api/sessions"


def _session_of(caller: Datalane) -> str:
    claims = jwt.decode(caller.credential, options={"verify_signature": False})
    return str(claims["sid"])


def test_live_sessions_are_listed(admin: Datalane, viewer: Datalane) -> None:
    rows = {row["id"]: row for row in admin.get(PATH)["items"]}
    assert set(rows) == {_session_of(admin), _session_of(viewer)}
    row = rows[_session_of(viewer)]
    assert list(row)[:5] == ["id", "ip_address", "user_agent", "created_at", "expires_at"]
    assert (row["username"], row["surface"]) == ("viewer", "retribusi")
    for moment in (row["created_at"], row["expires_at"]):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", moment)


def test_a_sign_in_is_listed_with_where_it_came_from(admin: Datalane, stranger: Datalane) -> None:
    body = {"username": "admin", "password": "correct horse"}
    headers = {"User-Agent": "Mozilla/5.0 (test)"}
    response = stranger.raw("POST", "/api/auth/login", headers, json=body)
    session_id = stranger.checked(response, 200, 0)["session_id"]
    [row] = [row for row in admin.get(PATH)["items"] if row["id"] == session_id]
    assert (row["ip_address"], row["user_agent"]) == ("127.0.0.1", "Mozilla/5.0 (test)")


def test_a_revoked_session_ends_its_token_at_once(admin: Datalane, viewer: Datalane) -> None:
    viewer.get("/api/settings", 403, 2001)
    assert admin.delete(f"{PATH}/{_session_of(viewer)}") is None
    viewer.get("/api/settings", 401, 2001)
    assert [row["id"] for row in admin.get(PATH)["items"]] == [_session_of(admin)]
    assert admin.delete(f"{PATH}/{_session_of(viewer)}") is None  # twice is fine


@pytest.mark.parametrize("id", ["00000000-0000-4000-8000-000000000001", "no-uuid"])
def test_an_unknown_session_is_not_found(admin: Datalane, id: str) -> None:
    admin.delete(f"{PATH}/{id}", 404, 3001)


def test_sessions_come_in_pages(app: Flask, admin: Datalane) -> None:
    with app.app_context(), transaction():
        user = db.session.scalars(db.select(User)).one()
        for _ in range(2):
            sessions.open_session(user, sessions.Caller("web"), timedelta(hours=1))
    listed = admin.get(PATH, page=2, limit=2)
    assert (len(listed["items"]), listed["pagination"]["total"]) == (1, 3)
