"""What every door keeps to when somebody signs in: no hints, no endless guessing, the second factor."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pyotp
import pytest
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from tests.support.doors import DOORS, access
from tests.support.factories import PASSWORD, Make
from webapp.accounts import second_factor, service, settings
from webapp.accounts.models import Role, User
from webapp.activity.models import Activity
from webapp.database import transaction
from webapp.errors import TooManyRequests
from webapp.extensions import db, limiter
from webapp.kit import clock
from webapp.throttle import BEGUN, PER_NAME_AND_ADDRESS, counting_failures

every_door = pytest.mark.parametrize("surface", DOORS)
Logged = Callable[..., list[Activity]]
CHANGING = {"timestamp", "path"}


def said(answer: TestResponse) -> tuple[int, Any, Any]:
    """All that an answer tells, but for the time."""
    body = answer.get_json()
    headers = {name: value for name, value in answer.headers if name not in ("X-Request-ID", "Date")}
    return answer.status_code, {name: body[name] for name in body if name not in CHANGING}, headers


@every_door
def test_no_door_tells_who_has_an_account(app: Flask, make: Make, surface: str) -> None:
    make.user("siti", Role.ADMIN)
    gone = make.user("gone", Role.ADMIN)
    with app.app_context(), transaction():
        admin = db.session.scalars(db.select(User).filter_by(username="siti")).one()
        service.delete_user(gone, by=admin)
    door = DOORS[surface]
    wrong = said(door.sign_in(app, "siti", "wrong password"))
    assert wrong[0] == 401
    assert said(door.sign_in(app, "nobody", "wrong password")) == wrong
    assert said(door.sign_in(app, "gone", PASSWORD)) == wrong
    assert said(door.sign_in(app, f"gone#{gone}", PASSWORD)) == wrong


def test_an_unknown_name_takes_as_long_as_a_wrong_password(app: Flask, make: Make) -> None:
    with app.app_context(), transaction():
        service.create_user("siti", PASSWORD)  # hashed at the cost that the product hashes at

    def seconds(name: str) -> float:
        began = time.process_time()  # of this process alone, however busy the machine
        assert DOORS["scheduler"].sign_in(app, name, "wrong password").status_code == 401
        return time.process_time() - began

    known, unknown = min(seconds("siti") for _ in range(3)), min(seconds("nobody") for _ in range(3))
    assert 0.7 < unknown / known < 1.4


@every_door
def test_a_failed_sign_in_is_logged_without_what_was_typed(
    app: Flask, make: Make, logged: Logged, surface: str
) -> None:
    user_id = make.user("siti", Role.ADMIN)
    DOORS[surface].sign_in(app, "my-password-by-mistake", "hunter2hunter2")
    DOORS[surface].sign_in(app, "siti", "hunter2hunter2")
    unknown, known = logged(action="sign_in_failed")
    assert (unknown.object_id, unknown.object_label, unknown.actor_name) == ("", "", "")
    assert (known.object_id, known.object_label) == (str(user_id), "siti")
    assert {(line.door, line.ip_address) for line in (unknown, known)} == {(surface, "127.0.0.1")}
    everything = str([vars(line) for line in logged()])
    assert "mistake" not in everything
    assert "hunter2" not in everything


@every_door
def test_a_sign_in_is_logged_with_its_door(app: Flask, make: Make, logged: Logged, surface: str) -> None:
    user_id = make.user("siti", Role.ADMIN)
    assert DOORS[surface].sign_in(app, "siti", PASSWORD).status_code == 200
    [line] = logged(action="sign_in")
    assert (line.user_id, line.actor_name, line.door) == (user_id, "siti", surface)


@every_door
def test_guessing_is_slowed_at_every_door(app: Flask, make: Make, surface: str) -> None:
    make.user("siti", Role.ADMIN)
    with app.app_context():
        for _ in range(9):
            limiter.limiter.hit(PER_NAME_AND_ADDRESS, "sign-in", "siti", "127.0.0.1")
    assert DOORS[surface].sign_in(app, " SITI", "wrong password").status_code == 401
    refused = DOORS[surface].sign_in(app, "siti", PASSWORD)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 301
    assert DOORS[surface].sign_in(app, "budi", "wrong password").status_code == 401


def test_guesses_count_together_at_all_doors(app: Flask, make: Make) -> None:
    make.user("siti", Role.ADMIN)
    for surface in ["retribusi", "datalane", "ftth", "scheduler", "bamboo"] * 2:
        assert DOORS[surface].sign_in(app, "siti", "wrong password").status_code == 401
    for surface in ("retribusi", "datalane", "scheduler", "bamboo"):
        assert DOORS[surface].sign_in(app, "siti", PASSWORD).status_code == 429


def test_tries_by_name_and_by_e_mail_are_one_accounts_without_telling_so(app: Flask, make: Make) -> None:
    user_id = make.user("siti", Role.ADMIN)
    with app.app_context(), transaction():
        db.session.get_one(User, user_id).email = "siti@example.com"
    door = DOORS["scheduler"]
    for name in ("siti", "nobody"):
        for _ in range(10):
            assert door.sign_in(app, name, "wrong password").status_code == 401
        assert door.sign_in(app, name, PASSWORD).status_code == 429
    refused = said(door.sign_in(app, "siti@example.com", PASSWORD))
    assert refused == said(door.sign_in(app, "nobody@example.com", PASSWORD))
    assert refused[0] == 401


@pytest.fixture
def secured(app: Flask, make: Make) -> pyotp.TOTP:
    """Siti's authenticator app, a minute after she set it up."""
    user_id = make.user("siti", Role.ADMIN)
    with app.app_context(), transaction(), time_machine.travel(clock.now() - timedelta(minutes=1)):
        user = db.session.get_one(User, user_id)
        second_factor.begin(user)
        phone = pyotp.TOTP(user.totp_secret or "")
        second_factor.confirm(user, phone.at(clock.now()))
    return phone


