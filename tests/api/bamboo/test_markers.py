"""Markers of the mapping app (contract 5)."""

import re
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from tests.api.bamboo.conftest import Sign
from tests.callers import Bamboo
from webapp.accounts.models import Role
from webapp.activity.models import Activity
from webapp.markers import service

MARKERS = "/api/v1/markers"
UNKNOWN = "00000000-0000-4000-8000-000000000001"
CLUMP = {
    "name": "Rumpun petung",
    "description": "Di tepi sungai\ndekat jembatan",
    "strain": "Dendrocalamus asper",
    "quantity": 25,
    "latitude": "-6.914744",
    "longitude": 107.60981,
    "owner_name": "Pak Asep",
    "owner_contact": "081234567890",
}
FIELDS = [
    "id",
    "short_code",
    "name",
    "description",
    "strain",
    "quantity",
    "latitude",
    "longitude",
    "image_url",
    "owner_name",
    "creator_id",
    "created_at",
    "updated_at",
]


def clump(**fields: Any) -> dict[str, Any]:
    return CLUMP | fields


def test_a_marker_from_its_registration_to_its_end(siti: Bamboo) -> None:
    made = siti.post(MARKERS, 201, json=CLUMP)
    assert list(made) == [*FIELDS, "owner_contact"]
    assert uuid.UUID(made["id"]).version == 4
    assert re.fullmatch(r"[0-9A-Z]{8}", made["short_code"])
    assert made["image_url"] is None
    assert made["creator_id"] == siti.get("/api/v1/auth/me")["id"]
    expected = clump(latitude="-6.914744", longitude="107.60981")
    assert {name: made[name] for name in CLUMP} == expected
    assert siti.get(f"{MARKERS}/{made['id']}") == made
    light = {name: made[name] for name in ("id", "short_code", "name", "latitude", "longitude")}
    assert siti.get(MARKERS) == [light]
    changed = siti.call("PUT", f"{MARKERS}/{made['id']}", json={"quantity": 30})
    assert changed == made | {"quantity": 30, "updated_at": changed["updated_at"]}
    assert siti.call("DELETE", f"{MARKERS}/{made['id']}") is None
    siti.get(f"{MARKERS}/{made['id']}", 404)
    siti.call("DELETE", f"{MARKERS}/{made['id']}", 404)


def test_a_name_and_a_place_are_enough(siti: Bamboo) -> None:
    made = siti.post(MARKERS, 201, json={"name": " Ori ", "latitude": 0, "longitude": "-180"})
    assert (made["name"], made["strain"], made["quantity"]) == ("Ori", "", 0)
    assert (made["latitude"], made["longitude"]) == ("0", "-180")


@pytest.mark.parametrize(
    ("given", "answered"),
    [
        ("90", "90"),
        (-90.0, "-90"),
        ("-6.91474412345678", "-6.91474412"),  # what a phone's chip says
        (1e-9, "0"),
        (12.345678901234, "12.3456789"),
        ("+5.5", "5.5"),
        (" 7 ", "7"),
    ],
)
def test_degrees_have_up_to_eight_decimals(siti: Bamboo, given: Any, answered: str) -> None:
    assert siti.post(MARKERS, 201, json=clump(latitude=given))["latitude"] == answered


BAD = [
    ("latitude", 91),
    ("latitude", -90.00000001),
    ("latitude", "91"),
    ("latitude", "NaN"),
    ("latitude", "Infinity"),
    ("latitude", "1e1"),
    ("latitude", "6,9"),
    ("latitude", "٦"),
    ("latitude", True),
    ("latitude", None),
    ("latitude", ""),
    ("latitude", [6]),
    ("latitude", "9" * 5000),
    ("longitude", 180.5),
    ("longitude", "-181"),
    ("name", ""),
    ("name", "   "),
    ("name", None),
    ("name", 7),
    ("name", "x" * 101),
    ("name", "a\x00b"),
    ("name", "a\nb"),
    ("description", "a\x00b"),
    ("description", "x" * 10_001),
    ("strain", "x" * 101),
    ("quantity", -1),
    ("quantity", 2**31),
    ("quantity", 10**30),
    ("quantity", 1.5),
    ("quantity", "many"),
    ("quantity", True),
    ("owner_name", "x" * 101),
    ("owner_contact", "x" * 51),
    ("id", "not-a-uuid"),
    ("id", 5),
]


