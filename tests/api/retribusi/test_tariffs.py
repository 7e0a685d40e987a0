"""Tariffs and their history (contract 1, Frontend CRUD)."""

from typing import Any

import pytest

from tests.callers import Retribusi
from tests.support.factories import Make

PATH = "/retribusi/v1/frontend/tariffs"
ONE = f"{PATH}/kerkof_01/gate01/motor"
EXAMPLE = {"location_code": "kerkof_01", "gate_code": "gate01", "category": "motor", "price": 5000}


@pytest.fixture(autouse=True)
def _gate(make: Make) -> None:
    make.location()
    make.gate()


def test_the_documents_examples_are_created_changed_and_listed(
    operator: Retribusi, viewer: Retribusi
) -> None:
    assert operator.post(PATH, 201, json=EXAMPLE) == EXAMPLE
    assert operator.put(ONE, json={"price": 6000}) == EXAMPLE | {"price": 6000}
    assert viewer.listed(PATH)[0] == [EXAMPLE | {"price": 6000}]


def test_a_second_tariff_for_the_same_is_a_conflict(operator: Retribusi) -> None:
    operator.post(PATH, 201, json=EXAMPLE)
    operator.post(PATH, 409, json=EXAMPLE)


def test_a_change_in_the_future_is_not_in_force_yet(operator: Retribusi, viewer: Retribusi) -> None:
    operator.post(PATH, 201, json=EXAMPLE)
    operator.put(ONE, json={"price": 9000, "effective_from": 4_000_000_000})
    assert viewer.listed(PATH)[0] == [EXAMPLE]


def test_a_deleted_tariff_is_gone_and_can_be_made_again(operator: Retribusi, admin: Retribusi) -> None:
    operator.post(PATH, 201, json=EXAMPLE)
    assert admin.delete(ONE) == {"deleted": True}
    assert admin.listed(PATH)[0] == []
    admin.delete(ONE, 404)
    operator.put(ONE, 404, json={"price": 1})
    operator.post(PATH, 201, json=EXAMPLE)


def test_free_passage_is_a_price(operator: Retribusi) -> None:
    assert operator.post(PATH, 201, json=EXAMPLE | {"price": 0})["price"] == 0


@pytest.mark.parametrize("price", [-1, 1.5, "5000", None, True, 10**30])
def test_a_price_is_whole_rupiah_from_zero(operator: Retribusi, price: Any) -> None:
    assert list(operator.post(PATH, 422, json=EXAMPLE | {"price": price})["fields"]) == ["price"]


def test_a_negative_price_is_refused_in_the_documents_words(operator: Retribusi) -> None:
    assert operator.post(PATH, 422, json=EXAMPLE | {"price": -1})["fields"] == {"price": "Must be >= 0"}


def test_an_unknown_category_is_invalid_and_an_unknown_gate_not_found(operator: Retribusi) -> None:
    assert list(operator.post(PATH, 422, json=EXAMPLE | {"category": "ox"})["fields"]) == ["category"]
    operator.post(PATH, 404, json=EXAMPLE | {"gate_code": "gate99"})


def test_who_may_do_what(stranger: Retribusi, viewer: Retribusi, operator: Retribusi) -> None:
    stranger.post(PATH, 401, json=EXAMPLE)
    viewer.post(PATH, 403, json=EXAMPLE)
    viewer.put(ONE, 403, json={"price": 1})
    operator.delete(ONE, 403)
