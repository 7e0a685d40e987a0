"""Routers over HTTP (contract 2, Mikrotik Endpoints)."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.callers import Ftth
from tests.support.factories import Make
from tests.support.routeros import FakeRouter

ROUTERS = "/api/mikrotik_servers"
LINE = {"ip_pelanggan": "10.64.0.9", "nama_pppoe": "budi", "password_pppoe": "pw"}


@pytest.fixture
def fake() -> Iterator[FakeRouter]:
    with FakeRouter() as router:
        router.profiles.put({"name": "Internet 50Mbps"})
        yield router


def body(fake: FakeRouter, **fields: Any) -> dict[str, Any]:
    access = {"host": "127.0.0.1", "port": fake.port, "username": fake.user, "password": fake.password}
    return {"nama": "BRAS-01", **access, "ip_pool": "10.64.0.0/16", **fields}


@pytest.fixture
def router(boss: Ftth, fake: FakeRouter) -> str:
    """The router's path."""
    return f"{ROUTERS}/{boss.post(ROUTERS, 201, body(fake))['id']}"


@pytest.fixture
def customer(make: Make, staff: Ftth) -> int:
    make.brand()
    customer = make.customer(make.package(), name="Budi")
    staff.post("/api/data_teknis/", 201, {"pelanggan_id": customer, **LINE})
    return customer


def test_a_router_is_made_changed_listed_and_deleted(boss: Ftth, fake: FakeRouter, router: str) -> None:
    shown = boss.call("GET", router)
    assert (shown["nama"], shown["ip_pool"], shown["koneksi"]["status"]) == (
        "BRAS-01",
        "10.64.0.0/16",
        "unknown",
    )
    assert fake.password not in str(shown)
    assert boss.call("PATCH", router, json={"nama": "BRAS-02"})["nama"] == "BRAS-02"
    assert boss.call("GET", f"{ROUTERS}?search=bras-02")["data"] == [boss.call("GET", router)]
    assert boss.call("GET", f"{ROUTERS}/?search=x")["total_count"] == 0
    boss.post(ROUTERS, 409, body(fake, nama="BRAS-02"))
    assert boss.raw("DELETE", router).status_code == 204
    boss.call("GET", router, 404)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("nama", ""),
        ("nama", "a\0b"),
        ("host", "http://10.0.0.1/"),
        ("host", "a b"),
        ("port", 0),
        ("port", 65_536),
        ("port", 10**40),
        ("fingerprint", "xyz"),
        ("ip_pool", "10.64.0.0/99"),
        ("username", " "),
        ("password", "a\nb"),
        ("tls", "perhaps"),
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_bad_fields_are_named(boss: Ftth, fake: FakeRouter, field: str, value: Any) -> None:
    [fault] = boss.post(ROUTERS, 422, body(fake, **{field: value}))["detail"]["errors"]
    assert fault["field"] == field


def test_the_password_goes_to_no_other_host(boss: Ftth, router: str) -> None:
    [fault] = boss.call("PATCH", router, 422, {"host": "10.9.9.9"})["detail"]["errors"]
    assert fault["field"] == "password"


def test_the_connection_is_tested(staff: Ftth, fake: FakeRouter, router: str) -> None:
    found = staff.post(f"{router}/test")
    assert (found["status"], found["version"], found["profil_hilang"]) == ("up", "7.18.2 (stable)", [])
    fake.refuse_login = True
    refused = staff.post(f"{router}/test", 503, code="ROUTER_REFUSED_LOGIN")
    assert refused["detail"].startswith("The router refused the user name or password")
    staff.post(f"{ROUTERS}/99/test", 404)


