"""Technical data: what is given once can't be given twice, and routers learn of every change."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from tests.support.factories import Make
from webapp.activity.models import Activity
from webapp.database import transaction
from webapp.errors import Conflict, Invalid, NotFound
from webapp.extensions import db
from webapp.subscribers import customers, lines, odps
from webapp.subscribers.models import LineSync, Router

LINE: dict[str, Any] = {
    "pppoe_name": "john",
    "ip_address": "192.168.1.100",
    "vlan": 100,
    "ont_serial": "ALCL12345678",
    "odp_port": "ODP-01/P01",
    "olt_port": "1/GP1",
}
OTHER = dict.fromkeys(LINE) | {"pppoe_name": "jane"}


@pytest.fixture
def people(make: Make) -> tuple[int, int]:
    make.brand()
    return make.customer(), make.customer(name="Jane")


def _give(app: Flask, customer_id: int, values: dict[str, Any]) -> int:
    with app.app_context(), transaction():
        return lines.create_line(customers.get_customer(customer_id), values).id


def _router(app: Flask, pools: str = "") -> int:
    with app.app_context(), transaction():
        router = Router(name="R1", host="10.0.0.1", username="api", password="secret", pools=pools)
        db.session.add(router)
        db.session.flush()
        return router.id


def test_a_name_and_a_password_are_made(app: Flask, people: tuple[int, int]) -> None:
    line_id = _give(app, people[0], {})
    with app.app_context():
        line = lines.get_line(line_id)
        assert line.pppoe_name == f"jakinet-{people[0]:06d}"
        assert len(line.pppoe_password or "") == 12
        stored = db.session.scalar(text("SELECT pppoe_password FROM technical_data"))
        assert (line.pppoe_password or "") not in stored
        assert db.session.get_one(LineSync, line_id).pending


def test_a_made_name_is_nobody_elses(app: Flask, people: tuple[int, int]) -> None:
    _give(app, people[1], {"pppoe_name": f"jakinet-{people[0]:06d}"})
    line_id = _give(app, people[0], {})
    with app.app_context():
        assert lines.get_line(line_id).pppoe_name.startswith(f"jakinet-{people[0]:06d}-")


@pytest.mark.parametrize("field", ["pppoe_name", "ip_address", "ont_serial", "odp_port"])
def test_it_is_given_once(app: Flask, people: tuple[int, int], field: str) -> None:
    _give(app, people[0], LINE)
    with pytest.raises(Conflict) as clash:
        _give(app, people[1], OTHER | {field: LINE[field]})
    assert clash.value.field == field
    other = _give(app, people[1], OTHER)
    with app.app_context(), pytest.raises(Conflict) as clash, transaction():
        lines.update_line(other, {field: LINE[field]})
    assert clash.value.field == field


def test_vlans_and_olt_ports_are_shared(app: Flask, people: tuple[int, int]) -> None:
    _give(app, people[0], LINE)
    _give(app, people[1], OTHER | {"vlan": 100, "olt_port": "1/GP1"})


def test_a_customer_has_one_line_until_it_is_deleted(app: Flask, people: tuple[int, int]) -> None:
    line_id = _give(app, people[0], LINE)
    with pytest.raises(Conflict) as clash:
        _give(app, people[0], OTHER)
    assert clash.value.field == "customer_id"
    with app.app_context(), transaction():
        lines.delete_line(line_id)
    with app.app_context(), pytest.raises(NotFound):
        lines.get_line(line_id)
    _give(app, people[0], LINE)


@pytest.mark.parametrize(
    ("address", "fits"),
    [("10.1.2.3", True), ("10.2.0.1", False), ("2001:db8::5", True), ("2001:db9::5", False), (None, True)],
)
def test_an_address_is_one_of_the_routers(
    app: Flask, people: tuple[int, int], address: str | None, fits: bool
) -> None:
    router = _router(app, "10.1.0.0/16, 2001:db8::/64")
    line_id = _give(app, people[0], {"ip_address": address})
    for attempt in (
        lambda: _give(app, people[1], {"router_id": router, "ip_address": address and f"{address}1"}),
        lambda: _move(app, line_id, router),
    ):
        if fits:
            attempt()
            continue
        with pytest.raises(Invalid) as refusal:
            attempt()
        assert list(refusal.value.fields) == ["ip_address"]


def _move(app: Flask, line_id: int, router: int) -> None:
    with app.app_context(), transaction():
        lines.update_line(line_id, {"router_id": router})


def test_there_is_no_such_router(app: Flask, people: tuple[int, int]) -> None:
    with pytest.raises(Invalid) as refusal:
        _give(app, people[0], {"router_id": 99})
    assert list(refusal.value.fields) == ["router_id"]


def test_who_looked_at_a_password_is_written_down(
    app: Flask, people: tuple[int, int], logged: Callable[..., list[Activity]]
) -> None:
    line_id = _give(app, people[0], {"pppoe_password": "s3cret"})
    with app.app_context(), transaction():
        assert lines.reveal_password(line_id) == "s3cret"
    assert [entry.object_id for entry in logged(action="reveal")] == [str(line_id)]
    assert "s3cret" not in str([entry.changes for entry in logged()])


def test_ports_in_use_by_distribution_point(app: Flask, make: Make) -> None:
    make.brand()
    for number, port in enumerate(["ODP-02/P01", "ODP-01/P02", "ODP-01/P01", "X/ODP-01/P9", "LOOSE", None]):
        _give(app, make.customer(name=f"C{number}"), {"odp_port": port})
    with app.app_context():
        found, total = odps.taken(limit=3)
        assert [(odp.name, odp.used) for odp in found] == [("", 1), ("ODP-01", 2), ("ODP-02", 1)]
        assert [(port.port, port.customer_name) for port in found[1].ports] == [
            ("ODP-01/P01", "C2"),
            ("ODP-01/P02", "C1"),
        ]
        assert total == 4
        assert [odp.name for odp in odps.taken(search="odp-02")[0]] == ["ODP-02"]
