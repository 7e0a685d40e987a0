"""Subscriptions in contract 2's style."""

from typing import Any

import pytest

from tests.callers import Ftth
from tests.support.factories import Make

LIST = "/api/langganan/"


@pytest.fixture
def package(make: Make) -> int:
    make.brand()
    return make.package()


def test_a_subscription_s_life(staff: Ftth, looker: Ftth, make: Make, package: int) -> None:
    john, fast = make.customer(), make.package(name="Internet 100Mbps", price=900_000)
    sent = {
        "pelanggan_id": john,
        "paket_id": package,
        "tanggal_mulai": "2024-01-15",
        "jatuh_tempo_hari": 28,
        "metode_pembayaran": "Prorate",
    }
    made = staff.post(LIST, 201, json=sent)
    assert made.items() >= (sent | {"harga": 500000, "status": "Aktif", "tanggal_berhenti": None}).items()
    one = f"{LIST}{made['id']}"
    staff.post(LIST, 409, json=sent)
    changed = staff.call("PATCH", one, json={"paket_id": fast, "jatuh_tempo_hari": 5, "alasan": "upgrade"})
    assert (changed["paket_id"], changed["harga"], changed["jatuh_tempo_hari"]) == (fast, 900000, 5)
    for status in ("Suspended", "Suspended", "Aktif", "Berhenti", "Aktif", "Suspended", "Berhenti"):
        assert staff.call("PATCH", one, json={"status": status})["status"] == status
        assert looker.call("GET", f"/api/pelanggan/{john}")["status"] == status
    staff.call("PATCH", one, 409, json={"status": "Suspended"})
    staff.call("PATCH", one, 409, json={"jatuh_tempo_hari": 3})
    kinds = [change["jenis"] for change in looker.call("GET", f"{one}/riwayat")["data"]]
    assert kinds == ["start", "package", "suspend", "resume", "reopen", "suspend", "end"]


def test_a_list_narrows(looker: Ftth, make: Make, package: int) -> None:
    john, jane = make.customer(package), make.customer(package, name="Jane")
    make.customer(make.package(name="Other"))

    def found(**query: Any) -> list[int]:
        return [item["pelanggan_id"] for item in looker.call("GET", LIST, query_string=query)["data"]]

    assert found(paket_id=package) == [jane, john]
    assert found(pelanggan_id=john) == [john]
    assert (found(status="Berhenti"), found(limit=1, skip=1)) == ([], [jane])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"paket_id": 999}, "paket_id"),
        ({"tanggal_mulai": "2099-01-01"}, "tanggal_mulai"),
        ({"jatuh_tempo_hari": 29}, "jatuh_tempo_hari"),
        ({"metode_pembayaran": "Barter"}, "metode_pembayaran"),
        ({"pelanggan_id": 2**31}, "pelanggan_id"),
    ],
)
def test_a_field_is_wrong(staff: Ftth, make: Make, package: int, changes: dict[str, Any], field: str) -> None:
    sent = {"pelanggan_id": make.customer(), "paket_id": package} | changes
    [fault] = staff.post(LIST, 422, json=sent)["detail"]["errors"]
    assert fault["field"] == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"status": "Tidur"}, "status"),
        ({"status": "Berhenti", "tanggal_berhenti": "2099-01-01"}, "tanggal_berhenti"),
        ({"paket_id": 999}, "paket_id"),
    ],
)
def test_a_change_is_wrong(
    staff: Ftth, make: Make, package: int, changes: dict[str, Any], field: str
) -> None:
    make.customer(package)
    [subscription] = staff.call("GET", LIST)["data"]
    one = f"{LIST}{subscription['id']}"
    [fault] = staff.call("PATCH", one, 422, json=changes)["detail"]["errors"]
    assert fault["field"] == field
    assert staff.call("GET", one) == subscription


@pytest.mark.parametrize("subscription_id", ["0", "999", str(2**80), "x"])
def test_there_is_none(staff: Ftth, subscription_id: str) -> None:
    staff.call("GET", f"{LIST}{subscription_id}", 404)
    staff.call("PATCH", f"{LIST}{subscription_id}", 404, json={})
    staff.call("GET", f"{LIST}{subscription_id}/riwayat", 404)


def test_lookers_look(looker: Ftth) -> None:
    looker.post(LIST, 403, json={})
    looker.call("PATCH", f"{LIST}1", 403, json={})
