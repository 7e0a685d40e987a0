"""People with the mapping app."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.callers import Bamboo, Pair
from tests.support.factories import Make
from webapp.accounts.models import Role

Sign = Callable[[str, Role], Bamboo]


@pytest.fixture
def sign_in(app: Flask, make: Make, pair: Callable[..., Pair]) -> Sign:
    """`sign_in(name, role)`: somebody new with a token."""

    def signed_in(name: str, role: Role) -> Bamboo:
        return Bamboo(app.test_client(), token=pair(make.user(name, role), "bamboo").access)

    return signed_in


@pytest.fixture
def siti(sign_in: Sign) -> Bamboo:
    """A member."""
    return sign_in("siti", Role.MEMBER)


@pytest.fixture
def budi(sign_in: Sign) -> Bamboo:
    """Another member."""
    return sign_in("budi", Role.MEMBER)


@pytest.fixture
def office(sign_in: Sign) -> Bamboo:
    """An operator."""
    return sign_in("office", Role.OPERATOR)


@pytest.fixture
def anyone(app: Flask) -> Bamboo:
    """Somebody without a token."""
    return Bamboo(app.test_client())
