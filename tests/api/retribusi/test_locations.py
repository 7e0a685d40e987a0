"""Locations (contract 1, Frontend CRUD)."""

from typing import Any

import pytest

from tests.callers import Retribusi
from tests.support.factories import Make

PATH = "/retribusi/v1/frontend/locations"
EXAMPLE = {"code": "kerkof_02", "name": "Kerkof 02", "type": "kerkof", "is_active": 1}


def test_the_documents_example_is_created_and_listed(operator: Retribusi, viewer: Retribusi) -> None:
    assert operator.post(PATH, 201, json=EXAMPLE) == EXAMPLE
    assert viewer.listed(PATH) == ([EXAMPLE], {"page": 1, "limit": 20, "total": 1, "pages": 1})


def test_an_update_changes_what_it_names_and_never_the_code(operator: Retribusi) -> None:
    operator.post(PATH, 201, json=EXAMPLE)
    changed = operator.put(f"{PATH}/kerkof_02", json={"code": "other", "name": "Kerkof 02 Updated"})
    assert changed == EXAMPLE | {"name": "Kerkof 02 Updated"}


def test_a_deleted_location_stays_listed_as_inactive(operator: Retribusi, admin: Retribusi) -> None:
    operator.post(PATH, 201, json=EXAMPLE)
    assert admin.delete(f"{PATH}/kerkof_02") == {"deleted": True}
    assert operator.listed(PATH)[0] == [EXAMPLE | {"is_active": 0}]
    assert operator.put(f"{PATH}/kerkof_02", json={"is_active": 1}) == EXAMPLE


def test_a_second_location_with_the_code_is_a_conflict(operator: Retribusi) -> None:
    operator.post(PATH, 201, json=EXAMPLE)
    assert operator.post(PATH, 409, json=EXAMPLE)["message"] == "Resource already exists"


def test_an_unknown_location_is_not_found(admin: Retribusi) -> None:
    admin.put(f"{PATH}/nowhere", 404, json={"name": "x"})
    admin.delete(f"{PATH}/nowhere", 404)


def test_pages_are_as_asked_for(viewer: Retribusi, make: Make) -> None:
    for number in range(5):
        make.location(f"loc_{number}")
    items, meta = viewer.listed(PATH, page=2, limit=2)
    assert [item["code"] for item in items] == ["loc_2", "loc_3"]
    assert meta == {"page": 2, "limit": 2, "total": 5, "pages": 3}
    assert viewer.listed(PATH, location_code="loc_4")[1]["total"] == 1
    assert viewer.listed(PATH, page=9)[0] == []


@pytest.mark.parametrize(
    "query", [{"page": 0}, {"page": "x"}, {"limit": 0}, {"limit": 101}, {"page": 10**20}]
)
def test_a_page_out_of_range_is_invalid(viewer: Retribusi, query: dict[str, Any]) -> None:
    assert set(viewer.get(PATH, 422, **query)["fields"]) == set(query)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", ""), ("code", "a b"), ("code", "a/b"), ("code", "x" * 65), ("code", "a\n"), ("code", 5),
        ("name", ""), ("name", "   "), ("name", "x" * 151), ("name", "a\x00b"),
        ("name", "a\x1bb"), ("name", "a\uffffb"), ("name", None),
        ("type", "x" * 51), ("is_active", 2), ("is_active", "yes"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named(operator: Retribusi, field: str, value: Any) -> None:
    assert list(operator.post(PATH, 422, json=EXAMPLE | {field: value})["fields"]) == [field]


@pytest.mark.parametrize("value", [0, 1, True, False])
def test_is_active_reads_numbers_and_booleans(operator: Retribusi, value: Any) -> None:
    assert operator.post(PATH, 201, json=EXAMPLE | {"is_active": value})["is_active"] == int(value)


def test_who_may_do_what(
    stranger: Retribusi, member: Retribusi, viewer: Retribusi, operator: Retribusi
) -> None:
    stranger.get(PATH, 401)
    stranger.post(PATH, 401, json=EXAMPLE)
    member.get(PATH, 403)
    viewer.post(PATH, 403, json=EXAMPLE)
    operator.post(PATH, 201, json=EXAMPLE)
    assert operator.delete(f"{PATH}/kerkof_02", 403)["message"] == "Insufficient permissions"
