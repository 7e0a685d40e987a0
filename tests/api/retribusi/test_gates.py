"""Gates and streams (contract 1, Frontend CRUD)."""

from typing import Any

import pytest

from tests.callers import Retribusi
from tests.support.factories import Make

PATH = "/retribusi/v1/frontend/gates"
EXAMPLE = {
    "location_code": "kerkof_01",
    "gate_code": "gate02",
    "name": "Gate 02",
    "direction": "out",
    "is_active": 1,
}


def test_the_documents_example_is_created_and_listed(
    operator: Retribusi, viewer: Retribusi, make: Make
) -> None:
    make.location()
    assert operator.post(PATH, 201, json=EXAMPLE) == EXAMPLE
    assert viewer.listed(PATH)[0] == [EXAMPLE]
    assert viewer.listed("/retribusi/v1/frontend/streams")[0] == [EXAMPLE]
    assert viewer.listed(PATH, location_code="nowhere")[0] == []


def test_a_gate_needs_a_location_and_a_code_of_its_own(operator: Retribusi, make: Make) -> None:
    assert operator.post(PATH, 404, json=EXAMPLE)["message"] == "Location not found"
    make.location()
    operator.post(PATH, 201, json=EXAMPLE)
    operator.post(PATH, 409, json=EXAMPLE)


def test_an_update_keeps_the_codes(operator: Retribusi, make: Make) -> None:
    make.location()
    operator.post(PATH, 201, json=EXAMPLE)
    body = {"name": "Gate 02 Updated", "direction": "in", "is_active": 0, "gate_code": "other"}
    changed = operator.put(f"{PATH}/kerkof_01/gate02", json=body)
    assert changed == EXAMPLE | {"name": "Gate 02 Updated", "direction": "in", "is_active": 0}
    operator.put(f"{PATH}/kerkof_01/gate99", 404, json=body)


def test_a_deleted_gate_stays_listed_as_inactive(admin: Retribusi, make: Make) -> None:
    make.location()
    make.gate(code="gate02")
    assert admin.delete(f"{PATH}/kerkof_01/gate02") == {"deleted": True}
    assert [row["is_active"] for row in admin.listed(PATH)[0]] == [0]


def test_coordinates_are_exact_to_eight_places(operator: Retribusi, make: Make) -> None:
    make.location()
    gate = operator.post(PATH, 201, json=EXAMPLE | {"latitude": -6.91474812, "longitude": 107.60981099})
    assert (gate["latitude"], gate["longitude"]) == ("-6.91474812", "107.60981099")


@pytest.mark.parametrize(
    ("field", "value"),
    [("direction", "up"), ("direction", None), ("latitude", 91), ("latitude", "NaN"), ("longitude", 180.1)],
)
def test_a_wrong_field_is_named(operator: Retribusi, make: Make, field: str, value: Any) -> None:
    make.location()
    assert list(operator.post(PATH, 422, json=EXAMPLE | {field: value})["fields"]) == [field]


def test_who_may_do_what(stranger: Retribusi, viewer: Retribusi, operator: Retribusi) -> None:
    stranger.get(PATH, 401)
    viewer.post(PATH, 403, json=EXAMPLE)
    viewer.put(f"{PATH}/a/b", 403, json={})
    operator.delete(f"{PATH}/a/b", 403)
