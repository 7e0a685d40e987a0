"""A customer of a brand with 11 % tax, and the books."""

from decimal import Decimal

import pytest
from flask import Flask

from tests.billing.books import Books
from tests.support.factories import Make


@pytest.fixture
def books(app: Flask) -> Books:
    return Books(app)


@pytest.fixture
def taxed(make: Make) -> str:
    return make.brand(tax_percent=Decimal(11))


@pytest.fixture
def john(taxed: str, make: Make) -> int:
    return make.customer(brand_code=taxed)
