"""Photos that a process which died has left behind."""

import os
import time
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask

from tests.support.factories import Make
from tests.support.pictures import picture
from webapp.accounts.models import Role, User
from webapp.database import transaction
from webapp.extensions import db
from webapp.markers import orphans, photos
from webapp.markers.jobs import sweep_photos
from webapp.markers.service import create_marker
from webapp.storage import storage

CLUMP = {"name": "Rumpun", "latitude": Decimal("-6.9"), "longitude": Decimal("107.6")}


@pytest.fixture(autouse=True)
def _folder(app: Flask) -> None:
    """No photo of another test."""
    for path in _files(app):
        path.unlink()


def _files(app: Flask) -> list[Path]:
    return sorted((app.config["GERBANG"].data_dir / "files" / "markers").glob("*"))


def _age(app: Flask, days: float) -> None:
    for path in _files(app):
        os.utime(path, (time.time() - days * 86_400,) * 2)


def _kept(app: Flask) -> set[str]:
    return {path.name[:32] for path in _files(app)}


def test_a_photo_that_no_marker_shows_goes_after_a_day(app: Flask, make: Make) -> None:
    by = make.user("siti", Role.MEMBER)
    with app.app_context(), transaction():
        shown, lost = photos.store(picture()), photos.store(picture())
        create_marker(CLUMP, by=db.session.get_one(User, by), photo=shown)
    with app.app_context():
        storage().put("markers/other.jpg", b"x")
        _age(app, 0.9)
        sweep_photos()
        assert {shown, lost} < _kept(app)
        _age(app, 1.1)
        sweep_photos()
        sweep_photos()
        assert _kept(app) == {shown, "other.jpg"}


def test_a_store_that_looks_like_somebody_elses_is_left_alone(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orphans, "DOUBTFUL", 1)
    with app.app_context(), transaction():
        lost = {photos.store(picture(9, 9)) for _ in range(2)}
        _age(app, 2)
        assert orphans.sweep() == 0
        assert _kept(app) == lost
