"""Routers: kept with care for their passwords, and asked for one customer."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.subscribers.routers.conftest import Isp
from webapp.database import transaction
from webapp.errors import Conflict, Invalid, NotFound
from webapp.extensions import db
from webapp.subscribers import catalogue, lines, trash
from webapp.subscribers.models import Router
from webapp.subscribers.routers import service, states
from webapp.subscribers.routers.errors import Kind, RouterError


def update(isp: Isp, **changes: Any) -> None:
    with isp.app.app_context(), transaction():
        service.update_router(isp.router_id, changes)


def sync(isp: Isp, line_id: int) -> service.Synced:
    customer = isp.customer_of(line_id)
    with isp.app.app_context(), transaction():
        return service.sync_customer(isp.router_id, customer)


def test_the_password_is_encrypted_and_goes_to_no_other_address(isp: Isp) -> None:
    with isp.app.app_context():
        assert isp.fake.password not in db.session.scalar(text("SELECT password FROM routers"))
    for moved in ({"host": "10.9.9.9"}, {"port": 9}):
        with pytest.raises(Invalid) as refused:
            update(isp, **moved)
        assert list(refused.value.fields) == ["password"]
        with isp.app.app_context(), pytest.raises(Invalid):
            service.access_for(
                {"name": "x", "host": "127.0.0.1", "port": isp.fake.port, **moved}, isp.router_id
            )
    update(isp, name="R2")
    update(isp, host="localhost", password=isp.fake.password)
    assert isp.in_step().written == 0


def test_a_router_with_lines_stays(isp: Isp) -> None:
    line = isp.line("budi")
    with isp.app.app_context(), pytest.raises(Conflict), transaction():
        service.delete_router(isp.router_id)
    customer = isp.customer_of(line)
    with isp.app.app_context(), transaction():
        trash.delete_customer(customer)
    with isp.app.app_context(), transaction():
        service.delete_router(isp.router_id)
    with isp.app.app_context(), transaction():
        trash.restore_customer(customer)
        assert lines.get_line(line).router_id is None
        with pytest.raises(NotFound):
            service.get_router(isp.router_id)


def test_what_is_tried_out_tells_what_is_missing(isp: Isp) -> None:
    with isp.app.app_context(), transaction():
        tried = service.test_router(isp.router_id)
    assert (tried.health.name, tried.fingerprint, tried.missing_profiles) == ("fake-router", "", [])
    isp.fake.profiles.clear()
    with isp.app.app_context(), transaction():
        tried = service.test_router(isp.router_id)
    assert tried.missing_profiles == ["Internet 50Mbps", "SUSPENDED"]
    isp.fake.unplug()
    with isp.app.app_context(), pytest.raises(RouterError), transaction():
        service.test_router(isp.router_id)
    assert isp.state().status == "down"


def test_a_customer_is_written_now_and_tells_what_was_done(isp: Isp) -> None:
    line = isp.line("budi", router_id=None)
    done = sync(isp, line)  # a line without a router ends here from now on
    assert (done.steps, done.pending) == (["add"], False)
    assert sync(isp, line).steps == []
    isp.suspend(line)
    isp.fake.dial_in("budi")
    done = sync(isp, line)
    assert (done.steps, done.offline) == (["change"], 1)


def test_what_stands_in_the_way_is_a_refusal_and_the_line_stays_pending(isp: Isp) -> None:
    taken, refused = isp.line("budi"), isp.line("citra")
    isp.fake.add_secret("budi")
    with pytest.raises(Conflict, match="not ours"):
        sync(isp, taken)
    isp.fake.traps["/ppp/secret/add"] = "no more room"
    with pytest.raises(RouterError) as trap:
        sync(isp, refused)
    assert (trap.value.kind, trap.value.status, trap.value.detail) == (Kind.TRAP, 502, "no more room")
    isp.fake.unplug()
    with pytest.raises(RouterError) as down:
        sync(isp, refused)
    assert down.value.status == 503
    assert (isp.sync(taken)[0], isp.sync(refused)[0]) == (True, True)


def test_only_lines_that_end_here_and_are_not_exempt_are_written(isp: Isp) -> None:
    exempt, bare = isp.line("budi", sync_exempt=True), isp.make.customer()
    with pytest.raises(Conflict):
        sync(isp, exempt)
    with isp.app.app_context(), pytest.raises(NotFound), transaction():
        service.sync_customer(isp.router_id, bare)
    with isp.app.app_context(), transaction():
        other = Router(name="R9", host="10.0.0.9", username="u")
        db.session.add(other)
        db.session.flush()
        elsewhere = other.id
    away = isp.line("dewi", router_id=elsewhere)
    with pytest.raises(Conflict, match="another router"):
        sync(isp, away)


def test_all_secrets_that_were_made_by_hand_are_adopted_at_once(isp: Isp) -> None:
    for name in ("budi", "citra"):
        isp.fake.add_secret(name, comment="by hand")
    isp.fake.add_secret("vip", comment="by hand")
    made = [isp.line("budi"), isp.line("citra")]
    with isp.app.app_context(), transaction():
        assert service.adopt(isp.router_id).written == 2
    comments = [row["comment"] for row in isp.fake.secrets.values()]
    assert comments == [f"gerbang:{made[0]} by hand", f"gerbang:{made[1]} by hand", "by hand"]


def test_a_packages_other_profile_is_owed_to_all_routers(isp: Isp) -> None:
    line = isp.line("budi")
    isp.in_step()
    isp.fake.profiles.put({"name": "60M"})
    with isp.app.app_context(), transaction():
        catalogue.update_package(isp.package, {"profile": "60M"})
    with isp.app.app_context():
        assert states.waiting() == [isp.router_id]
    assert isp.in_step().written == 1
    assert (isp.secret("budi") or {})["profile"] == "60M"
    assert isp.sync(line) == (False, "")
