"""The rules of API keys."""

from datetime import timedelta

import pytest
from flask import Flask

from tests.support.factories import Make
from webapp.accounts import keylist, keys, queries
from webapp.accounts.models import ApiKey, Role, User
from webapp.database import transaction
from webapp.errors import Conflict, Invalid
from webapp.extensions import db
from webapp.kit import clock, tokens


@pytest.fixture
def by(make: Make) -> int:
    return make.user("boss", Role.ADMIN)


def test_a_key_is_what_the_contract_says(app: Flask, make: Make) -> None:
    secret = make.key()
    assert len(secret) == len("pk_live_") + 32
    with app.app_context():
        found = queries.live_key(tokens.digest(secret))
        assert found
        assert found.scope == "ingest"


@pytest.mark.parametrize("hours", [-1, 24 * 31])
def test_an_overlap_is_bounded(app: Flask, make: Make, by: int, hours: int) -> None:
    make.key()
    with app.app_context():
        key, boss = db.session.scalars(db.select(ApiKey)).one(), db.session.get_one(User, by)
        with pytest.raises(Invalid):
            keys.rotate_key(key.public_id, overlap=timedelta(hours=hours), by=boss)


def test_a_successor_takes_over_everything_but_the_key(app: Flask, make: Make, by: int) -> None:
    gate = make.open_gate()
    ends = clock.now() + timedelta(hours=2)
    make.key(gate, expires_at=ends)
    with app.app_context(), transaction():
        old = db.session.scalars(db.select(ApiKey)).one()
        new, secret = keys.rotate_key(
            old.public_id, overlap=timedelta(days=1), by=db.session.get_one(User, by)
        )
        assert (new.name, new.scope, new.gate_id, new.expires_at) == (old.name, old.scope, gate.id, ends)
        assert old.expires_at == ends  # an overlap never prolongs
        assert new.replaces_id == old.id
        assert new.key_hash == tokens.digest(secret)


def test_an_expired_key_has_no_successor(app: Flask, make: Make, by: int) -> None:
    make.key()
    with app.app_context(), transaction():
        key = db.session.scalars(db.select(ApiKey)).one()
        key.expires_at = clock.now()
        with pytest.raises(Conflict):
            keys.rotate_key(key.public_id, overlap=timedelta(0), by=db.session.get_one(User, by))


def test_there_is_an_end_to_keys(app: Flask, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MAX_KEYS", 1)
    make.key()
    with pytest.raises(Conflict):
        make.key()


def test_expired_comes_before_off(app: Flask, make: Make) -> None:
    make.key()
    with app.app_context(), transaction():
        key = db.session.scalars(db.select(ApiKey)).one()
        key.is_active, key.expires_at = False, clock.now()
        db.session.flush()
        assert keylist.state_of(key) == "expired"
        assert keylist.page(1, 20, state="expired").total == 1
        assert keylist.page(1, 20, state="off").total == 0
