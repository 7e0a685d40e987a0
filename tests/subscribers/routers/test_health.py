"""How routers are: told apart, told once, and never waited for."""

import time

import pytest
from flask import Flask

from tests.subscribers.routers.conftest import Isp
from webapp.database import transaction
from webapp.extensions import db
from webapp.kit import clock
from webapp.notifications.models import Notification
from webapp.subscribers.routers import health, jobs, service, states
from webapp.subscribers.routers.errors import Kind, RouterError
from webapp.subscribers.routers.line import Access
from webapp.subscribers.routers.records import Health


def check(isp: Isp) -> list[int]:
    with isp.app.app_context():
        return health.check(5)


def test_a_router_that_goes_and_comes_is_told_once_each(isp: Isp) -> None:
    assert check(isp) == []
    state = isp.state()
    assert (state.status, state.detail["version"], state.detail["cpu_load"]) == ("up", "7.18.2 (stable)", 7)
    isp.fake.unplug()
    for _ in range(2):
        assert check(isp) == []
    assert (isp.state().status, isp.state().error) == ("down", "The router can't be reached")
    isp.fake.plug_in()
    assert [check(isp), check(isp)] == [[isp.router_id], []]
    with isp.app.app_context():
        told = list(db.session.scalars(db.select(Notification.message).order_by(Notification.id)))
    assert told == ["Router R1 tidak dapat dihubungi", "Router R1 terhubung kembali"]


def test_one_that_came_back_may_be_tried_at_once(isp: Isp) -> None:
    isp.line("budi")
    isp.fake.unplug()
    with pytest.raises(RouterError):
        isp.in_step()
    with isp.app.app_context():
        assert states.waiting() == []
    isp.fake.plug_in()
    check(isp)
    with isp.app.app_context():
        assert states.waiting() == [isp.router_id]


def test_many_that_say_nothing_are_given_up_together(monkeypatch: pytest.MonkeyPatch, isp: Isp) -> None:
    isp.fake.slow = 30
    monkeypatch.setattr(health, "AT_ONCE", 4)
    silent = Access("127.0.0.1", "u", "p", isp.fake.port)
    before = time.monotonic()
    found = health.look(dict.fromkeys(range(12), silent), within=0.2)
    assert found == {}
    assert time.monotonic() - before < 10  # not 12 × 1.5 s after one another, let alone 30 s each


def test_what_each_said_is_told_apart(isp: Isp) -> None:
    good = Access("127.0.0.1", isp.fake.user, isp.fake.password, isp.fake.port)
    found = health.look({1: good, 2: Access("127.0.0.1", "u", "wrong", isp.fake.port)}, within=10)
    assert isinstance(found[1], Health)
    assert isinstance(found[2], RouterError)
    assert found[2].kind is Kind.REFUSED_LOGIN
    assert health.look({}, within=1) == {}


def test_the_pause_after_failures_doubles_to_an_hour() -> None:
    assert [states.pause_after(count).total_seconds() for count in (0, 1, 2, 7, 99)] == [
        30,
        60,
        120,
        3600,
        3600,
    ]


def test_a_changed_line_takes_along_whatever_waits(isp: Isp) -> None:
    first, second = isp.line("budi"), isp.line("citra")
    run(isp.app, jobs.reconcile_line, first)
    assert (isp.sync(first)[0], isp.sync(second)[0]) == (False, False)
    isp.fake.commands.clear()
    run(isp.app, jobs.reconcile_line, second)
    assert not isp.fake.commands


def test_a_changed_line_is_read_by_name_once_all_has_been_seen(isp: Isp) -> None:
    line = isp.line("budi")
    isp.in_step()
    isp.fake.add_secret("drifted", comment=f"gerbang:{line}", service="pppoe")
    isp.change(line, pppoe_password="new")
    run(isp.app, jobs.reconcile_line, line)
    assert (isp.secret("budi") or {})["password"] == "new"
    assert isp.secret("drifted")  # the nightly look at everything finds it
    run(isp.app, jobs.reconcile_all)
    run(isp.app, jobs.reconcile_router, isp.router_id)
    assert isp.secret("drifted") is None


def test_a_renamed_line_is_followed_by_a_look_at_everything(isp: Isp) -> None:
    line = isp.line("budi")
    isp.in_step()
    isp.change(line, pppoe_name="budi2")
    run(isp.app, jobs.reconcile_line, line)
    assert [row["name"] for row in isp.fake.secrets.values()] == ["budi2"]


def test_jobs_leave_a_router_alone_that_is_off_or_has_just_failed(isp: Isp) -> None:
    line = isp.line("budi")
    isp.fake.refuse_login = True
    for _ in range(2):
        run(isp.app, jobs.reconcile_line, line)
    assert isp.fake.commands["/login"] == 1
    assert isp.sync(line) == (True, "")


def test_one_that_answers_but_refuses_to_be_read_is_up_and_tried_again_after_a_pause(isp: Isp) -> None:
    line = isp.line("budi")
    isp.fake.traps["/ppp/secret/print"] = "not enough permissions (9)"
    run(isp.app, jobs.reconcile_line, line)
    assert (isp.state().status, isp.state().failures) == ("unknown", 1)
    isp.fake.traps.clear()
    check(isp)
    assert (isp.state().status, isp.state().error) == ("up", "")
    with isp.app.app_context(), transaction():
        assert states.waiting(failed=True) == []
        service.state_of(isp.router_id).next_try_at = clock.now()
        assert states.waiting(failed=True) == [isp.router_id]
    run(isp.app, jobs.reconcile_router, isp.router_id)
    assert (isp.sync(line), isp.state().failures) == ((False, ""), 0)


def test_nothing_waits_where_nothing_is_pending(isp: Isp) -> None:
    isp.line("budi")
    isp.in_step()
    with isp.app.app_context():
        assert states.waiting() == []
    with isp.app.app_context(), transaction():
        states.owe()
    with isp.app.app_context():
        assert states.waiting() == [isp.router_id]


def run(app: Flask, job: object, *ids: int) -> None:
    with app.app_context():
        job(*ids)  # type: ignore[operator]
