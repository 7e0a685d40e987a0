"""An application that may read the Access files of the tests, and a folder of the test's own."""

from pathlib import Path

import pytest
from flask import Flask

from tests.support import reports


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that reports may read, known as `Own`."""
    path = tmp_path / "own"
    path.mkdir()
    return path


@pytest.fixture
def app(app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    roots = f"{reports.ROOT}={reports.ACCESS};Own={folder}"
    reports.configured(app, monkeypatch, DATA_ROOTS=roots)
    return app
