"""What slows callers down, where it does not belong to one door."""

import pytest
from flask import Flask

from tests.callers import Ftth
from tests.support.factories import PASSWORD, Make
from webapp.accounts.models import Role
from webapp.extensions import limiter


def test_limits_that_are_switched_off_stand_in_nobodys_way(
    app: Flask, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.user("siti", Role.VIEWER)
    monkeypatch.setattr(limiter, "enabled", False)  # RATELIMIT_ENABLED=0,
    monkeypatch.setattr(limiter, "_limiter", None)  # with which it is never set up
    for _ in range(6):
        Ftth(app.test_client()).post("/api/users/token", json={"username": "siti", "password": PASSWORD})
