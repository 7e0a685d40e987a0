"""Technical data of contract 2."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.callers import Ftth
from tests.support.factories import Make
from webapp.activity.models import Activity
from webapp.database import transaction
from webapp.extensions import db
from webapp.subscribers.models import Router

LIST = "/api/data_teknis/"
MASK = "••••••••"
EXAMPLE: dict[str, Any] = {
    "ip_pelanggan": "192.168.1.100",
    "vlan": 100,
    "sn_ont": "ALCL12345678",
    "port_odp": "ODP-01/P01",
    "port_olt": "1/GP1",
}


@pytest.fixture
def john(make: Make) -> int:
    make.brand()
    return make.customer()


@pytest.fixture
def router(app: Flask) -> int:
    with app.app_context(), transaction():
        row = Router(name="R1", host="10.0.0.1", username="api", pools="192.168.1.0/24")
        db.session.add(row)
        db.session.flush()
        return row.id


def test_the_documents_line(staff: Ftth, looker: Ftth, john: int) -> None:
    made = staff.post(LIST, 201, json=EXAMPLE | {"pelanggan_id": john})
    assert made.items() >= (EXAMPLE | {"pelanggan_id": john}).items()
    assert (made["status"], made["mikrotik_server_id"], made["password_pppoe"]) == ("Aktif", None, MASK)
    assert not made["mikrotik_sync_pending"]  # of which router?
    for path in (f"{LIST}{made['id']}", f"{LIST}pelanggan/{john}"):
        assert looker.call("GET", path) == made


def test_a_model_sent_back_changes_nothing(staff: Ftth, john: int) -> None:
    made = staff.post(LIST, 201, json=EXAMPLE | {"pelanggan_id": john, "password_pppoe": "s3cret"})
    one = f"{LIST}{made['id']}"
    assert staff.call("PATCH", one, json=made) == made
    assert staff.post(f"{one}/reveal") == {"password_pppoe": "s3cret"}


def test_what_is_sent_changes_and_null_clears(staff: Ftth, john: int, router: int) -> None:
    made = staff.post(LIST, 201, json=EXAMPLE | {"pelanggan_id": john})
    sent = {"vlan": 4094, "mikrotik_server_id": router, "password_pppoe": "n3w", "nama_pppoe": "john"}
    changed = staff.call("PATCH", f"{LIST}{made['id']}", json=sent)
    assert changed == made | sent | {"password_pppoe": MASK, "mikrotik_sync_pending": True}
    empty = dict.fromkeys([*EXAMPLE, "nama_pppoe", "mikrotik_server_id"])
    cleared = staff.call("PATCH", f"{LIST}{made['id']}", json=empty)
    assert cleared == changed | empty | {"nama_pppoe": "john", "mikrotik_sync_pending": False}


def test_who_looks_at_a_password_is_written_down(
    staff: Ftth, looker: Ftth, john: int, logged: Callable[..., list[Activity]]
) -> None:
    made = staff.post(LIST, 201, json={"pelanggan_id": john})
    looker.post(f"{LIST}{made['id']}/reveal", 403)
    response = staff.raw("POST", f"{LIST}{made['id']}/reveal")
    assert len(response.get_json()["password_pppoe"]) == 12
    assert response.headers["Cache-Control"] == "no-store"
    assert [entry.actor_name for entry in logged(action="reveal")] == ["clerk"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("vlan", 5000),
        ("vlan", 0),
        ("vlan", 1.5),
        ("vlan", True),
        ("ip_pelanggan", "192.168.1.256"),
        ("ip_pelanggan", "0.0.0.0"),  # noqa: S104 - nobody listens
        ("ip_pelanggan", "fe80::1%eth0"),
        ("ip_pelanggan", "192.168.1.0/24"),
        ("sn_ont", "x" * 51),
        ("nama_pppoe", "two words"),
        ("password_pppoe", "rahasiä"),
        ("port_odp", "a\x00"),
        ("mikrotik_server_id", 99),
        ("mikrotik_server_id", 2**31),
    ],
)
def test_a_field_is_wrong(staff: Ftth, john: int, field: str, value: object) -> None:
    made = staff.post(LIST, 201, json=EXAMPLE | {"pelanggan_id": john})
    other = {"pelanggan_id": john, field: value}
    for method, path in (("POST", LIST), ("PATCH", f"{LIST}{made['id']}")):
        [fault] = staff.call(method, path, 422, json=other)["detail"]["errors"]
        assert fault["field"] == field


def test_an_address_outside_of_the_routers_pools(staff: Ftth, john: int, router: int) -> None:
    sent = {"pelanggan_id": john, "ip_pelanggan": "10.9.9.9", "mikrotik_server_id": router}
    assert staff.post(LIST, 422, json=sent)["detail"]["errors"] == [
        {"field": "ip_pelanggan", "message": "Is outside of the router's pools"}
    ]
    staff.call("GET", f"{LIST}pelanggan/{john}", 404)


@pytest.mark.parametrize(
    ("field", "detail"),
    [
        ("ip_pelanggan", "Another line has this IP address"),
        ("sn_ont", "Another line has this ONT"),
        ("port_odp", "Another line has this ODP port"),
    ],
)
def test_it_is_given_once(staff: Ftth, make: Make, john: int, field: str, detail: str) -> None:
    staff.post(LIST, 201, json=EXAMPLE | {"pelanggan_id": john})
    jane = {"pelanggan_id": make.customer(name="Jane")}
    written_otherwise = (
        str(EXAMPLE[field]).lower().replace("/", " / ") if field != "ip_pelanggan" else EXAMPLE[field]
    )
    assert staff.post(LIST, 409, json=jane | {field: written_otherwise})["detail"] == detail
    made = staff.post(LIST, 201, json=jane)
    staff.call("PATCH", f"{LIST}{made['id']}", 409, json={field: EXAMPLE[field]})


def test_a_customer_has_one_line(staff: Ftth, john: int) -> None:
    first = staff.post(LIST, 201, json=EXAMPLE | {"pelanggan_id": john})
    staff.post(LIST, 409, json={"pelanggan_id": john})
    assert staff.raw("DELETE", f"{LIST}{first['id']}").status_code == 204
    staff.call("GET", f"{LIST}{first['id']}", 404)
    staff.post(LIST, 201, json=EXAMPLE | {"pelanggan_id": john})


@pytest.mark.parametrize("line_id", ["0", "999", str(2**31), str(2**80), "x"])
def test_there_is_no_such_line(staff: Ftth, line_id: str) -> None:
    for method, body in (("GET", None), ("PATCH", {"vlan": 1}), ("DELETE", None)):
        staff.call(method, f"{LIST}{line_id}", 404, json=body)
    staff.post(f"{LIST}{line_id}/reveal", 404)


def test_ports_in_use(staff: Ftth, looker: Ftth, make: Make, john: int) -> None:
    staff.post(LIST, 201, json=EXAMPLE | {"pelanggan_id": john})
    assert looker.call("GET", f"{LIST}odp", query_string={"search": "odp"}) == {
        "data": [
            {
                "odp": "ODP-01",
                "port_terpakai": 1,
                "port": [{"port_odp": "ODP-01/P01", "pelanggan_id": john, "nama": "John Doe"}],
            }
        ],
        "total_count": 1,
        "skip": 0,
        "limit": 15,
    }
