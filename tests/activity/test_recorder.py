"""The activity log writes itself: every change, by whom and through which door; never a secret, never twice."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Column, delete, insert, text, update
from sqlalchemy import inspect as sa_inspect
from sqlalchemy.exc import DatabaseError

from tests.callers import Browser, Retribusi
from tests.support.factories import PASSWORD, Make
from webapp import audit
from webapp.accounts import keys, second_factor, service, sessions, settings
from webapp.accounts.models import ApiKey, Role, Setting, User
from webapp.accounts.sessions import Caller
from webapp.activity import recorder
from webapp.activity.models import Activity
from webapp.database import Base, transaction
from webapp.errors import InactiveAccount, InvalidCredentials
from webapp.extensions import db
from webapp.gates import recount, shifts
from webapp.gates import service as gates
from webapp.gates.jobs import run_recount
from webapp.gates.models import Location
from webapp.kit import clock
from webapp.queue import job

Lines = Callable[..., list[Activity]]
AUDITED = sorted(
    (mapper.class_ for mapper in Base.registry.mappers if mapper.class_.in_activity_log),
    key=lambda model: model.__name__,
)
SAMPLES: dict[type, tuple[Any, Any]] = {  # by the type of a column: a value, and another one
    str: ("a1", "b2"),
    int: (1, 2),
    bool: (True, False),
    float: (1.5, 2.5),
    Decimal: (Decimal("1.5"), Decimal("2.5")),
    date: (date(2026, 1, 1), date(2026, 1, 2)),
    datetime: (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)),
    UUID: (UUID(int=1), UUID(int=2)),
    dict: ({}, {"a": 1}),
    object: ({}, {"a": 1}),  # JSON behind a type of our own
}


def _new(model: type[Base]) -> Base:
    """A row with the least a row of this model must have, and those that it hangs on."""
    values = {}
    for attribute in sa_inspect(model).column_attrs:
        column = attribute.columns[0]
        if column.foreign_keys and not column.nullable:
            values[attribute.key] = _parent(next(iter(column.foreign_keys)).column)
        elif not (column.nullable or column.default or column is model.__table__.autoincrement_column):
            values[attribute.key] = SAMPLES[column.type.python_type][0]
    row = model(**values)
    db.session.add(row)
    db.session.flush()
    return row


def _parent(target: Column[Any]) -> Any:
    [model] = [mapper.class_ for mapper in Base.registry.mappers if mapper.local_table is target.table]
    there = db.session.scalars(db.select(model).limit(1)).first()
    return getattr(there or _new(model), target.name)


def _field(model: type[Base]) -> tuple[str, type]:
    """One of the model's own fields that people read, and its type."""
    return next(
        (attribute.key, column.type.python_type)
        for attribute in sa_inspect(model).column_attrs
        for column in attribute.columns
        if not (column.primary_key or column.foreign_keys or column.info.get("secret"))
        and attribute.key not in recorder.UNINTERESTING
        and column.type.python_type in (str, int, bool)
        and not column.unique
    )


@pytest.mark.parametrize("model", AUDITED, ids=lambda model: model.__name__)
def test_making_changing_and_deleting_leave_a_line_each(
    app: Flask, make: Make, logged: Lines, model: type[Base]
) -> None:
    make.user("cashier", Role.OPERATOR)
    field, kind = _field(model)
    with app.app_context(), transaction():
        row = _new(model)
        old = getattr(row, field)
        new = next(value for value in SAMPLES[kind] if value != old)
        setattr(row, field, new)
        db.session.flush()
        db.session.delete(row)
    created, updated, deleted = logged(object_type=model.__tablename__)[-3:]
    assert [created.action, updated.action, deleted.action] == ["create", "update", "delete"]
    assert created.object_id == updated.object_id == deleted.object_id
    assert updated.changes == {field: [old, new]}
    assert created.changes.get(field, [None, None]) == [None, old]
    assert deleted.changes[field] == [new, None]


def test_the_value_before_is_known_though_the_row_was_read_in_an_earlier_transaction(
    app: Flask, make: Make, logged: Lines
) -> None:
    make.location(name="Old")
    with app.app_context(), transaction():
        location = gates.get_location("kerkof_01")
        db.session.commit()
        location.name = "New"
    assert logged(action="update")[-1].changes == {"name": ["Old", "New"]}


def test_a_change_to_the_same_value_leaves_no_line(app: Flask, make: Make, logged: Lines) -> None:
    make.location(name="Same")
    before = len(logged())
    with app.app_context(), transaction():
        location = gates.get_location("kerkof_01")
        db.session.commit()
        location.name = "Same"
        db.session.flush()
        location.name = "Other"
        location.name = "Same"
    assert len(logged()) == before


def test_long_values_are_cut(app: Flask, logged: Lines) -> None:
    with app.app_context(), transaction():
        db.session.add(Setting(key="branch_name", value="x" * 5_000))
    assert logged()[-1].changes["value"] == [None, "x" * recorder.MAX_TEXT]


