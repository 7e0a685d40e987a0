"""What a token is worth, on every surface."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import jwt
import pytest
import time_machine
from flask import Flask

from tests.callers import Pair
from tests.support.doors import DOORS, REFRESHING, access, refresh
from tests.support.factories import PASSWORD, Make
from webapp.accounts import service, sessions
from webapp.accounts.models import RefreshToken, Role, User
from webapp.activity.models import Activity
from webapp.database import transaction
from webapp.extensions import db
from webapp.kit import clock, tokens

NOBODY = "nobody knows this key, long as it is"
every_door = pytest.mark.parametrize("surface", DOORS)
every_refreshing_door = pytest.mark.parametrize("surface", REFRESHING)
PairOf = Callable[..., Pair]


@pytest.fixture
def boss(make: Make) -> int:
    """An admin whom every surface lets in."""
    return make.user("boss", Role.ADMIN)


def forged(app: Flask, real: str, *, key: str | None = None, algorithm: str = "HS256", **changes: Any) -> str:
    """A token like a real one but for its signature or its claims."""
    claims = jwt.decode(real, options={"verify_signature": False}) | changes
    return jwt.encode(claims, app.config["JWT_SECRET_KEY"] if key is None else key, algorithm)


@every_door
def test_a_forgery_opens_nothing(app: Flask, boss: int, pair: PairOf, surface: str) -> None:
    door, real = DOORS[surface], pair(boss).access
    assert door.lets_in(app, forged(app, real))
    assert not door.lets_in(app, forged(app, real, key="", algorithm="none"))
    assert not door.lets_in(app, forged(app, real, key=NOBODY))
    assert not door.lets_in(app, forged(app, real, sub="4711"))
    assert not door.lets_in(app, forged(app, real, sid=str(uuid.uuid4())))
    header, payload, _signature = real.split(".")
    assert not door.lets_in(app, f"{header}.{payload}.")


@every_refreshing_door
def test_a_forged_refresh_token_refreshes_nothing(app: Flask, boss: int, pair: PairOf, surface: str) -> None:
    real = pair(boss, surface).refresh
    for token in (
        forged(app, real, key="", algorithm="none"),
        forged(app, real, key=NOBODY),
        forged(app, real, jti="another"),
        "x.y.z",
        "",
    ):
        assert DOORS[surface].renew(app, token).status_code in (400, 401, 422)
    assert DOORS[surface].renew(app, real).status_code == 200


@every_door
def test_a_refresh_token_opens_nothing(app: Flask, boss: int, pair: PairOf, surface: str) -> None:
    assert not DOORS[surface].lets_in(app, pair(boss).refresh)


@every_refreshing_door
def test_an_access_token_refreshes_nothing(app: Flask, boss: int, pair: PairOf, surface: str) -> None:
    assert DOORS[surface].renew(app, pair(boss, surface).access).status_code == 401


def switch_off(user_id: int) -> None:
    db.session.get_one(User, user_id).is_active = False


def delete(user_id: int) -> None:
    other = service.create_user("other", "long enough", Role.ADMIN)
    service.delete_user(user_id, by=other)


@every_door
@pytest.mark.parametrize("leave", [switch_off, delete])
def test_tokens_end_with_their_account(
    app: Flask, boss: int, pair: PairOf, surface: str, leave: Callable[[int], None]
) -> None:
    mine = pair(boss, surface)
    assert DOORS[surface].lets_in(app, mine.access)
    with app.app_context(), transaction():
        leave(boss)
    assert not DOORS[surface].lets_in(app, mine.access)
    if mine.refresh:
        assert DOORS[surface].renew(app, mine.refresh).status_code == 401


@every_door
def test_a_token_of_one_surface_is_good_on_all(app: Flask, boss: int, pair: PairOf, surface: str) -> None:
    token = pair(boss, surface).access
    assert [name for name, door in DOORS.items() if not door.lets_in(app, token)] == []


@every_door
def test_a_token_is_worth_its_role_and_no_more(app: Flask, make: Make, pair: PairOf, surface: str) -> None:
    headers = {"Authorization": f"Bearer {pair(make.user('siti', Role.MEMBER), surface).access}"}
    client = app.test_client()
    for path in ("/retribusi/v1/frontend/locations", "/api/settings", "/user"):
        assert client.get(path, headers=headers).status_code == 403
    for path in ("/user/me", "/api/v1/auth/me"):
        assert client.get(path, headers=headers).status_code == 200


@every_refreshing_door
def test_refreshing_rotates(app: Flask, boss: int, pair: PairOf, surface: str) -> None:
    first = pair(boss, surface)
    answer = DOORS[surface].renew(app, first.refresh)
    assert answer.headers["Cache-Control"] == "no-store"
    assert refresh(answer) != first.refresh
    assert DOORS[surface].lets_in(app, access(answer))
    assert DOORS[surface].lets_in(app, first.access)  # of the same session, and not expired
    assert DOORS[surface].renew(app, refresh(answer)).status_code == 200


@pytest.mark.parametrize("other", REFRESHING)
@every_refreshing_door
def test_a_refresh_token_of_one_surface_is_good_on_the_others(
    app: Flask, boss: int, pair: PairOf, surface: str, other: str
) -> None:
    assert DOORS[other].renew(app, pair(boss, surface).refresh).status_code == 200


@every_refreshing_door
def test_a_spent_refresh_token_ends_its_whole_session(
    app: Flask, boss: int, pair: PairOf, surface: str, logged: Callable[..., list[Activity]]
) -> None:
    door, first, bystander = DOORS[surface], pair(boss, surface), pair(boss, surface)
    second = door.renew(app, first.refresh)
    assert door.renew(app, first.refresh).status_code == 401
    assert not door.lets_in(app, first.access)
    assert not door.lets_in(app, access(second))
    assert door.renew(app, refresh(second)).status_code == 401
    assert door.lets_in(app, bystander.access)
    [line] = logged(action="refresh_token_reused")
    assert (line.door, line.object_id, line.object_label) == (surface, str(first.session_id), "boss")


def test_of_two_refreshes_at_once_one_counts_as_theft(
    app: Flask, boss: int, pair: PairOf, logged: Callable[..., list[Activity]]
) -> None:
    door, first, both = DOORS["scheduler"], pair(boss), Barrier(2)

    def renew(_number: int) -> Any:
        both.wait()
        return door.renew(app, first.refresh)

    with ThreadPoolExecutor(2) as pool:
        one, two = sorted(pool.map(renew, range(2)), key=lambda answer: answer.status_code)
    assert (one.status_code, two.status_code) == (200, 401)
    assert len(logged(action="refresh_token_reused")) == 1
    assert not door.lets_in(app, access(one))
    assert door.renew(app, refresh(one)).status_code == 401


@every_refreshing_door
def test_after_logout_nothing_refreshes(app: Flask, boss: int, pair: PairOf, surface: str) -> None:
    path = {"ftth": "/api/users/logout", "scheduler": "/logout", "bamboo": "/api/v1/auth/logout"}[surface]
    mine = pair(boss, surface)
    headers = {"Authorization": f"Bearer {mine.access}"}
    client = app.test_client()
    assert client.post(path, json={"refresh_token": mine.refresh}, headers=headers).status_code == 200
    assert DOORS[surface].renew(app, mine.refresh).status_code == 401
    assert not DOORS[surface].lets_in(app, mine.access)


@pytest.mark.parametrize("path", ["/logout", "/api/users/logout"])
def test_nobody_logs_somebody_else_out(app: Flask, boss: int, make: Make, pair: PairOf, path: str) -> None:
    mine, theirs = pair(boss), pair(make.user("siti", Role.MEMBER))
    headers = {"Authorization": f"Bearer {mine.access}"}
    answer = app.test_client().post(path, json={"refresh_token": theirs.refresh}, headers=headers)
    assert answer.status_code == 404
    for token in (mine.access, theirs.access):
        assert DOORS["scheduler"].lets_in(app, token)
    assert DOORS["scheduler"].renew(app, theirs.refresh).status_code == 200


@every_refreshing_door
def test_a_refresh_token_expires_after_seven_days(app: Flask, boss: int, pair: PairOf, surface: str) -> None:
    with time_machine.travel(clock.now(), tick=False) as moment:
        kept, late = pair(boss, surface), pair(boss, surface)
        moment.shift(timedelta(days=7, seconds=-1))
        renewed = DOORS[surface].renew(app, kept.refresh)
        assert renewed.status_code == 200
        moment.shift(timedelta(seconds=2))
        assert DOORS[surface].renew(app, late.refresh).status_code == 401
        moment.shift(timedelta(days=6))
        assert DOORS[surface].renew(app, refresh(renewed)).status_code == 200


@pytest.mark.parametrize(
    ("surface", "lifetime"),
    [
        ("retribusi", timedelta(hours=1)),
        ("ftth", timedelta(hours=1)),
        ("datalane", timedelta(hours=12)),
        ("scheduler", timedelta(minutes=15)),
        ("bamboo", timedelta(hours=1)),
    ],
)
def test_an_access_token_expires(
    app: Flask, boss: int, pair: PairOf, surface: str, lifetime: timedelta
) -> None:
    with time_machine.travel(clock.now().replace(microsecond=0), tick=False) as moment:
        token = pair(boss, surface).access
        moment.shift(lifetime - timedelta(seconds=1))
        assert DOORS[surface].lets_in(app, token)
        moment.shift(timedelta(seconds=1))
        assert not DOORS[surface].lets_in(app, token)


@every_door
def test_revoking_a_session_stops_its_tokens_on_the_next_request(
    app: Flask, boss: int, pair: PairOf, surface: str
) -> None:
    mine = pair(boss, surface)
    with app.app_context(), transaction():
        sessions.revoke_session(mine.session_id)
    assert not DOORS[surface].lets_in(app, mine.access)


def test_refresh_tokens_are_kept_as_the_contract_lists_them(app: Flask, make: Make) -> None:
    make.user("siti", Role.MEMBER)
    answer = DOORS["bamboo"].sign_in(app, "siti", PASSWORD)
    with app.app_context():
        [row] = db.session.scalars(db.select(RefreshToken))
        siti = db.session.scalars(db.select(User)).one()
    assert row.token_hash == tokens.digest(refresh(answer))
    assert (row.user_id, row.revoked_at, row.ip_address) == (siti.public_id, None, "127.0.0.1")
    assert row.user_agent.startswith("Werkzeug/")
    assert abs(row.expires_at - row.created_at - timedelta(days=7)) < timedelta(seconds=5)
