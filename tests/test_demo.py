"""The demo data: what a new user sees first."""

import stat
from collections.abc import Mapping

from flask import Flask
from sqlalchemy import func, select

from tests.callers import Retribusi
from tests.support.factories import Make
from webapp import config, create_app, demo
from webapp.accounts.models import ApiKey, Role, User
from webapp.billing import checks
from webapp.billing.models import Invoice
from webapp.extensions import db
from webapp.gates import alarms, shifts
from webapp.gates.models import DailyTotal, Gate, GateEvent, HourlyTotal, Shift, Tariff
from webapp.kit import clock
from webapp.notifications.models import Receipt
from webapp.subscribers.models import Customer, TechnicalData


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_five_weeks_of_events_add_up_and_a_second_time_changes_nothing(app: Flask, make: Make) -> None:
    with app.app_context():
        demo.fill()
        events, amount = db.session.execute(select(func.count(), func.sum(GateEvent.amount))).one()
        for totals in (HourlyTotal, DailyTotal):
            assert db.session.execute(select(func.sum(totals.count), func.sum(totals.amount))).one() == (
                events,
                amount,
            )
        first, last = db.session.execute(
            select(func.min(GateEvent.event_time), func.max(GateEvent.event_time))
        ).one()
        assert events > 60_000
        assert 35 * 86_400 <= clock.unix() - first <= 36 * 86_400
        assert 0 <= clock.unix() - last < 900

        demo.fill()
        assert (count(GateEvent), count(Gate), count(ApiKey)) == (events, len(demo.STANDS), 1)


def test_only_the_silent_gate_is_in_alarm(app: Flask) -> None:
    with app.app_context():
        demo.fill()
        quiet = alarms.quiet_gates(config.current().timezone)
        assert [(one.location_code, one.gate_code) for one in quiet] == [("pantai_sayang_heulang", "gate02")]
        assert clock.unix() - quiet[0].last_heard_at > 3 * 3600 - 60


def test_prices_have_a_history_and_events_keep_theirs(app: Flask) -> None:
    with app.app_context():
        demo.fill(days=22)
        gate = select(Gate.id).where(Gate.name == "Gerbang Utama").scalar_subquery()
        prices = select(Tariff.price).where(Tariff.gate_id == gate, Tariff.category_id == 2)
        assert list(db.session.scalars(prices.order_by(Tariff.effective_from))) == [2_000, 3_000]
        paid = select(GateEvent.amount).where(GateEvent.gate_id == gate, GateEvent.category_id == 2)
        assert list(db.session.scalars(paid.distinct().order_by(GateEvent.amount))) == [2_000, 3_000]


def test_closed_shifts_fit_their_events(app: Flask, make: Make, admin: Retribusi) -> None:
    with app.app_context():
        demo.fill(days=4)
        closed = list(db.session.scalars(select(Shift)))
        assert len(closed) >= 12
        assert {shifts.late(shift).count for shift in closed} == {0}
        assert any(shift.variance < 0 for shift in closed)
        assert {shift.signed_off_by_id is None for shift in closed} == {True, False}


def test_the_devices_key_is_readable_by_its_owner_alone_and_works(app: Flask, stranger: Retribusi) -> None:
    with app.app_context():
        demo.fill(days=0)
        path = config.current().data_dir / demo.KEY_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    stranger.headers["X-API-KEY"] = path.read_text()
    event = {
        "timestamp": clock.unix(),
        "location_code": "kerkof_01",
        "gate_code": "gate01",
        "category": "motor",
    }
    assert stranger.post("/retribusi/v1/ingest", json=event) == {"stored": True}


def test_accounts_to_try_have_the_admins_password(app: Flask, environ: Mapping[str, str]) -> None:
    with_password = create_app({**environ, "ADMIN_PASSWORD": "correct horse"})
    with with_password.app_context():
        demo.fill(days=0)
        db.engine.dispose()
    for role in ("operator", "viewer"):
        credentials = {"username": role, "password": "correct horse"}
        answer = Retribusi(app.test_client()).post("/auth/v1/login", json=credentials)
        assert answer["user"]["role"] == role


def test_without_such_a_password_there_are_no_accounts_to_try(app: Flask) -> None:
    with app.app_context():
        demo.fill(days=0)
        assert count(User) == 0


def test_an_installation_with_a_location_of_its_own_stays_as_it_is(app: Flask, make: Make) -> None:
    make.location("kerkof_02")
    with app.app_context():
        demo.fill()
        assert (count(Gate), count(User), count(GateEvent)) == (0, 0, 0)


def test_forty_households_have_four_months_of_books_that_agree(app: Flask, make: Make) -> None:
    make.user("boss", Role.ADMIN)
    make.brand()
    with app.app_context():
        demo.fill_internet()
        months = db.session.scalars(select(Invoice.period).distinct()).all()
        states = set(db.session.scalars(select(Invoice.status)))
        assert (count(Customer), count(TechnicalData), len(months)) == (40, 40, 4)
        assert {"Lunas", "Jatuh Tempo"} <= states
        assert checks.findings() == []
        assert db.session.scalar(select(func.count()).where(Receipt.read_at.is_(None))) == 0

        demo.fill_internet()
        assert count(Customer) == 40