def test_a_customer_is_synced_as_the_document_shows(
    staff: Ftth, fake: FakeRouter, router: str, customer: int
) -> None:
    done = staff.post(f"{router}/sync/{customer}")
    assert (done["aksi"], done["mikrotik_sync_pending"]) == (["add"], False)
    secret = fake.secrets.named("budi") or {}
    assert (secret["password"], secret["profile"], secret["remote-address"]) == (
        "pw",
        "Internet 50Mbps",
        "10.64.0.9",
    )
    line = staff.call("GET", f"/api/data_teknis/pelanggan/{customer}")
    assert (f"{ROUTERS}/{line['mikrotik_server_id']}", line["mikrotik_sync_pending"]) == (router, False)
    assert staff.post(f"{router}/sync/{customer}")["aksi"] == []
    staff.post(f"{router}/sync/999999", 404)


def test_a_router_that_is_down_is_503_and_the_line_stays_pending(
    staff: Ftth, fake: FakeRouter, router: str, customer: int
) -> None:
    fake.unplug()
    answer = staff.raw("POST", f"{router}/sync/{customer}")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    staff.post(f"{router}/sync/{customer}", 503, code="ROUTER_UNREACHABLE")
    assert staff.call("GET", f"/api/data_teknis/pelanggan/{customer}")["mikrotik_sync_pending"] is True
    [row] = staff.call("GET", ROUTERS)["data"]
    assert (row["koneksi"]["status"], row["jumlah_pelanggan"], row["belum_sinkron"]) == ("down", 1, 1)


def test_what_the_router_refuses_is_502(staff: Ftth, fake: FakeRouter, router: str, customer: int) -> None:
    fake.profiles.clear()
    refused = staff.post(f"{router}/sync/{customer}", 502, code="ROUTER_TRAP")
    assert "input does not match any value of profile" in refused["detail"]


def test_health_tells_of_all_routers_now(staff: Ftth, boss: Ftth, fake: FakeRouter, router: str) -> None:
    with FakeRouter() as other:
        boss.post(ROUTERS, 201, body(other, nama="BRAS-02"))
        other.unplug()
        found = staff.call("GET", f"{ROUTERS}/health")
    assert (found["total_count"], found["online"], found["offline"]) == (2, 1, 1)
    up, down = found["data"]
    assert (up["nama"], up["status"], up["cpu_load"]) == ("BRAS-01", "up", 7)
    assert (down["status"], down["keterangan"]) == ("down", "The router can't be reached")


def test_a_dry_run_and_a_sync_of_all(
    staff: Ftth, boss: Ftth, fake: FakeRouter, router: str, customer: int
) -> None:
    fake.add_secret("budi", comment="by hand")
    staff.call("GET", f"{router}/diff/{customer}", 409)
    number = int(router.rsplit("/", 1)[1])
    line = staff.call("GET", f"/api/data_teknis/pelanggan/{customer}")["id"]
    staff.call("PATCH", f"/api/data_teknis/{line}", json={"mikrotik_server_id": number})
    assert staff.post(f"{router}/sync", 202) == {"status": "queued", "mikrotik_server_id": number}
    for path in (f"{router}/diff", f"{router}/diff/{customer}"):
        found = staff.call("GET", path)
        assert (found["conflict"], found["add"], found["data"][0]["nama_pelanggan"]) == (1, 0, "Budi")
    staff.post(f"{router}/sync/{customer}", 409)
    assert boss.post(f"{router}/adopt", json={"pelanggan_ids": [customer]}) == {"ditulis": 1, "ditolak": 0}
    fake.secrets["*1"]["password"] = "drifted"
    [row] = staff.call("GET", f"{router}/diff")["data"]
    assert (row["aksi"], row["perubahan"]) == ("change", {"password": ["••••••••", "••••••••"]})
    boss.raw("DELETE", router)
    boss.call("DELETE", router, 409)


def test_only_admins_keep_routers_and_adopt(staff: Ftth, fake: FakeRouter, router: str) -> None:
    staff.post(ROUTERS, 403, body(fake))
    staff.call("PATCH", router, 403, {})
    staff.call("DELETE", router, 403)
    staff.post(f"{router}/adopt", 403, {"semua": True})