@every_door
def test_the_second_factor_is_asked_for_checked_and_good_once(
    app: Flask, secured: pyotp.TOTP, logged: Logged, surface: str
) -> None:
    door = DOORS[surface]
    with time_machine.travel(clock.now(), tick=False):
        code = secured.at(clock.now())
        missing = door.sign_in(app, "siti", PASSWORD)
        assert missing.status_code == 401
        assert "X-OTP" in missing.get_data(as_text=True)
        wrong = f"{(int(code) + 1) % 1_000_000:06}"
        assert said(door.sign_in(app, "siti", PASSWORD, wrong)) == said(
            door.sign_in(app, "siti", "wrong", code)
        )
        right = door.sign_in(app, "siti", PASSWORD, code)
        assert right.status_code == 200
        assert door.lets_in(app, access(right))
        assert door.sign_in(app, "siti", PASSWORD, code).status_code == 401
    assert [line.object_label for line in logged(action="sign_in_failed")] == ["siti"] * 3


@pytest.mark.parametrize("code", ["", "abc", "é" * 6, "１２３４５６", "0" * 5000])
def test_an_odd_code_is_a_wrong_one(app: Flask, secured: pyotp.TOTP, code: str) -> None:
    answer = app.test_client().post(
        "/login",
        json={"identifier": "siti", "password": PASSWORD},
        headers=[("X-OTP", code.encode().decode("latin-1"))],
    )
    assert answer.status_code == 401


@every_door
def test_a_role_can_be_made_to_have_a_second_factor(app: Flask, make: Make, surface: str) -> None:
    make.user("boss", Role.ADMIN)
    make.user("siti", Role.VIEWER)
    with app.app_context(), transaction():
        settings.change("require_second_factor", "operator")
    refused = DOORS[surface].sign_in(app, "boss", PASSWORD)
    assert refused.status_code == 403
    assert "second factor" in refused.get_data(as_text=True)
    assert DOORS[surface].sign_in(app, "siti", PASSWORD).status_code == 200


def test_tries_at_the_same_moment_are_bounded_although_none_has_failed_yet(app: Flask) -> None:
    with app.app_context(), ExitStack() as begun:
        for _ in range(BEGUN.amount):
            begun.enter_context(counting_failures("siti", "10.0.0.1"))
        with pytest.raises(TooManyRequests), counting_failures("siti", "10.0.0.1"):
            pass
    with app.app_context(), counting_failures("siti", "10.0.0.1"):
        pass  # those that succeeded are forgotten
