"""The people of the other tests, calling contract 3."""

from pathlib import Path

import pytest
from flask import Flask

from tests.callers import Datalane, Retribusi
from tests.support import reports
from tests.support.factories import Make


def _as_datalane(app: Flask, caller: Retribusi) -> Datalane:
    token = caller.headers["Authorization"].removeprefix("Bearer ")
    return Datalane(app.test_client(), token=token)


@pytest.fixture
def admin(app: Flask, admin: Retribusi) -> Datalane:
    return _as_datalane(app, admin)


@pytest.fixture
def operator(app: Flask, operator: Retribusi) -> Datalane:
    return _as_datalane(app, operator)


@pytest.fixture
def viewer(app: Flask, viewer: Retribusi) -> Datalane:
    return _as_datalane(app, viewer)


@pytest.fixture
def stranger(app: Flask) -> Datalane:
    return Datalane(app.test_client())


@pytest.fixture
def partner(app: Flask, make: Make) -> Datalane:
    """Somebody with an API key for reports."""
    return Datalane(app.test_client(), key=make.key(scope="reports"))


@pytest.fixture
def reading(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Reports may read the Access files of the tests, and the folder that this is, as `Own`."""
    folder = tmp_path / "own"
    folder.mkdir()
    reports.configured(app, monkeypatch, DATA_ROOTS=f"{reports.ROOT}={reports.ACCESS};Own={folder}")
    return folder
