"""Signing in for a token, and what a token is worth (contract 1, Authentication)."""

import uuid
from datetime import timedelta
from typing import Any

import jwt
import pytest
from flask import Flask

from tests.callers import Retribusi
from tests.support.factories import PASSWORD, Make
from webapp.accounts import sessions
from webapp.accounts.models import Role, User
from webapp.database import transaction
from webapp.extensions import db
from webapp.signin import access_token

LOGIN = "/auth/v1/login"
ANY = "/retribusi/v1/frontend/locations"


def test_the_token_opens_the_door(app: Flask, stranger: Retribusi, make: Make) -> None:
    user_id = make.user("siti", Role.OPERATOR)
    data = stranger.post(LOGIN, json={"username": "siti", "password": PASSWORD})
    assert data["user"] == {"id": user_id, "username": "siti", "role": "operator"}
    assert data["expires_in"] == 3600
    Retribusi(app.test_client(), token=data["token"]).listed(ANY)


@pytest.mark.parametrize("username", ["siti", "budi"])
def test_unknown_user_and_wrong_password_get_the_same_answer(
    stranger: Retribusi, make: Make, username: str
) -> None:
    make.user("siti", Role.VIEWER)
    body = stranger.post(LOGIN, 401, json={"username": username, "password": "wrong"})
    assert body == {"error": "unauthorized", "message": "Invalid credentials"}


def test_an_inactive_account_is_told_so_only_with_its_password(stranger: Retribusi, make: Make) -> None:
    make.user("siti", Role.VIEWER, active=False)
    assert (
        stranger.post(LOGIN, 403, json={"username": "siti", "password": PASSWORD})["message"]
        == "User inactive"
    )
    stranger.post(LOGIN, 401, json={"username": "siti", "password": "wrong"})


@pytest.mark.parametrize(
    "body", [{}, {"username": "a"}, {"username": 1, "password": "x"}, {"username": "", "password": ""}]
)
def test_a_wrong_body_is_invalid(stranger: Retribusi, body: dict[str, Any]) -> None:
    stranger.post(LOGIN, 422, json=body)


@pytest.mark.parametrize("password", ["x" * 1000, "é" * 40, "a\x00b", "\ud800"])
def test_a_password_that_bcrypt_could_not_tell_apart_is_wrong(
    stranger: Retribusi, make: Make, password: str
) -> None:
    make.user("siti", Role.VIEWER)
    response = stranger.raw("POST", LOGIN, json={"username": "siti", "password": password})
    assert response.status_code in (401, 422)


def test_a_name_with_a_nul_is_unknown(stranger: Retribusi) -> None:
    stranger.post(LOGIN, 401, json={"username": "si\x00ti", "password": "x"})


def test_a_revoked_session_ends_its_token_at_once(app: Flask, viewer: Retribusi) -> None:
    viewer.listed(ANY)
    claims = jwt.decode(viewer.headers["Authorization"][7:], options={"verify_signature": False})
    with app.app_context(), transaction():
        sessions.revoke_session(uuid.UUID(claims["sid"]))
    assert viewer.get(ANY, 401)["message"] == "Invalid or expired token"


def test_a_deactivated_account_loses_its_tokens(app: Flask, viewer: Retribusi) -> None:
    with app.app_context(), transaction():
        db.session.scalars(db.select(User)).one().is_active = False
    viewer.get(ANY, 401)


def test_a_demoted_account_loses_its_rights_at_once(app: Flask, operator: Retribusi) -> None:
    with app.app_context(), transaction():
        db.session.scalars(db.select(User)).one().role_level = Role.MEMBER
    operator.get(ANY, 403)


def _forged(app: Flask, **changes: Any) -> str:
    """A token like ours but for `changes` (claims, or `key` and `algorithm`)."""
    key = changes.pop("key", app.config["JWT_SECRET_KEY"])
    algorithm = changes.pop("algorithm", "HS256")
    claims = {"sub": "1", "sid": str(uuid.uuid4()), "type": "access", "fresh": False, "jti": "x"} | changes
    return jwt.encode(claims, key, algorithm)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"key": "another key that is long enough for HS256"},
        {"algorithm": "none", "key": ""},
        {"exp": 1},
        {"sid": "no uuid"},
        {"sid": None},
        {"sub": 1},
        {"type": "refresh"},
    ],
)
def test_a_forged_token_is_worth_nothing(app: Flask, changes: dict[str, Any]) -> None:
    Retribusi(app.test_client(), token=_forged(app, **changes)).get(ANY, 401)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer x.y.z", "Basic YTpi", "Bearer a b", "Bearer é"]
)
def test_a_broken_header_is_unauthorized(stranger: Retribusi, header: str) -> None:
    stranger.headers["Authorization"] = header
    stranger.get(ANY, 401)


def test_an_expired_token_is_unauthorized(app: Flask, make: Make) -> None:
    user_id = make.user("siti", Role.VIEWER)
    with app.app_context(), transaction():
        user = db.session.get_one(User, user_id)
        session = sessions.open_session(user, sessions.Caller("retribusi"), timedelta(seconds=-1))
        token = access_token(session, timedelta(seconds=-1))
    Retribusi(app.test_client(), token=token).get(ANY, 401)


def test_guessing_is_slowed_but_signing_in_is_not(app: Flask, stranger: Retribusi, make: Make) -> None:
    make.user("siti", Role.VIEWER)
    for _ in range(10):
        stranger.post(LOGIN, 401, json={"username": "siti", "password": "wrong"})
    response = stranger.raw("POST", LOGIN, json={"username": "siti", "password": "wrong"})
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0
    stranger.post(LOGIN, 401, json={"username": "budi", "password": "wrong"})
