"""Customers of contract 2: its own examples, its two forms of errors, and what people send by mistake."""

from typing import Any

import pytest

from tests.callers import Ftth
from tests.support.factories import Make

LIST = "/api/pelanggan/"
EXAMPLE: dict[str, Any] = {
    "nama": "John Doe",
    "email": "john@example.com",
    "no_telp": "08123456789",
    "no_ktp": "1234567890123456",
    "alamat": "Jl. Example No. 123",
    "id_brand": "JAKINET",
    "tanggal_instalasi": "2024-01-15",
}
MODEL = [
    "id",
    "nama",
    "email",
    "no_telp",
    "no_ktp",
    "alamat",
    "alamat_2",
    "blok",
    "unit",
    "tanggal_instalasi",
    "id_brand",
    "status",
    "created_at",
    "updated_at",
]


@pytest.fixture
def package(make: Make) -> int:
    make.brand()
    return make.package()


def _faults(answer: Any) -> dict[str, str]:
    assert answer["detail"]["message"] == "Validation failed"
    return {fault["field"]: fault["message"] for fault in answer["detail"]["errors"]}


def test_the_documents_customer(staff: Ftth, looker: Ftth, package: int) -> None:
    made = staff.post(LIST, 201, json=EXAMPLE)
    assert list(made) == MODEL
    assert {name: made[name] for name in EXAMPLE} == EXAMPLE
    assert (made["status"], made["alamat_2"], made["blok"], made["unit"]) == ("Aktif", "", "", "")
    assert made["created_at"].endswith("Z")
    one = f"{LIST}{made['id']}"
    assert looker.call("GET", LIST) == {"data": [made], "total_count": 1, "skip": 0, "limit": 15}
    assert looker.call("GET", one) == made | {
        "bahasa": "id",
        "tanpa_pesan": False,
        "jangan_suspend": False,
        "harga_layanan": None,
        "langganan": None,
        "data_teknis": None,
    }
    changed = staff.call("PATCH", one, json={"nama": "John Smith", "alamat": "Jl. Updated Address No. 456"})
    assert changed == made | {
        "nama": "John Smith",
        "alamat": "Jl. Updated Address No. 456",
        "updated_at": changed["updated_at"],
    }
    response = staff.raw("DELETE", one)
    assert (response.status_code, response.data) == (204, b"")
    staff.call("GET", one, 404)


def test_the_detail_has_package_and_line(staff: Ftth, package: int) -> None:
    terms = {"paket_id": package, "jatuh_tempo_hari": 5, "metode_pembayaran": "Prorate"}
    made = staff.post(LIST, 201, json=EXAMPLE | {"langganan": terms})
    line = {"pelanggan_id": made["id"], "ip_pelanggan": "192.168.1.100", "vlan": 100}
    staff.post("/api/data_teknis/", 201, json=line)
    detail = staff.call("GET", f"{LIST}{made['id']}/")
    assert detail["harga_layanan"] == {"id": package, "nama_paket": "Internet 50Mbps", "harga": 500000}
    assert detail["data_teknis"].items() >= line.items()
    assert detail["langganan"]["tanggal_mulai"] == "2024-01-15"
    assert (detail["langganan"]["jatuh_tempo_hari"], detail["langganan"]["metode_pembayaran"]) == (
        5,
        "Prorate",
    )


