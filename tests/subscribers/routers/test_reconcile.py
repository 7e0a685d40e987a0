"""Routers are brought in step, whatever comes between: over a real socket, to a fake router."""

import threading
from collections.abc import Callable

import pytest

from tests.subscribers.routers.conftest import Isp
from webapp.database import transaction
from webapp.errors import Unavailable
from webapp.extensions import db
from webapp.notifications.models import Notification
from webapp.queue import connection
from webapp.subscribers import lines, subscriptions, trash
from webapp.subscribers.models import TechnicalData
from webapp.subscribers.routers import outcomes, reconcile
from webapp.subscribers.routers.client import RouterClient
from webapp.subscribers.routers.errors import Kind, RouterBusy, RouterError


def told(isp: Isp) -> list[str]:
    with isp.app.app_context():
        return list(db.session.scalars(db.select(Notification.message).filter_by(kind="mikrotik_issue")))


def test_a_line_becomes_a_secret_with_our_mark(isp: Isp) -> None:
    line = isp.line("budi", ip_address="10.64.0.9")
    assert isp.sync(line) == (True, "")
    assert isp.in_step().written == 1
    assert isp.secret("budi") == {
        "name": "budi",
        "password": "pw",
        "service": "pppoe",
        "profile": "Internet 50Mbps",
        "remote-address": "10.64.0.9",
        "disabled": "false",
        "comment": f"gerbang:{line}",
    }
    assert isp.sync(line) == (False, "")
    assert isp.state().reconciled_at


def test_one_changed_customer_is_one_write_of_few_round_trips(isp: Isp) -> None:
    changed, *_ = [isp.line(f"user{number}") for number in range(30)]
    isp.in_step()
    isp.change(changed, pppoe_password="new")
    isp.fake.commands.clear()
    outcome = isp.in_step([changed])
    assert (outcome.written, outcome.round_trips) == (1, 3)  # sign in, read, write
    assert (isp.fake.commands["/ppp/secret/set"], isp.fake.commands["/ppp/secret/add"]) == (1, 0)


def test_a_suspended_customer_is_cut_off_and_let_in_again(isp: Isp) -> None:
    line = isp.line("budi")
    isp.in_step()
    isp.fake.dial_in("budi")
    isp.fake.dial_in("citra")
    isp.suspend(line)
    assert isp.in_step([line]).offline == 1
    secret = isp.secret("budi") or {}
    assert (secret["profile"], secret["disabled"]) == ("SUSPENDED", "true")
    assert [row["name"] for row in isp.fake.active.values()] == ["citra"]


