"""What each setting takes, and that it steers what its description says."""

import time
from datetime import timedelta

import pytest
from flask import Flask, g

from tests.support.factories import Make
from webapp import signatures
from webapp.accounts import second_factor, service, sessions, settings
from webapp.accounts.models import Role, Setting, User
from webapp.accounts.sessions import Caller
from webapp.database import transaction
from webapp.errors import Forbidden, Invalid, NotFound, SessionLimit, SignatureMismatch
from webapp.extensions import db

HOUR = timedelta(hours=1)


def set_to(app: Flask, key: str, value: str) -> str:
    with app.app_context(), transaction():
        return settings.change(key, value)


@pytest.mark.parametrize(
    ("key", "typed", "stored"),
    [
        ("branch_id", " 007 ", "007"),
        ("branch_name", " Garut ", "Garut"),
        ("page_size", "letter", "Letter"),
        ("time_overlap", "030", "30"),
        ("max_output_age_days", "3650", "3650"),
        ("enable_hmac", "FALSE", "false"),
        ("require_second_factor", "Admin", "admin"),
        ("output_filename_format", "{branch_id}-{gate_id} {date}", "{branch_id}-{gate_id} {date}"),
    ],
)
def test_a_fit_value_is_stored_in_its_one_spelling(app: Flask, key: str, typed: str, stored: str) -> None:
    assert set_to(app, key, typed) == stored
    with app.app_context():
        assert settings.everything()[key] == settings.text(key) == stored


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("branch_id", "A1"),
        ("branch_name", ""),
        ("branch_name", "x" * 101),
        ("branch_name", "a\nb"),
        ("page_size", "A9"),
        ("time_overlap", "-1"),
        ("time_overlap", "1440"),
        ("max_output_age_days", "0"),
        ("max_concurrent_sessions", "1.5"),
        ("queue_concurrency", "٣"),
        ("enable_hmac", "yes"),
        ("require_second_factor", "owner"),
        ("output_filename_format", "../{date}"),
        ("output_filename_format", "{branch_id}/{date}"),
        ("output_filename_format", "{secret_key}"),
        ("output_filename_format", "{date!r}"),
        ("output_filename_format", "{date.year}"),
        ("output_filename_format", "{}"),
        ("output_filename_format", ".hidden"),
    ],
)
def test_an_unfit_value_is_refused(app: Flask, key: str, value: str) -> None:
    with pytest.raises(Invalid):
        set_to(app, key, value)
    with app.app_context():
        assert settings.text(key) == settings.SPECS[key].default


def test_every_default_is_fit_itself() -> None:
    for spec in settings.SPECS.values():
        assert spec.check(spec.default) == spec.default


def test_an_unknown_setting_is_not_found(app: Flask) -> None:
    with pytest.raises(NotFound):
        set_to(app, "root", "1")
    with app.app_context(), pytest.raises(NotFound):
        settings.reset("root")


def test_a_reset_setting_has_no_row(app: Flask) -> None:
    set_to(app, "branch_name", "Garut")
    with app.app_context(), transaction():
        settings.reset("branch_name")
        settings.reset("branch_name")
        assert settings.text("branch_name") == "BALMERA"
        assert db.session.scalars(db.select(Setting)).all() == []


def test_a_file_name_is_made_of_its_placeholders() -> None:
    values = dict.fromkeys(settings.PLACEHOLDERS, "x") | {"date": "2026-01-31"}
    assert settings.file_name("r_{date}-{time}", values) == "r_2026-01-31-x"
    with pytest.raises(ValueError, match="letters"):
        settings.file_name("{date}/{time}", values)


# Each does what it says


def test_max_concurrent_sessions_counts_live_sessions_of_admins_at_the_report_api(
    app: Flask, make: Make
) -> None:
    admin, operator = make.user("boss", Role.ADMIN), make.user("op", Role.OPERATOR)
    set_to(app, "max_concurrent_sessions", "1")
    with app.app_context(), transaction():
        boss, op = db.session.get_one(User, admin), db.session.get_one(User, operator)
        sessions.open_session(boss, Caller("web"), HOUR)
        sessions.open_session(op, Caller("datalane"), HOUR)
        first = sessions.open_session(boss, Caller("datalane"), HOUR)
        with pytest.raises(SessionLimit):
            sessions.open_session(boss, Caller("datalane"), HOUR)
        sessions.open_session(op, Caller("datalane"), HOUR)
        sessions.revoke_session(first.id)
        sessions.open_session(boss, Caller("datalane"), HOUR)


def test_an_expired_session_makes_room(app: Flask, make: Make) -> None:
    admin = make.user("boss", Role.ADMIN)
    set_to(app, "max_concurrent_sessions", "1")
    with app.app_context(), transaction():
        boss = db.session.get_one(User, admin)
        sessions.open_session(boss, Caller("datalane"), timedelta(seconds=-1))
        sessions.open_session(boss, Caller("datalane"), HOUR)


def test_enable_hmac_switches_signatures_off_and_on(app: Flask) -> None:
    with app.test_request_context("/", method="POST", headers={"X-Signature": "wrong"}):
        g.credential = "key"
        with pytest.raises(SignatureMismatch):
            signatures.check(b"{}")
        with transaction():
            settings.change("enable_hmac", "false")
        signatures.check(b"{}")
        with transaction():
            settings.reset("enable_hmac")
        with pytest.raises(SignatureMismatch):
            signatures.check(b"{}")


def test_a_signature_is_good_with_the_setting_on(app: Flask) -> None:
    stamp, nonce = str(int(time.time())), "n-1"
    signature = signatures.sign("key", f"{stamp}.{nonce}.".encode() + b"{}")
    headers = {"X-Signature": signature, "X-Timestamp": stamp, "X-Nonce": nonce}
    with app.test_request_context("/", method="POST", headers=headers):
        g.credential = "key"
        signatures.check(b"{}")
        with pytest.raises(SignatureMismatch, match="used before"):
            signatures.check(b"{}")


def test_allow_registration_closes_and_opens_the_door(app: Flask) -> None:
    set_to(app, "allow_registration", "false")
    with app.app_context(), pytest.raises(Forbidden), transaction():
        service.register("a@example.com", "long enough", "A")
    set_to(app, "allow_registration", "true")
    with app.app_context(), transaction():
        assert service.register("a@example.com", "long enough", "A").role == Role.MEMBER


def test_require_second_factor_holds_from_its_role_on(app: Flask, make: Make) -> None:
    viewer, operator = make.user("v", Role.VIEWER), make.user("o", Role.OPERATOR)
    set_to(app, "require_second_factor", "operator")
    with app.app_context(), transaction():
        second_factor.demand(db.session.get_one(User, viewer), None)
        with pytest.raises(Forbidden):
            second_factor.demand(db.session.get_one(User, operator), None)
    set_to(app, "require_second_factor", "none")
    with app.app_context(), transaction():
        second_factor.demand(db.session.get_one(User, operator), None)