def test_null_clears_what_may_be_empty(staff: Ftth, package: int) -> None:
    made = staff.post(LIST, 201, json=EXAMPLE | {"alamat_2": "RT 01/RW 02", "blok": "A", "unit": "123"})
    one, optional = f"{LIST}{made['id']}", ["email", "tanggal_instalasi", "alamat_2", "blok", "unit"]
    cleared = staff.call("PATCH", one, json=dict.fromkeys(optional))
    assert [cleared[name] for name in optional] == [None, None, "", "", ""]
    required = ["nama", "no_telp", "no_ktp", "alamat", "id_brand"]
    refused = staff.call("PATCH", one, 422, json=dict.fromkeys(required))
    assert list(_faults(refused)) == required


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("email", "not-an-address", "Email format is invalid"),
        ("no_ktp", "123", "Must have 16 digits"),
        ("no_ktp", "١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦", "Must have 16 digits"),
        ("no_telp", "12345", "Must begin with 0, 62 or +62, followed by 9 to 13 digits"),
        ("nama", "a\x00b", "Must not contain control characters"),
        ("nama", " ", "Must not be blank"),
        ("nama", 7, "Must be text"),
        ("nama", "x" * 151, "Must have at most 150 characters"),
        ("tanggal_instalasi", "2025-02-30", "Must be a date as YYYY-MM-DD"),
        ("tanggal_instalasi", 20250101, "Must be a date as YYYY-MM-DD"),
        ("tanggal_instalasi", "0001-01-01", "Must be a date from 1980 to 2100"),
        ("id_brand", "NOPE", "There is no such brand"),
    ],
)
def test_a_field_is_wrong(staff: Ftth, package: int, field: str, value: object, message: str) -> None:
    assert _faults(staff.post(LIST, 422, json=EXAMPLE | {field: value})) == {field: message}


def test_what_is_missing_is_said_at_once(staff: Ftth) -> None:
    required = ["nama", "no_telp", "no_ktp", "alamat", "id_brand"]
    assert _faults(staff.post(LIST, 422, json={})) == dict.fromkeys(required, "Field is required")


@pytest.mark.parametrize("body", [b'{"nama": "\\ud800"}', b"[1]", b"{", b'{"nama": NaN}'])
def test_a_body_that_is_none(staff: Ftth, body: bytes) -> None:
    staff.call("POST", LIST, 422, data=body, content_type="application/json")


@pytest.mark.parametrize("package_id", [2**31, 2**63, -1, "x", 999])
def test_a_package_that_there_is_not(staff: Ftth, package: int, package_id: object) -> None:
    refused = staff.post(LIST, 422, json=EXAMPLE | {"langganan": {"paket_id": package_id}})
    assert [name.removeprefix("langganan.") for name in _faults(refused)] == ["paket_id"]
    assert staff.call("GET", LIST)["total_count"] == 0


def test_a_name_like_a_formula_is_a_name(staff: Ftth, package: int) -> None:
    name = '=HYPERLINK("http://evil.example","x")'
    assert staff.post(LIST, 201, json=EXAMPLE | {"nama": name})["nama"] == name


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"email": "JOHN@example.com", "no_ktp": "1" * 16}, "Another customer has this e-mail"),
        ({"email": None}, "Another customer has this KTP number"),
    ],
)
def test_somebody_else_has_it(staff: Ftth, package: int, changes: dict[str, Any], detail: str) -> None:
    staff.post(LIST, 201, json=EXAMPLE)
    refused = staff.post(LIST, 409, json=EXAMPLE | changes)
    assert refused == {"detail": detail, "status": "error", "error_code": "CONFLICT"}


def test_search_and_filters_come_through(looker: Ftth, make: Make, package: int) -> None:
    make.brand("OTHER")
    for number in range(3):
        make.customer(name=f"Ani {number}", address=f"Jl. {number}")
    make.customer(package, name="Budi", brand_code="JAKINET")
    make.customer(name="Tono", brand_code="OTHER", status="Berhenti")

    def names(**query: Any) -> list[str]:
        return [item["nama"] for item in looker.call("GET", LIST, query_string=query)["data"]]

    assert names(search="ani") == ["Ani 2", "Ani 1", "Ani 0"]
    assert names(alamat="jl. 1") == ["Ani 1"]
    assert names(id_brand="OTHER") == ["Tono"]
    assert names(status="Berhenti") == ["Tono"]
    assert names(paket_id=package) == ["Budi"]
    part = looker.call("GET", LIST, query_string={"skip": 1, "limit": 2})
    assert (part["total_count"], part["skip"], part["limit"]) == (5, 1, 2)
    assert [item["nama"] for item in part["data"]] == ["Budi", "Ani 2"]