def test_who_was_switched_off_by_a_reconcile_that_was_killed_is_still_sent_offline(
    isp: Isp, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = isp.line("budi")
    isp.in_step()
    isp.fake.dial_in("budi")
    isp.suspend(line)
    with monkeypatch.context() as patch:
        patch.setattr(RouterClient, "drop_active", _killed)
        with pytest.raises(KeyboardInterrupt):
            isp.in_step()
    assert (isp.secret("budi") or {})["disabled"] == "true"
    assert isp.sync(line) == (True, "")
    assert isp.in_step().offline == 1
    assert isp.sync(line) == (False, "")


def _killed(_client: RouterClient, *names: str) -> int:
    if names:
        raise KeyboardInterrupt
    return 0


@pytest.mark.parametrize("how", ["line deleted", "customer deleted", "no subscription", "moved"])
def test_who_is_not_wanted_any_more_is_removed(isp: Isp, how: str) -> None:
    line = isp.line("budi")
    isp.in_step()
    isp.fake.dial_in("budi")
    _leave(isp, line, how)
    outcome = isp.in_step()
    assert (isp.secret("budi"), outcome.offline) == (None, 1)
    assert isp.sync(line)[0] is (how == "moved")  # of a line that has moved, its own router tells


def _leave(isp: Isp, line: int, how: str) -> None:
    customer = isp.customer_of(line)
    with isp.app.app_context(), transaction():
        if how == "line deleted":
            lines.delete_line(line)
        elif how == "customer deleted":
            trash.delete_customer(customer)
        elif how == "moved":
            lines.update_line(line, {"router_id": None})
        else:
            running = subscriptions.current(customer)
            subscriptions.end(running.id if running else 0)


def test_a_renamed_line_leaves_nothing_behind(isp: Isp) -> None:
    line = isp.line("budi")
    isp.in_step()
    isp.change(line, pppoe_name="budi2")
    assert isp.state().reconciled_at is None  # it is owed a look at everything
    isp.in_step()
    assert [row["name"] for row in isp.fake.secrets.values()] == ["budi2"]


def test_secrets_of_others_are_left_alone_and_a_clash_is_told_once(isp: Isp) -> None:
    isp.fake.add_secret("vip", password="x")
    isp.fake.add_secret("budi", password="x")
    line = isp.line("budi")
    for _ in range(2):
        isp.in_step()
    assert isp.sync(line) == (True, outcomes.TAKEN)
    assert told(isp) == ["1 pelanggan tidak dapat disinkronkan ke router R1"]
    assert [row["password"] for row in isp.fake.secrets.values()] == ["x", "x"]
    isp.in_step(adopt=[line])
    assert (isp.secret("budi") or {})["comment"] == f"gerbang:{line}"
    assert isp.sync(line) == (False, "")


def test_what_the_router_refuses_stays_pending_and_the_others_are_written(isp: Isp) -> None:
    bad, good = isp.line("budi", ip_address="2001:db8::1"), isp.line("citra")
    isp.in_step()
    pending, why = isp.sync(bad)
    assert pending
    assert "invalid value for argument remote-address" in why
    assert isp.sync(good) == (False, "")


def test_an_exempt_line_is_left_alone(isp: Isp) -> None:
    line = isp.line("budi")
    isp.in_step()
    isp.change(line, sync_exempt=True, pppoe_password="new")
    isp.in_step()
    assert (isp.secret("budi") or {})["password"] == "pw"


def test_a_router_that_is_down_is_never_a_success_and_is_left_alone_for_longer_each_time(isp: Isp) -> None:
    line = isp.line("budi")
    isp.fake.unplug()
    waits = []
    for _ in range(3):
        with pytest.raises(RouterError) as down:
            isp.in_step()
        state = isp.state()
        assert state.next_try_at
        assert state.checked_at
        waits.append(round((state.next_try_at - state.checked_at).total_seconds()))
    assert (down.value.kind, down.value.status) == (Kind.UNREACHABLE, 503)
    assert (waits, isp.state().status) == ([30, 60, 120], "down")
    assert isp.sync(line) == (True, "")
    assert told(isp) == ["Router R1 tidak dapat dihubungi"]
    isp.fake.plug_in()
    isp.in_step()
    assert isp.sync(line) == (False, "")
    assert (isp.state().failures, isp.state().next_try_at) == (0, None)


@pytest.mark.parametrize("mood", ["refuse_login", "drop"])
def test_other_troubles_leave_lines_pending_too(isp: Isp, mood: str) -> None:
    line = isp.line("budi")
    isp.fake.refuse_login, isp.fake.drop_after = mood == "refuse_login", 3 if mood == "drop" else None
    with pytest.raises(RouterError):
        isp.in_step()
    assert isp.sync(line) == (True, "")


def test_unplugged_in_the_middle_it_goes_on_from_there(isp: Isp, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [isp.line(f"user{number:03}") for number in range(7)]
    monkeypatch.setattr(reconcile, "BATCH", 3)
    own = RouterClient.apply
    rounds = iter(range(9))

    def unplugged_at_the_third(client: RouterClient, writes: list[object]) -> object:
        if next(rounds) == 2:
            isp.fake.unplug()
        return own(client, writes)  # type: ignore[arg-type]

    monkeypatch.setattr(RouterClient, "apply", unplugged_at_the_third)
    with pytest.raises(RouterError):
        isp.in_step()
    assert [isp.sync(line)[0] for line in made] == [False] * 3 + [True] * 4
    isp.fake.plug_in()
    assert isp.in_step().written == 4
    assert not any(isp.sync(line)[0] for line in made)
    assert len(isp.fake.secrets) == 7


def test_who_changes_a_line_meanwhile_leaves_it_pending(isp: Isp, monkeypatch: pytest.MonkeyPatch) -> None:
    line = isp.line("budi")
    own = RouterClient.apply

    def changed_meanwhile(client: RouterClient, writes: list[object]) -> object:
        monkeypatch.undo()
        _in_a_thread(lambda: isp.change(line, pppoe_password="newer"))
        return own(client, writes)  # type: ignore[arg-type]

    monkeypatch.setattr(RouterClient, "apply", changed_meanwhile)
    isp.in_step()
    assert isp.sync(line) == (True, "")
    isp.in_step()
    assert (isp.secret("budi") or {})["password"] == "newer"


def _in_a_thread(act: Callable[[], None]) -> None:
    thread = threading.Thread(target=act)
    thread.start()
    thread.join()


def test_one_reconcile_at_a_time(isp: Isp) -> None:
    isp.line("budi")
    with isp.app.app_context():
        claim = connection().lock(f"router:{isp.router_id}", timeout=5)
        claim.acquire()
    with pytest.raises(RouterBusy):
        isp.in_step()
    assert issubclass(RouterBusy, Unavailable)
    with isp.app.app_context():
        claim.release()
    assert isp.in_step().written == 1


def test_a_dry_run_changes_nothing(isp: Isp) -> None:
    line = isp.line("budi")
    with isp.app.app_context():
        found, lines_of_it = reconcile.compare(isp.router_id)
        one, _ = reconcile.compare(isp.router_id, [line])
    assert [step.kind for step in found.steps] == [step.kind for step in one.steps] == ["add"]
    assert lines_of_it[line].customer == "Budi"
    assert not isp.fake.secrets
    assert isp.sync(line) == (True, "")


def test_a_name_is_given_to_another_line_while_the_first_is_still_there(isp: Isp) -> None:
    first = isp.line("budi")
    isp.in_step()
    with isp.app.app_context(), transaction():
        lines.delete_line(first)
    second = isp.line("budi")
    assert isp.in_step([second]).written == 2
    assert (isp.secret("budi") or {})["comment"] == f"gerbang:{second}"
    assert (isp.sync(first)[0], isp.sync(second)[0]) == (False, False)


def test_a_purged_line_is_a_stranger(isp: Isp) -> None:
    line = isp.line("budi")
    isp.in_step()
    with isp.app.app_context(), transaction():
        db.session.delete(db.session.get_one(TechnicalData, line))
    assert [secret.name for secret in isp.in_step().difference.strangers] == ["budi"]
    assert isp.secret("budi")
