"""How often an account may call contract 2 (its Rate Limiting), counted for all processes."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.callers import Ftth, Pair
from tests.support.factories import Make
from webapp.accounts.models import Role
from webapp.extensions import limiter

LIST = "/api/notifications/"


@pytest.fixture
def siti(app: Flask, make: Make, pair: Callable[..., Pair]) -> Ftth:
    return Ftth(app.test_client(), token=pair(make.user("siti", Role.VIEWER), "ftth").access)


def test_a_hundred_calls_a_minute_for_each_account(
    app: Flask, make: Make, siti: Ftth, pair: Callable[..., Pair]
) -> None:
    for _ in range(100):
        siti.raw("GET", LIST)
    assert siti.call("GET", LIST, 429)["retry_after"] <= 60
    Ftth(app.test_client(), token=pair(make.user("budi", Role.VIEWER), "ftth").access).call("GET", LIST)


def test_it_can_be_switched_off(siti: Ftth, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "enabled", False)
    assert {siti.raw("GET", LIST).status_code for _ in range(101)} == {200}