def test_only_the_fields_that_are_wanted(looker: Ftth, make: Make, package: int) -> None:
    make.customer(package, name="Budi")
    wanted = {"fields": "nama, no_telp,harga_layanan"}
    [item] = looker.call("GET", LIST, query_string=wanted)["data"]
    assert item == {
        "nama": "Budi",
        "no_telp": "08123456789",
        "harga_layanan": {"id": package, "nama_paket": "Internet 50Mbps", "harga": 500000},
    }


def test_a_list_costs_the_same_however_long(
    looker: Ftth, make: Make, package: int, queries: list[str]
) -> None:
    for number in range(6):
        make.customer(package, name=f"C{number}")
    everything = {"fields": "id,harga_layanan,data_teknis,langganan"}
    costs = []
    for limit in (2, 6):
        queries.clear()
        looker.call("GET", LIST, query_string=everything | {"limit": limit})
        costs.append(len(queries))
    assert costs[0] == costs[1]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": 101}, "limit"),
        ({"limit": 0}, "limit"),
        ({"limit": "x"}, "limit"),
        ({"skip": -1}, "skip"),
        ({"skip": 2**63}, "skip"),
        ({"fields": "nama,sandi"}, "fields"),
        ({"search": "x" * 101}, "search"),
        ({"status": "Tidur"}, "status"),
        ({"paket_id": 2**31}, "paket_id"),
    ],
)
def test_a_list_that_nobody_can_want(looker: Ftth, query: dict[str, Any], field: str) -> None:
    assert list(_faults(looker.call("GET", LIST, 422, query_string=query))) == [field]


@pytest.mark.parametrize("customer_id", ["0", "999", str(2**31), str(2**80), "x", "-1"])
def test_nobody_has_this_id(staff: Ftth, customer_id: str) -> None:
    for method, body in (("GET", None), ("PATCH", {"nama": "X"}), ("DELETE", None)):
        staff.call(method, f"{LIST}{customer_id}", 404, json=body)


def test_a_deleted_customer_is_restored_by_an_admin(
    staff: Ftth, boss: Ftth, looker: Ftth, package: int
) -> None:
    made = staff.post(LIST, 201, json=EXAMPLE | {"langganan": {"paket_id": package}})
    line = staff.post("/api/data_teknis", 201, json={"pelanggan_id": made["id"]})
    one = f"{LIST}{made['id']}"
    before = staff.call("GET", one)
    staff.raw("DELETE", one)
    for method, path in (("GET", one), ("PATCH", one), ("DELETE", one)):
        staff.call(method, path, 404, json={} if method == "PATCH" else None)
    staff.call("GET", f"/api/data_teknis/{line['id']}", 404)
    staff.call("GET", f"/api/data_teknis/pelanggan/{made['id']}", 404)
    staff.call("GET", f"/api/langganan/{before['langganan']['id']}", 404)
    staff.post("/api/data_teknis", 404, json={"pelanggan_id": made["id"]})
    staff.post("/api/langganan", 404, json={"pelanggan_id": made["id"], "paket_id": package})
    staff.post(f"{one}/restore", 403)
    [deleted] = boss.call("GET", f"{LIST}deleted")["data"]
    assert (deleted["id"], deleted["deleted_at"][-1]) == (made["id"], "Z")
    restored = boss.post(f"{one}/restore")
    assert restored | {"updated_at": ""} == before | {"updated_at": ""}
    boss.post(f"{one}/restore", 404)


def test_what_was_taken_meanwhile_forbids_restoring(staff: Ftth, boss: Ftth, package: int) -> None:
    made = staff.post(LIST, 201, json=EXAMPLE)
    staff.raw("DELETE", f"{LIST}{made['id']}")
    staff.post(LIST, 201, json=EXAMPLE | {"email": None})
    assert boss.post(f"{LIST}{made['id']}/restore", 409)["detail"] == "Another customer has this KTP number"


def test_who_may_what(looker: Ftth, package: int) -> None:
    looker.post(LIST, 403, json=EXAMPLE)
    for method in ("PATCH", "DELETE"):
        looker.call(method, f"{LIST}1", 403, json={})
    looker.call("GET", f"{LIST}deleted", 403)