def test_things_are_called_what_people_call_them(app: Flask, make: Make, logged: Lines) -> None:
    gate, user = make.open_gate(), make.user("cashier", Role.OPERATOR)
    with app.app_context(), transaction():
        now = clock.unix()
        shift = shifts.close(
            gates.get_gate("kerkof_01", "gate01"), now - 60, now, 0, "", db.session.get_one(User, user)
        )
        number = shift.number
    assert {line.object_label for line in logged(object_type="tariffs")} == {
        "Gate01 · person_walk",
        "Gate01 · motor",
        "Gate01 · car",
    }
    assert logged(object_type="gates", object_id=str(gate.id))[0].object_label == "Gate01"
    assert logged(object_type="shifts")[0].object_label == number


# Who, and through which door


def test_a_change_in_the_browser_says_who_and_from_where(admin_browser: Browser, logged: Lines) -> None:
    form = {"code": "pasar", "name": "Pasar", "type": "pasar"}
    answer = admin_browser.submit("/locations/new", form)
    [line] = logged(object_type="locations")
    assert (line.door, line.actor_name, line.ip_address) == ("web", "admin_b", "127.0.0.1")
    assert line.user_id is not None
    assert line.request_id == answer.headers["X-Request-ID"]


def test_a_change_by_the_api_says_who(admin: Retribusi, logged: Lines) -> None:
    body = {"code": "pasar", "name": "Pasar", "type": "pasar"}
    admin.post("/retribusi/v1/frontend/locations", 201, json=body)
    [line] = logged(object_type="locations")
    assert (line.door, line.actor_name, line.key_id) == ("retribusi", "admin", None)


@pytest.mark.parametrize("door", ["retribusi", "ftth", "datalane", "scheduler", "bamboo"])
def test_every_surface_is_a_door(app: Flask, logged: Lines, door: str) -> None:
    """What a request's view writes is its caller's doing, whichever blueprint it belongs to."""
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith(f"{door}."))
    adapter = app.url_map.bind("localhost")
    method = next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))
    path, _query = adapter.build(rule.endpoint, dict.fromkeys(rule.arguments, "1"), method), ""
    with app.test_request_context(path, method="POST" if method != "GET" else method):
        from webapp import _caller

        with audit.acting(_caller()), transaction():
            db.session.add(Location(code="l", name="L", type="t"))
    assert logged(object_type="locations")[0].door == door


def test_what_a_key_does_is_said_of_the_key(app: Flask, make: Make, logged: Lines) -> None:
    from flask import g

    from webapp.identity import SHARED, authorize

    secret = make.key(scope="reports")
    here = app.test_request_context("/api/stations", headers={"X-API-KEY": secret})
    with here, audit.acting(audit.Actor("datalane")), transaction():
        authorize(SHARED)
        key_id = g.key.id
        db.session.add(Location(code="l", name="L", type="t"))
    [line] = logged(object_type="locations")
    assert (line.key_id, line.user_id, line.actor_name) == (key_id, None, "test")


@job(queue="low")
def _make_a_location() -> None:
    db.session.add(Location(code="l", name="L", type="t"))


def test_what_a_job_does_is_the_jobs(app: Flask, logged: Lines) -> None:
    with app.app_context():
        _make_a_location()
    [line] = logged(object_type="locations")
    assert (line.door, line.actor_name) == ("job", _make_a_location.path)


def test_what_nobody_is_known_to_do_is_the_systems(app: Flask, make: Make, logged: Lines) -> None:
    make.location()
    assert logged(object_type="locations")[0].door == "system"


def test_whoever_is_recognised_outside_of_a_request_acts_in_no_later_one() -> None:
    audit.become(user_id=7, name="ghost")
    assert audit.current() == audit.SYSTEM


# Secrets


def test_a_secret_is_known_to_have_changed_and_nothing_more(app: Flask, make: Make, logged: Lines) -> None:
    admin, user = make.user("boss", Role.ADMIN), make.user("ani", Role.VIEWER)
    with app.app_context(), transaction():
        by = db.session.get_one(User, admin)
        service.update_user(user, service.Changes(password="another horse"), by=by)
        _key, secret = keys.issue_key("k", by=by)
        second_factor.begin(db.session.get_one(User, user))
        totp = db.session.get_one(User, user).totp_secret
    told = " ".join(str(line.changes) for line in logged())
    assert "'password_hash': ['•••', '•••']" in told
    assert "'encrypted_key': [None, '•••']" in told
    for kept in ("$2b$", "another horse", secret, totp):
        assert kept not in told


def test_forgetting_a_second_factor_does_not_read_its_secret(app: Flask, make: Make, logged: Lines) -> None:
    user = make.user("ani", Role.VIEWER)
    with app.app_context(), transaction():
        second_factor.begin(db.session.get_one(User, user))
        db.session.commit()
        db.session.execute(text("UPDATE users SET totp_secret = 'unreadable' WHERE id = :id"), {"id": user})
        second_factor.forget(db.session.get_one(User, user))
    with app.app_context():
        assert db.session.get_one(User, user).totp_secret is None


