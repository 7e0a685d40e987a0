"""Stations (contract 3, H)."""

import re
from typing import Any

import pytest
from flask import Flask

from tests.callers import Datalane
from tests.support.factories import Make

PATH = "/api/stations"
B, C, D = ({"id": number, "name": f"Station {name}"} for number, name in ((2, "B"), (3, "C"), (4, "D")))


def names(caller: Datalane) -> dict[int, str]:
    return {row["id"]: row["name"] for row in caller.get(PATH)["stations"]}


def send(caller: Datalane, method: str, path: str, status: int, code: int, body: Any) -> Any:
    return caller.checked(caller.send(method, path, body), status, code)


def test_the_documents_single_station(partner: Datalane) -> None:
    made = partner.post(PATH, json=B)
    assert list(made) == ["id", "name", "created_at", "updated_at"]
    assert made | B == made
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", made["created_at"])
    assert partner.get(PATH) == {"stations": [made]}


def test_the_documents_batches(partner: Datalane) -> None:
    assert partner.post(PATH, json=[D, C]) == {"count": 2}
    assert list(names(partner)) == [3, 4]
    assert partner.put(PATH, json=[{"id": 3, "name": "Updated Station A"}]) == {"count": 1}
    assert partner.put(f"{PATH}/4", json={"name": "Updated Station Name"}) == {
        "id": 4,
        "name": "Updated Station Name",
    }
    assert names(partner) == {3: "Updated Station A", 4: "Updated Station Name"}
    assert send(partner, "DELETE", PATH, 200, 0, [3, 4]) == {"count": 2}
    assert names(partner) == {}


def test_the_documents_single_delete(partner: Datalane) -> None:
    partner.post(PATH, json=B)
    assert partner.delete(f"{PATH}/2") == {"deleted": 1}
    partner.delete(f"{PATH}/2", 404, 3001)


@pytest.mark.parametrize("batch", [[C, B], [C, D, C]])
def test_a_number_that_is_taken_keeps_the_whole_batch_out(partner: Datalane, batch: list[Any]) -> None:
    partner.post(PATH, json=B)
    partner.post(PATH, 409, 1002, batch)
    partner.post(PATH, 409, 1002, B)
    assert names(partner) == {2: "Station B"}


def test_a_number_that_is_unknown_keeps_the_whole_batch_from_changing(partner: Datalane) -> None:
    partner.post(PATH, json=[B, C])
    other = {"id": 2, "name": "Other"}
    partner.put(PATH, 404, 3001, [other, D])
    partner.put(PATH, 409, 1002, [other, other])
    partner.put(f"{PATH}/9", 404, 3001, {"name": "Other"})
    send(partner, "DELETE", PATH, 404, 3001, [2, 9])
    assert names(partner) == {2: "Station B", 3: "Station C"}


def test_who_deletes_one_twice_in_a_batch_deletes_one(partner: Datalane) -> None:
    partner.post(PATH, json=B)
    assert send(partner, "DELETE", PATH, 200, 0, [2, 2]) == {"count": 1}


@pytest.mark.parametrize(
    "body",
    [
        {"id": -1, "name": "x"},
        {"id": 2**31, "name": "x"},
        {"id": "2", "name": "x"},
        {"id": True, "name": "x"},
        {"id": 2},
        {"id": 2, "name": " "},
        {"id": 2, "name": "x" * 101},
        {"id": 2, "name": "a\x00b"},
        [],
        [B, {"id": 3}],
        [[B]],
        [{"id": number, "name": "x"} for number in range(1001)],
        "B",
        7,
        {},
    ],
)
def test_what_is_no_station_is_refused(partner: Datalane, body: Any) -> None:
    partner.post(PATH, 400, 1002, body)
    assert names(partner) == {}


@pytest.mark.parametrize("body", [[], ["2"], [-1], {"ids": [2]}, [None], 2])
def test_what_is_no_list_of_numbers_deletes_nothing(partner: Datalane, body: Any) -> None:
    partner.post(PATH, json=B)
    response = partner.send("DELETE", PATH, body)
    assert (response.status_code, response.get_json()["data"]) == (400, None)
    assert names(partner) == {2: "Station B"}


def test_everybody_who_is_somebody_may_read_and_only_partners_and_admins_write(
    app: Flask, make: Make, viewer: Datalane, admin: Datalane, stranger: Datalane
) -> None:
    device = Datalane(app.test_client(), key=make.key())
    for reader in (viewer, device, admin):
        assert names(reader) == {}
    stranger.get(PATH, 401, 2001)
    viewer.post(PATH, 403, 2001, B)
    device.post(PATH, 403, 2001, B)
    assert admin.post(PATH, json=B)["id"] == 2


def test_a_station_without_a_signature_is_not_made(partner: Datalane) -> None:
    response = partner.raw("POST", PATH, json=B)
    partner.checked(response, 401, 2006)
    assert names(partner) == {}