@pytest.mark.parametrize(
    ("field", "value"), BAD, ids=[f"{field}-{str(value)[:12]!r}" for field, value in BAD]
)
def test_a_bad_field_is_400_and_named(siti: Bamboo, field: str, value: Any) -> None:
    assert list(siti.post(MARKERS, 400, json=clump(**{field: value}))["details"]) == [field]
    assert siti.get(MARKERS) == []


def test_every_bad_field_is_named_at_once(siti: Bamboo) -> None:
    meta = siti.post(MARKERS, 400, json={"latitude": 91, "quantity": -1})
    assert meta["message"] == "Validation failed"
    assert meta["details"] == {
        "name": "Field is required",
        "latitude": "Must be a number from -90 to 90",
        "longitude": "Field is required",
        "quantity": "Must be a whole number, 0 or more",
    }


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"name": "a", "latitude": 1e309, "longitude": 1}', 400),
        (b'{"name": "a", "latitude": NaN, "longitude": 1}', 400),
        (b'{"name": "\\ud800", "latitude": 1, "longitude": 1}', 400),
        (b'{"name": "a\\u0000", "latitude": 1, "longitude": 1}', 400),
        (b"{", 400),
        (b"[]", 400),
        (b"", 400),
        (b" " * 1_100_000, 413),
    ],
)
def test_bodies_that_are_none_are_refused(siti: Bamboo, body: bytes, status: int) -> None:
    siti.post(MARKERS, status, data=body, content_type="application/json")
    siti.post(MARKERS, 415, data=b"x", content_type="text/plain")


def test_the_same_id_twice_is_one_marker(siti: Bamboo, budi: Bamboo) -> None:
    id = str(uuid.uuid4())
    made = siti.post(MARKERS, 201, json=clump(id=id))
    assert made["id"] == id
    assert siti.post(MARKERS, 200, json=clump(id=id, name="Other")) == made
    assert len(siti.get(MARKERS)) == 1
    budi.post(MARKERS, 409, json=clump(id=id))


def test_two_that_send_the_same_id_at_once_make_one_marker(app: Flask, siti: Bamboo) -> None:
    id = str(uuid.uuid4())

    def send(_: int) -> int:
        caller = Bamboo(app.test_client())
        return caller.raw("POST", MARKERS, headers=siti.headers, json=clump(id=id)).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(send, range(4))) == [200, 200, 200, 201]


def test_codes_that_are_taken_are_not_given_again(siti: Bamboo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "CODE_LENGTH", 1)  # of 36 codes most will be taken
    codes = [siti.post(MARKERS, 201, json=CLUMP)["short_code"] for _ in range(30)]
    assert len(set(codes)) == 30


def test_what_is_absent_from_a_change_stays_and_what_is_empty_is_emptied(siti: Bamboo) -> None:
    made = siti.post(MARKERS, 201, json=CLUMP)
    path = f"{MARKERS}/{made['id']}"
    changed = siti.call("PUT", path, json={"strain": "", "longitude": 110, "description": None})
    assert changed | {"updated_at": ""} == made | {
        "strain": "",
        "description": "",
        "longitude": "110",
        "updated_at": "",
    }
    siti.call("PUT", path, 400, json={"name": ""})
    siti.call("PUT", path, 400, json={"latitude": None})
    assert siti.call("PUT", path, json={}) == changed


def test_a_moved_marker_is_found_where_it_is(siti: Bamboo) -> None:
    made = siti.post(MARKERS, 201, json=CLUMP)
    siti.call("PUT", f"{MARKERS}/{made['id']}", json={"latitude": 3.5, "longitude": 98.6})
    assert siti.get(MARKERS, bbox="107,-7,108,-6") == []
    assert len(siti.get(MARKERS, bbox="98,3,99,4")) == 1


