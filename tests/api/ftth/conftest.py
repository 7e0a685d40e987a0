"""Contract 2's people: who may look, who may write, who may do everything."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.callers import Ftth, Pair
from tests.support.factories import Make
from webapp.accounts.models import Role


@pytest.fixture
def looker(app: Flask, make: Make, pair: Callable[..., Pair]) -> Ftth:
    return Ftth(app.test_client(), token=pair(make.user("looker", Role.VIEWER), "ftth").access)


@pytest.fixture
def staff(app: Flask, make: Make, pair: Callable[..., Pair]) -> Ftth:
    """A billing clerk."""
    return Ftth(app.test_client(), token=pair(make.user("clerk", Role.OPERATOR), "ftth").access)


@pytest.fixture
def boss(app: Flask, make: Make, pair: Callable[..., Pair]) -> Ftth:
    return Ftth(app.test_client(), token=pair(make.user("boss", Role.ADMIN), "ftth").access)
