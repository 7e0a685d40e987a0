"""Stored secrets: encrypted at rest, readable again, and moved to a new SECRET_KEY without losing one."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from tests.support.factories import Make
from webapp import vault
from webapp.accounts import keys
from webapp.accounts.models import ApiKey, Role, User
from webapp.config import Config
from webapp.database import Base, transaction
from webapp.errors import Conflict
from webapp.extensions import db
from webapp.vault import EncryptedText

OLD, NEW = "o" * 32, "n" * 32


def cipher(app: Flask, monkeypatch: pytest.MonkeyPatch, secret: str, previous: str = "") -> None:
    """Have the application encrypt with this SECRET_KEY, as after a restart."""
    settings = Config.from_environment({"SECRET_KEY": secret, "SECRET_KEY_PREVIOUS": previous})
    monkeypatch.setitem(app.config, "GERBANG", settings)
    monkeypatch.setitem(app.extensions, "vault", None)
    vault.init_app(app)


def stored(app: Flask) -> str:
    with app.app_context():
        return str(db.session.execute(text("SELECT encrypted_key FROM api_keys")).scalar_one())


def revealed(app: Flask) -> str:
    with app.app_context(), transaction():
        return keys.reveal_key(db.session.scalars(db.select(ApiKey.public_id)).one())


def test_a_secret_is_not_in_the_database_in_clear(app: Flask, make: Make) -> None:
    secret = make.key()
    assert secret not in stored(app)
    assert secret[8:] not in stored(app)
    assert revealed(app) == secret


def test_the_same_secret_is_encrypted_anew_each_time(app: Flask, make: Make) -> None:
    with app.app_context(), transaction():
        for username in ("a", "b"):
            db.session.add(User(username=username, password_hash="x", totp_secret="SAME"))
    with app.app_context():
        first, second = db.session.execute(text("SELECT totp_secret FROM users")).scalars()
    assert first != second


def test_what_the_key_before_encrypted_is_read_and_then_moved(
    app: Flask, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    cipher(app, monkeypatch, OLD)
    secret = make.key()
    cipher(app, monkeypatch, NEW, previous=OLD)
    assert revealed(app) == secret
    with app.app_context(), transaction():
        assert vault.reencrypt() == 1
    cipher(app, monkeypatch, NEW)
    assert revealed(app) == secret


def test_an_unknown_key_is_a_clear_error_and_changes_nothing(
    app: Flask, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    cipher(app, monkeypatch, OLD)
    make.key()
    before = stored(app)
    cipher(app, monkeypatch, NEW)
    with pytest.raises(Conflict, match="SECRET_KEY that is not known"):
        revealed(app)
    unreadable = pytest.raises(Conflict, match="^api_keys [0-9]+: .*SECRET_KEY that is not known")
    with app.app_context(), unreadable, transaction():
        vault.reencrypt()
    assert stored(app) == before


def test_a_row_that_is_listed_is_not_decrypted(
    app: Flask, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that an unknown SECRET_KEY stops nobody from signing in or switching a key off."""
    cipher(app, monkeypatch, OLD)
    make.key()
    user = make.user("ani", Role.VIEWER)
    cipher(app, monkeypatch, NEW)
    with app.app_context(), transaction():
        assert db.session.get_one(User, user).username == "ani"
        keys.toggle_key(db.session.scalars(db.select(ApiKey)).one().public_id)


def test_every_encrypted_column_is_read_only_when_asked_for() -> None:
    eager = [
        f"{mapper.class_.__name__}.{attribute.key}"
        for mapper in Base.registry.mappers
        for attribute in mapper.column_attrs
        if isinstance(attribute.columns[0].type, EncryptedText) and not attribute.deferred
    ]
    assert eager == []


# A secret key that DATA_DIR keeps


def kept(folder: Path) -> Config:
    return Config.from_environment({"DATA_DIR": str(folder)})


def test_a_kept_secret_is_renewed_and_its_predecessor_is_known_until_forgotten(tmp_path: Path) -> None:
    settings = kept(tmp_path)
    before = settings.secret_key()
    settings.renew_kept_secret()
    after = kept(tmp_path).secret_key()
    assert after != before
    assert kept(tmp_path).secret_keys() == [after, before]
    settings.forget_previous_secret()
    assert kept(tmp_path).secret_keys() == [after]


def test_a_renewal_that_broke_off_is_finished_by_the_next(tmp_path: Path) -> None:
    before = kept(tmp_path).secret_key()
    (tmp_path / "secret_key.previous").write_text(before)  # and then the power went
    kept(tmp_path).renew_kept_secret()
    after = kept(tmp_path).secret_key()
    assert after != before
    kept(tmp_path).renew_kept_secret()  # broke off once more, before anything was encrypted anew
    assert kept(tmp_path).secret_keys() == [after, before]


def test_secrets_are_for_their_owner_alone(tmp_path: Path) -> None:
    settings = kept(tmp_path)
    settings.secret_key()
    settings.renew_kept_secret()
    for name in ("secret_key", "secret_key.previous"):
        assert (tmp_path / name).stat().st_mode & 0o077 == 0