def test_members_see_their_own_and_nothing_else(siti: Bamboo, budi: Bamboo) -> None:
    made = siti.post(MARKERS, 201, json=CLUMP)
    path = f"{MARKERS}/{made['id']}"
    assert budi.get(MARKERS) == []
    body = budi.raw("GET", f"{MARKERS}/paginated").json
    assert body is not None
    assert body["data"] == []
    assert budi.raw("GET", f"{MARKERS}/export.csv").text.count("\n") == 1
    budi.get(path, 404)
    budi.call("PUT", path, 404, json={"name": "Mine"})
    budi.call("DELETE", path, 404)
    budi.get(f"{path}/qr", 404)


def test_viewers_see_all_and_operators_change_all(siti: Bamboo, office: Bamboo, sign_in: Sign) -> None:
    path = f"{MARKERS}/{siti.post(MARKERS, 201, json=CLUMP)['id']}"
    viewer = sign_in("viewer", Role.VIEWER)
    assert viewer.get(path)["owner_contact"] == "081234567890"
    viewer.call("PUT", path, 403, json={"name": "Mine"})
    viewer.call("DELETE", path, 403)
    assert office.call("PUT", path, json={"name": "Ours"})["name"] == "Ours"
    office.call("DELETE", path)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", MARKERS),
        ("GET", f"{MARKERS}/paginated"),
        ("POST", MARKERS),
        ("GET", f"{MARKERS}/{UNKNOWN}"),
        ("PUT", f"{MARKERS}/{UNKNOWN}"),
        ("DELETE", f"{MARKERS}/{UNKNOWN}"),
        ("GET", f"{MARKERS}/{UNKNOWN}/qr"),
        ("GET", f"{MARKERS}/export.csv"),
        ("GET", f"{MARKERS}/export.xlsx"),
        ("GET", f"{MARKERS}/export.geojson"),
        ("GET", f"{MARKERS}/light.geojson"),
        ("POST", f"{MARKERS}/import"),
    ],
)
def test_without_a_token_it_is_401(anyone: Bamboo, method: str, path: str) -> None:
    anyone.call(method, path, 401)


def test_anyone_may_look_a_code_up_without_the_owners_contact(siti: Bamboo, anyone: Bamboo) -> None:
    made = siti.post(MARKERS, 201, json=CLUMP)
    seen = anyone.get(f"{MARKERS}/code/{made['short_code'].lower()}")
    assert list(seen) == FIELDS
    assert seen == {name: made[name] for name in FIELDS}
    anyone.get(f"{MARKERS}/code/ZZZZZZZZ", 404)
    anyone.get(f"{MARKERS}/code/%00", 404)


def test_codes_can_not_be_tried_in_bulk(anyone: Bamboo) -> None:
    answers = [anyone.raw("GET", f"{MARKERS}/code/{number:08}") for number in range(61)]
    assert {answer.status_code for answer in answers[:60]} == {404}
    assert answers[60].status_code == 429
    assert int(answers[60].headers["Retry-After"]) > 0


def test_the_qr_code_leads_to_the_public_page(siti: Bamboo) -> None:
    made = siti.post(MARKERS, 201, json=CLUMP)
    png = siti.raw("GET", f"{MARKERS}/{made['id']}/qr")
    assert png.content_type == "image/png"
    assert png.data.startswith(b"\x89PNG")
    svg = siti.raw("GET", f"{MARKERS}/{made['id']}/qr?format=svg")
    assert svg.content_type.startswith("image/svg+xml")
    assert b"<svg" in svg.data
    siti.get(f"{MARKERS}/{made['id']}/qr", 400, format="gif")
    siti.get(f"{MARKERS}/{uuid.uuid4()}/qr", 404)


def test_the_log_tells_who_changed_what(siti: Bamboo, logged: Callable[..., list[Activity]]) -> None:
    made = siti.post(MARKERS, 201, json=CLUMP)
    siti.call("PUT", f"{MARKERS}/{made['id']}", json={"quantity": 30})
    line = logged(action="update", object_type="markers")[0]
    assert (line.door, line.actor_name, line.changes) == ("bamboo", "siti", {"quantity": [25, 30]})


@pytest.mark.parametrize("path", [f"{MARKERS}/1", f"{MARKERS}/none", f"{MARKERS}/{UNKNOWN}/none"])
def test_what_is_not_there_is_404_in_the_envelope(siti: Bamboo, path: str) -> None:
    siti.get(path, 404)
    siti.call("PATCH", MARKERS, 405)
