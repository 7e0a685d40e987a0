"""How often an account may call contract 2 (its Rate Limiting), counted for all processes."""

import pytest

from tests.api.ftth.conftest import Person
from tests.callers import Ftth
from webapp.accounts.models import Role
from webapp.extensions import limiter

LIST = "/api/notifications/"


@pytest.fixture
def siti(person: Person) -> Ftth:
    return person("siti", Role.VIEWER)


def test_a_hundred_calls_a_minute_for_each_account(siti: Ftth, person: Person) -> None:
    for _ in range(100):
        siti.raw("GET", LIST)
    assert siti.call("GET", LIST, 429)["retry_after"] <= 60
    person("budi", Role.VIEWER).call("GET", LIST)


def test_it_can_be_switched_off(siti: Ftth, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "enabled", False)
    assert {siti.raw("GET", LIST).status_code for _ in range(101)} == {200}
