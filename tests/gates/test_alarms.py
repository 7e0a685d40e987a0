"""Quiet gates: an alarm by the gate's own rhythm, which clears by itself."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from tests.support.factories import GateRef, Make
from webapp.database import transaction
from webapp.extensions import db
from webapp.gates.alarms import quiet_gates
from webapp.gates.models import DailyTotal, GatePulse, HourlyTotal
from webapp.kit import clock

ZONE = ZoneInfo("Asia/Jakarta")
TODAY = date(2026, 3, 18)
NOON = clock.day_bounds(TODAY, ZONE)[0] + 12 * 3600


def rhythm(gate: GateRef, an_hour: dict[int, int], days: range = range(7, 29, 7)) -> None:
    """Counts for the hours of some days before today."""
    for back in days:
        day = TODAY - timedelta(days=back)
        db.session.add(
            DailyTotal(day=day, gate_id=gate.id, category_id=1, count=sum(an_hour.values()), amount=0)
        )
        for hour, count in an_hour.items():
            db.session.add(
                HourlyTotal(day=day, gate_id=gate.id, category_id=1, hour=hour, count=count, amount=0)
            )


def heard(gate: GateRef, at: int) -> None:
    db.session.merge(GatePulse(gate_id=gate.id, last_heard_at=at))


@pytest.fixture
def gate(app: Flask, make: Make) -> GateRef:
    make.location()
    return make.gate()


def alarms(app: Flask, now: int = NOON) -> list[str]:
    with app.app_context():
        return [quiet.gate_code for quiet in quiet_gates(ZONE, now=now)]


def test_a_busy_gate_alarms_within_minutes_and_clears_with_its_next_event(app: Flask, gate: GateRef) -> None:
    with app.app_context(), transaction():
        rhythm(gate, dict.fromkeys(range(24), 60))
        heard(gate, NOON - 6 * 60)
    assert alarms(app) == []
    assert alarms(app, NOON + 3 * 60) == ["gate01"]
    with app.app_context(), transaction():
        heard(gate, NOON + 3 * 60)
    assert alarms(app, NOON + 3 * 60) == []


def test_a_slow_gate_is_given_hours(app: Flask, gate: GateRef) -> None:
    with app.app_context(), transaction():
        rhythm(gate, dict.fromkeys(range(24), 2))
        heard(gate, NOON - 3 * 3600)
    assert alarms(app) == []
    assert alarms(app, NOON + 2 * 3600) == ["gate01"]


def test_a_gate_that_rests_at_night_may_be_silent_at_night(app: Flask, gate: GateRef) -> None:
    with app.app_context(), transaction():
        rhythm(gate, dict.fromkeys(range(6, 22), 100))
        heard(gate, NOON - 14 * 3600 + 3000)  # shortly before 22:00 the evening before… and it is 06:00 now
    assert alarms(app, NOON - 6 * 3600) == []
    assert alarms(app, NOON - 5 * 3600) == ["gate01"]


def test_a_gate_without_a_history_or_never_heard_is_not_in_alarm(app: Flask, gate: GateRef) -> None:
    assert alarms(app) == []
    with app.app_context(), transaction():
        heard(gate, NOON - 86_400)
    assert alarms(app) == []


def test_other_days_stand_in_while_there_is_no_such_weekday(app: Flask, gate: GateRef) -> None:
    with app.app_context(), transaction():
        rhythm(gate, dict.fromkeys(range(24), 60), range(1, 3))
        heard(gate, NOON - 3600)
    assert alarms(app) == ["gate01"]


def test_an_inactive_gate_is_not_in_alarm(app: Flask, gate: GateRef) -> None:
    from webapp.gates import service

    with app.app_context(), transaction():
        rhythm(gate, dict.fromkeys(range(24), 60))
        heard(gate, NOON - 3600)
        service.deactivate_gate("kerkof_01", "gate01")
    assert alarms(app) == []
