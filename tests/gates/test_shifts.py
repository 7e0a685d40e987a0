"""Closing shifts: periods that touch and never overlap, exact sums, one close however often it is pressed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from tests.support.factories import GateRef, Make
from webapp import config
from webapp.accounts.models import Role, User
from webapp.database import transaction
from webapp.errors import Conflict, Forbidden, Invalid
from webapp.extensions import db
from webapp.gates import shifts
from webapp.gates.models import Gate, Shift
from webapp.kit import clock


@pytest.fixture
def gate(make: Make) -> GateRef:
    return make.open_gate()


@pytest.fixture
def cashier(app: Flask, make: Make) -> int:
    return make.user("cashier", Role.OPERATOR)


@pytest.fixture
def inside(app: Flask) -> Iterator[None]:
    with app.app_context(), transaction():
        yield


def close(app: Flask, gate: GateRef, start: int, end: int, counted: int, by: int) -> int:
    with app.app_context(), transaction():
        found = db.session.get_one(Gate, gate.id)
        return shifts.close(found, start, end, counted, "", db.session.get_one(User, by)).id


def read(app: Flask, shift_id: int) -> Shift:
    with app.app_context(), transaction():
        shift = shifts.get(shift_id)
        assert shift.lines is not None
        db.session.expunge_all()
        return shift


def test_a_shift_counts_its_first_second_and_not_its_last(
    app: Flask, make: Make, gate: GateRef, cashier: int
) -> None:
    now = clock.unix()
    start, end = now - 1000, now - 500
    make.events(gate, start - 1, start, end - 1, end)
    shift = read(app, close(app, gate, start, end, 4000, cashier))
    assert (shift.expected_count, shift.expected_amount, shift.variance) == (2, 4000, 0)


def test_a_shift_keeps_what_each_category_came_to(
    app: Flask, make: Make, gate: GateRef, cashier: int
) -> None:
    now = clock.unix()
    make.events(gate, now - 300, now - 200, category="motor")
    make.events(gate, now - 100, category="car")
    shift = read(app, close(app, gate, now - 500, now, 8000, cashier))
    lines = [(line.category.code, line.count, line.amount) for line in shift.lines]
    assert lines == [("motor", 2, 4000), ("car", 1, 5000)]
    assert shift.variance == -1000


def test_the_next_shift_begins_where_the_last_one_ended_however_long_ago(
    app: Flask, make: Make, gate: GateRef, cashier: int
) -> None:
    long_ago = clock.unix() - 30 * 86_400
    with app.app_context(), transaction():
        found = db.session.get_one(Gate, gate.id)
        by = db.session.get_one(User, cashier)
        shifts.record(found, shifts.expected(found, long_ago - 100, long_ago), 0, "", by)
    with app.app_context(), transaction():
        found = db.session.get_one(Gate, gate.id)
        assert shifts.next_start(found, config.current().timezone) == long_ago


def test_a_gates_first_shift_begins_at_midnight(app: Flask, gate: GateRef, inside: None) -> None:
    zone = config.current().timezone
    start = shifts.next_start(db.session.get_one(Gate, gate.id), zone)
    assert start == clock.day_bounds(clock.today(zone), zone)[0]


def test_the_same_close_sent_twice_makes_one_shift(app: Flask, gate: GateRef, cashier: int) -> None:
    now = clock.unix()
    first = close(app, gate, now - 100, now - 50, 0, cashier)
    with pytest.raises(shifts.AlreadyClosed) as refusal:
        close(app, gate, now - 100, now - 50, 0, cashier)
    assert refusal.value.shift_id == first
    with app.app_context(), transaction():
        assert shifts.page().total == 1


def test_of_two_cashiers_at_one_gate_the_second_is_told(
    app: Flask, make: Make, gate: GateRef, cashier: int
) -> None:
    now = clock.unix()
    close(app, gate, now - 100, now - 50, 0, cashier)
    with pytest.raises(shifts.AlreadyClosed):
        close(app, gate, now - 100, now - 20, 0, make.user("second", Role.OPERATOR))


def test_closes_at_the_same_moment_leave_one_shift(
    app: Flask, make: Make, gate: GateRef, cashier: int
) -> None:
    now = clock.unix()
    starts = [now - 100, now - 90, now - 80]
    with ThreadPoolExecutor(3) as pool:
        tasks = [pool.submit(close, app, gate, start, now, 0, cashier) for start in starts]
    refusals = [task.exception() for task in tasks]
    assert sum(isinstance(refusal, shifts.AlreadyClosed) for refusal in refusals) == 2
    assert refusals.count(None) == 1


def test_two_gates_close_on_their_own(app: Flask, make: Make, gate: GateRef, cashier: int) -> None:
    other = make.open_gate(code="gate02")
    now = clock.unix()
    close(app, gate, now - 100, now, 0, cashier)
    close(app, other, now - 100, now, 0, cashier)


@pytest.mark.parametrize(("start", "end"), [(-100, 60), (-50, -50), (-50, -60), (-8 * 86_400, 0)])
def test_a_period_that_is_no_shift_is_refused(
    app: Flask, gate: GateRef, cashier: int, start: int, end: int
) -> None:
    now = clock.unix()
    with pytest.raises(Invalid):
        close(app, gate, now + start, now + end, 0, cashier)


def test_events_that_come_late_show_beside_the_closed_figures(
    app: Flask, make: Make, gate: GateRef, cashier: int
) -> None:
    now = clock.unix()
    make.events(gate, now - 90)
    shift_id = close(app, gate, now - 100, now - 50, 2000, cashier)
    make.events(gate, now - 80, now - 70, now - 50)
    with app.app_context(), transaction():
        shift = shifts.get(shift_id)
        late = shifts.late(shift)
        assert (late.count, late.amount) == (2, 4000)
        assert shift.expected_count == 1


def test_someone_else_signs_off_and_only_once(app: Flask, make: Make, gate: GateRef, cashier: int) -> None:
    now = clock.unix()
    shift_id = close(app, gate, now - 100, now, 0, cashier)
    other = make.user("other", Role.OPERATOR)

    def sign(by: int) -> None:
        with app.app_context(), transaction():
            shifts.sign_off(shift_id, db.session.get_one(User, by))

    with pytest.raises(Forbidden):
        sign(cashier)
    sign(other)
    with pytest.raises(Conflict):
        sign(make.user("boss", Role.ADMIN))
    assert read(app, shift_id).signed_off_by_id == other


def test_an_admin_may_sign_a_shift_of_their_own(app: Flask, make: Make, gate: GateRef) -> None:
    now = clock.unix()
    boss = make.user("boss", Role.ADMIN)
    shift_id = close(app, gate, now - 100, now, 0, boss)
    with app.app_context(), transaction():
        assert shifts.sign_off(shift_id, db.session.get_one(User, boss)).signed_off_at is not None


def test_shifts_are_found_by_gate_balance_day_and_signature(
    app: Flask, make: Make, gate: GateRef, cashier: int
) -> None:
    now = clock.unix()
    make.events(gate, now - 90)
    short = close(app, gate, now - 100, now - 60, 1000, cashier)
    over = close(app, gate, now - 60, now - 30, 1000, cashier)
    exact = close(app, gate, now - 30, now, 0, cashier)

    def found(**filters: object) -> list[int]:
        with app.app_context(), transaction():
            chosen = shifts.ShiftFilter(**filters)  # type: ignore[arg-type]
            return [shift.id for shift in shifts.page(1, 20, chosen).items]

    assert found() == [exact, over, short]
    assert [found(balance=word) for word in ("exact", "short", "over")] == [[exact], [short], [over]]
    assert found(gate_code="gate01", location_code="kerkof_01") == [exact, over, short]
    assert found(gate_code="gate09") == []
    assert found(start=now - 30, end=now) == [over]
    assert found(signed=True) == []
