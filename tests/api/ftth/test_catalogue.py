"""Brands and packages in contract 2's style."""

from typing import Any

import pytest

from tests.callers import Ftth
from tests.support.factories import Make

BRANDS, PACKAGES = "/api/brands/", "/api/paket/"
BRAND: dict[str, Any] = {
    "id_brand": "jakinet",
    "nama": "Jakinet",
    "pajak_persen": 11,
    "pola_invoice": "{brand}/{year}-{month}/{sequence}",
    "masa_tenggang_hari": 5,
}
PACKAGE: dict[str, Any] = {
    "id_brand": "JAKINET",
    "nama_paket": "Internet 50Mbps",
    "kecepatan": 50,
    "harga": 500000,
}


def test_a_brand_s_life(boss: Ftth, looker: Ftth) -> None:
    made = boss.post(BRANDS, 201, json=BRAND)
    assert (
        made.items() >= (BRAND | {"id_brand": "JAKINET", "xendit_key_name": "JAKINET", "aktif": True}).items()
    )
    one = f"{BRANDS}jakinet"
    assert looker.call("GET", one) == made
    assert looker.call("GET", BRANDS)["data"] == [made]
    changed = boss.call("PATCH", one, json={"pajak_persen": "12.5", "masa_tenggang_hari": None})
    assert (changed["pajak_persen"], changed["masa_tenggang_hari"]) == (12.5, None)
    boss.post(BRANDS, 409, json=BRAND)
    assert boss.raw("DELETE", one).status_code == 204
    looker.call("GET", one, 404)


def test_a_package_s_life(boss: Ftth, looker: Ftth, make: Make) -> None:
    make.brand()
    made = boss.post(PACKAGES, 201, json=PACKAGE)
    assert made.items() >= (PACKAGE | {"profil_mikrotik": "Internet 50Mbps", "aktif": True}).items()
    one = f"{PACKAGES}{made['id']}"
    boss.post(PACKAGES, 409, json=PACKAGE)
    changed = boss.call("PATCH", one, json={"harga": 550000, "aktif": False})
    assert looker.call("GET", one) == changed
    assert looker.call("GET", PACKAGES, query_string={"aktif": "true"})["total_count"] == 0
    assert looker.call("GET", PACKAGES, query_string={"id_brand": "jakinet"})["data"] == [changed]
    assert boss.raw("DELETE", one).status_code == 204


def test_what_is_in_use_is_switched_off_not_deleted(boss: Ftth, make: Make) -> None:
    make.brand()
    package = make.package()
    make.customer(package)
    for path in (f"{BRANDS}JAKINET", f"{PACKAGES}{package}"):
        refused = boss.call("DELETE", path, 409)
        assert refused["detail"] == "Is in use: switch it off instead"
        assert boss.call("PATCH", path, json={"aktif": False})["aktif"] is False


@pytest.mark.parametrize(
    ("path", "sent", "field"),
    [
        (BRANDS, BRAND | {"id_brand": "../etc"}, "id_brand"),
        (BRANDS, BRAND | {"pajak_persen": 101}, "pajak_persen"),
        (BRANDS, BRAND | {"pajak_persen": 1.234}, "pajak_persen"),
        (BRANDS, BRAND | {"pola_invoice": "INV-{year}"}, "pola_invoice"),
        (BRANDS, BRAND | {"pola_invoice": "{sequence}{0.__class__}"}, "pola_invoice"),
        (BRANDS, BRAND | {"masa_tenggang_hari": -1}, "masa_tenggang_hari"),
        (BRANDS, BRAND | {"xendit_key_name": "A-B"}, "xendit_key_name"),
        (PACKAGES, PACKAGE | {"id_brand": "NOPE"}, "id_brand"),
        (PACKAGES, PACKAGE | {"harga": -1}, "harga"),
        (PACKAGES, PACKAGE | {"harga": 2**63}, "harga"),
        (PACKAGES, PACKAGE | {"harga": 0.5}, "harga"),
        (PACKAGES, PACKAGE | {"nama_paket": ""}, "nama_paket"),
    ],
)
def test_a_field_is_wrong(boss: Ftth, path: str, sent: dict[str, Any], field: str) -> None:
    [fault] = boss.post(path, 422, json=sent)["detail"]["errors"]
    assert fault["field"] == field


@pytest.mark.parametrize("path", [f"{BRANDS}NOPE", f"{PACKAGES}999", f"{PACKAGES}{2**80}"])
def test_there_is_none(boss: Ftth, path: str) -> None:
    for method, body in (("GET", None), ("PATCH", {}), ("DELETE", None)):
        boss.call(method, path, 404, json=body)


def test_only_admins_sell(staff: Ftth) -> None:
    for path, sent in ((BRANDS, BRAND), (PACKAGES, PACKAGE)):
        staff.post(path, 403, json=sent)
        staff.call("PATCH", f"{path}1", 403, json={})
        staff.call("DELETE", f"{path}1", 403)
