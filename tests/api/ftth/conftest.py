"""Contract 2's people: who may look, who may write, who may do everything."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.callers import Ftth, Pair
from tests.support.factories import Make
from webapp.accounts.models import Role

Person = Callable[[str, Role], Ftth]


@pytest.fixture
def person(app: Flask, make: Make, pair: Callable[..., Pair]) -> Person:
    """`person(name, role)`: somebody who has just signed in."""

    def signed_in(name: str, role: Role) -> Ftth:
        return Ftth(app.test_client(), token=pair(make.user(name, role), "ftth").access)

    return signed_in


@pytest.fixture
def looker(person: Person) -> Ftth:
    return person("looker", Role.VIEWER)


@pytest.fixture
def staff(person: Person) -> Ftth:
    """A billing clerk."""
    return person("clerk", Role.OPERATOR)


@pytest.fixture
def boss(person: Person) -> Ftth:
    return person("boss", Role.ADMIN)