# Notes: what changes no row of its own


def test_a_refused_sign_in_leaves_a_line_that_does_not_repeat_what_was_typed(
    make: Make, visitor: Browser, logged: Lines
) -> None:
    make.user("ani", Role.VIEWER)
    visitor.submit("/sign-in", {"username": "ani", "password": "wrong-guess"}, 401)
    visitor.submit("/sign-in", {"username": "hunter2-typed-here", "password": "x"}, 401)
    known, unknown = logged(action="sign_in_failed")
    assert (known.object_label, known.door, known.ip_address) == ("ani", "web", "127.0.0.1")
    assert unknown.object_label == ""
    assert "guess" not in str(known.changes)
    assert "hunter2" not in str(vars(unknown))


def test_a_refused_sign_in_by_an_api_leaves_a_line_too(
    make: Make, stranger: Retribusi, logged: Lines
) -> None:
    make.user("ani", Role.VIEWER)
    stranger.post("/auth/v1/login", 401, json={"username": "ani", "password": "wrong"})
    assert [line.door for line in logged(action="sign_in_failed")] == ["retribusi"]


def test_the_right_password_of_an_account_that_is_off_is_a_refused_sign_in(
    app: Flask, make: Make, logged: Lines
) -> None:
    make.user("ani", Role.VIEWER, active=False)
    with app.app_context(), suppress(InactiveAccount), transaction():
        sessions.authenticate("ani", PASSWORD)
    [line] = logged(action="sign_in_failed")
    assert line.changes == {"wrong": [None, "account is off"]}


def test_a_wrong_code_is_a_refused_sign_in(app: Flask, make: Make, logged: Lines) -> None:
    user_id = make.user("ani", Role.VIEWER)
    with app.app_context(), transaction():
        user = db.session.get_one(User, user_id)
        second_factor.begin(user)
        user.totp_enabled_at = clock.now()
    with app.app_context(), suppress(InvalidCredentials), transaction():
        second_factor.demand(db.session.get_one(User, user_id), "not-a-code")
    [line] = logged(action="sign_in_failed")
    assert line.changes == {"wrong": [None, "second factor"]}


def test_signing_in_and_out_are_lines(app: Flask, make: Make, logged: Lines) -> None:
    user_id = make.user("ani", Role.VIEWER)
    with app.app_context(), transaction():
        user = db.session.get_one(User, user_id)
        session = sessions.open_session(user, Caller("web"), timedelta(hours=1))
        sessions.revoke_session(session.id)
    assert [line.action for line in logged(object_type="sessions")] == ["sign_in", "session_revoked"]


def test_a_rollback_leaves_no_line(app: Flask, logged: Lines) -> None:
    with app.app_context(), suppress(RuntimeError), transaction():
        settings.change("branch_name", "Gone")
        audit.note("reveal", "api_keys", 1, "gone")
        db.session.flush()
        raise RuntimeError
    assert logged() == []


def test_a_savepoint_takes_its_own_notes_with_it_and_no_other(app: Flask, logged: Lines) -> None:
    with app.app_context(), transaction():
        audit.note("recount", "recounts", 1, "before")
        with suppress(RuntimeError), db.session.begin_nested():
            settings.change("branch_name", "Gone")
            audit.note("recount", "recounts", 2, "inside")
            raise RuntimeError
        with db.session.begin_nested():
            audit.note("recount", "recounts", 3, "kept")
        audit.note("recount", "recounts", 4, "after")
    assert [line.object_label for line in logged()] == ["before", "kept", "after"]


def test_a_recount_says_who_asked_and_its_run_adds_nothing(app: Flask, make: Make, logged: Lines) -> None:
    with app.app_context():
        with transaction():
            asked = recount.request(clock.now().date())
            recount_id = asked.id
        run_recount(recount_id)
    assert [line.action for line in logged()] == ["recount"]


# What the log does not let pass


@pytest.mark.parametrize(
    "statement",
    [
        update(User).values(name="x"),
        delete(ApiKey),
        insert(Location).values(code="l", name="L", type="t"),
    ],
    ids=["update", "delete", "insert"],
)
def test_a_bulk_write_that_would_escape_the_log_is_refused(app: Flask, statement: Any) -> None:
    with app.app_context(), pytest.raises(RuntimeError, match="escape the activity log"), transaction():
        db.session.execute(statement)


def test_a_bulk_write_whose_author_answers_for_it_passes(app: Flask) -> None:
    with app.app_context(), transaction():
        db.session.execute(update(User).values(name="x").execution_options(**audit.UNLOGGED))


@pytest.mark.parametrize(
    "statement",
    ["UPDATE activity_log SET actor_name = 'x'", "DELETE FROM activity_log"],
    ids=["update", "delete"],
)
def test_the_database_itself_keeps_every_line(app: Flask, make: Make, statement: str) -> None:
    make.location()
    with app.app_context(), pytest.raises(DatabaseError, match="append-only"), transaction():
        db.session.execute(text(statement))
