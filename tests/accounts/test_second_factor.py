"""Codes of an authenticator app and recovery codes, without a browser."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier

import pyotp
import pytest
from flask import Flask

from tests.support.factories import Make
from tests.support.people import code, demand_second_factor, with_second_factor
from webapp.accounts import second_factor
from webapp.accounts.models import RecoveryCode, Role, User
from webapp.database import transaction
from webapp.errors import Conflict, Forbidden, Invalid, InvalidCredentials, SecondFactorRequired
from webapp.extensions import db


@pytest.fixture
def siti(app: Flask, make: Make) -> int:
    return make.user("siti", Role.VIEWER)


@pytest.fixture
def user(app: Flask, siti: int) -> Iterator[User]:
    """Siti with a second factor, within a transaction."""
    with_second_factor(app, siti)
    with app.app_context(), transaction():
        yield db.session.get_one(User, siti)


def test_the_code_of_the_step_before_and_after_is_good_too(app: Flask, user: User) -> None:
    assert second_factor.accept(user, code(steps=-1))
    assert second_factor.accept(user, code())
    assert second_factor.accept(user, code(steps=1))


def test_a_code_two_steps_away_is_not(app: Flask, user: User) -> None:
    assert not second_factor.accept(user, code(steps=-2))
    assert not second_factor.accept(user, code(steps=2))


def test_once_a_code_was_used_no_earlier_one_is_good(app: Flask, user: User) -> None:
    assert second_factor.accept(user, code())
    assert not second_factor.accept(user, code())
    assert not second_factor.accept(user, code(steps=-1))


def test_a_code_may_be_typed_with_a_space(app: Flask, user: User) -> None:
    now = code()
    assert second_factor.accept(user, f"{now[:3]} {now[3:]}")


def test_the_password_alone_is_not_enough(app: Flask, user: User) -> None:
    for nothing in (None, ""):
        with pytest.raises(SecondFactorRequired):
            second_factor.demand(user, nothing)
    with pytest.raises(InvalidCredentials):
        second_factor.demand(user, "abcdef")


def test_nobody_begins_anew_while_one_is_on(app: Flask, user: User) -> None:
    with pytest.raises(Conflict):
        second_factor.begin(user)
    with pytest.raises(Conflict):
        second_factor.confirm(user, code())


def test_it_counts_only_once_a_code_was_seen(app: Flask, siti: int) -> None:
    with app.app_context(), transaction():
        user = db.session.get_one(User, siti)
        uri = second_factor.begin(user)
        assert not user.has_second_factor
        second_factor.demand(user, None)
        with pytest.raises(Invalid):
            second_factor.confirm(user, "abcdef")
        assert len(second_factor.confirm(user, pyotp.parse_uri(uri).now())) == 10  # type: ignore[attr-defined]
        assert user.has_second_factor


def test_confirmed_many_times_at_once_one_set_of_recovery_codes_is_shown_and_good(
    app: Flask, siti: int
) -> None:
    with app.app_context(), transaction():
        second_factor.begin(db.session.get_one(User, siti))
        secret = db.session.get_one(User, siti).totp_secret or ""
    typed = [code(secret), code(secret, 1)] * 3
    ready = Barrier(len(typed))

    def confirm(number: int) -> Sequence[str]:
        ready.wait()
        with app.app_context(), suppress(Conflict), transaction():
            return second_factor.confirm(db.session.get_one(User, siti), typed[number])
        return ()

    with ThreadPoolExecutor(len(typed)) as pool:
        [shown] = filter(None, pool.map(confirm, range(len(typed))))
    with app.app_context(), transaction():
        assert all(second_factor.accept(db.session.get_one(User, siti), recovery) for recovery in shown)


def test_forgetting_it_forgets_the_recovery_codes(app: Flask, user: User) -> None:
    (first, *_) = second_factor.renew_recovery_codes(user)
    second_factor.forget(user)
    assert db.session.scalars(db.select(RecoveryCode)).all() == []
    assert not second_factor.accept(user, first)


def test_recovery_codes_of_others_are_worth_nothing(app: Flask, user: User, make: Make) -> None:
    codes = second_factor.renew_recovery_codes(user)
    other = User(username="budi", password_hash="x", role_level=Role.VIEWER)
    db.session.add(other)
    db.session.flush()
    assert not second_factor.accept(other, codes[0])


def test_one_code_lets_in_one_of_many_at_once(app: Flask, siti: int) -> None:
    with_second_factor(app, siti)
    now = code()

    def enter(_: int) -> bool:
        with app.app_context(), transaction():
            return second_factor.accept(db.session.get_one(User, siti), now)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(enter, range(8))) == 1


@pytest.mark.parametrize(
    ("least", "asked"),
    [
        ("none", []),
        ("admin", [Role.ADMIN]),
        ("operator", [Role.OPERATOR, Role.ADMIN]),
        ("member", list(Role)),
    ],
)
def test_the_setting_asks_a_role_and_all_above(app: Flask, least: str, asked: list[Role]) -> None:
    demand_second_factor(app, least)
    with app.app_context():
        assert [role for role in Role if second_factor.is_required(role)] == asked


def test_who_must_have_one_can_neither_come_in_nor_switch_off_without(app: Flask, siti: int) -> None:
    demand_second_factor(app, "viewer")
    with app.app_context(), transaction():
        user = db.session.get_one(User, siti)
        with pytest.raises(Forbidden):
            second_factor.demand(user, None)
        with pytest.raises(Forbidden):
            second_factor.switch_off(user)
