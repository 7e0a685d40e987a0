"""Making, changing and removing accounts."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from tests.support.factories import PASSWORD, Make
from tests.support.people import is_live, open_session, stored
from webapp.accounts import service
from webapp.accounts.models import Role, User
from webapp.accounts.service import Changes
from webapp.database import transaction
from webapp.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from webapp.extensions import db


def update(app: Flask, user_id: int, by: int, **changes: object) -> None:
    with app.app_context(), transaction():
        service.update_user(user_id, Changes(**changes), by=db.session.get_one(User, by))  # type: ignore[arg-type]


@pytest.fixture
def admin_id(make: Make) -> int:
    return make.user("root", Role.ADMIN)


@pytest.fixture
def siti(make: Make) -> int:
    return make.user("siti", Role.VIEWER)


@pytest.mark.parametrize("changes", [{"role": Role.OPERATOR}, {"is_active": False}])
def test_the_last_admin_stays(app: Flask, admin_id: int, siti: int, changes: dict[str, object]) -> None:
    with pytest.raises(Conflict):
        update(app, admin_id, siti if "is_active" in changes else admin_id, **changes)
    assert (stored(app, admin_id).role, stored(app, admin_id).is_active) == (Role.ADMIN, True)


def test_an_admin_who_is_switched_off_does_not_count(app: Flask, admin_id: int, make: Make) -> None:
    make.user("old", Role.ADMIN, active=False)
    with pytest.raises(Conflict):
        update(app, admin_id, admin_id, role=Role.VIEWER)


def test_two_admins_who_demote_each_other_at_once_do_not_both_succeed(app: Flask, make: Make) -> None:
    one, other = make.user("one", Role.ADMIN), make.user("other", Role.ADMIN)

    def demote(pair: tuple[int, int]) -> bool:
        try:
            update(app, pair[0], pair[1], role=Role.VIEWER)
        except DomainError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(demote, [(one, other), (other, one)])) == 1


@pytest.mark.parametrize(("field", "value"), [("username", "root"), ("email", "root@example.com")])
def test_a_clash_says_which_field_it_is_about(
    app: Flask, admin_id: int, siti: int, field: str, value: str
) -> None:
    update(app, admin_id, admin_id, email="root@example.com")
    with pytest.raises(Conflict) as refusal:
        update(app, siti, admin_id, **{field: value})
    assert refusal.value.field == field


def test_resetting_a_password_ends_all_sessions_and_refuses_unfit_ones(app: Flask, siti: int) -> None:
    session = open_session(app, siti)
    with app.app_context(), transaction(), pytest.raises(Invalid):
        service.reset_password(siti, "short")
    assert is_live(app, session)
    with app.app_context(), transaction():
        service.reset_password(siti, "another horse")
    assert not is_live(app, session)


def test_only_the_right_password_proves_anything(app: Flask, siti: int) -> None:
    with app.app_context():
        service.prove(siti, PASSWORD)
        for wrong in ("", "Correct horse", PASSWORD + "\0", "x" * 100):
            with pytest.raises(Invalid):
                service.prove(siti, wrong)
        with pytest.raises(Invalid):
            service.prove(10**6, PASSWORD)


def test_a_deleted_account_leaves_a_tombstone(app: Flask, admin_id: int, siti: int) -> None:
    with app.app_context(), transaction():
        service.delete_user(siti, by=db.session.get_one(User, admin_id))
    stone = stored(app, siti)
    assert (stone.name, stone.email, stone.is_active) == ("Siti", None, False)
    with app.app_context(), pytest.raises(NotFound):
        service.get_user(siti)
    with app.app_context(), transaction(), pytest.raises(Forbidden):
        service.delete_user(admin_id, by=db.session.get_one(User, admin_id))
