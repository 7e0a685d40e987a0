"""Commands: what they say, what they change, and what the activity log says of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade

from tests.support import services
from webapp import cli, create_app, vault
from webapp.accounts import keys
from webapp.accounts.models import ApiKey
from webapp.activity.models import Activity
from webapp.config import Config
from webapp.database import transaction
from webapp.extensions import db

MIGRATIONS = str(Path(__file__).parents[1] / "migrations")


class PowerCut(BaseException):
    """The process is gone, whatever it was about to do."""


@pytest.fixture
def environ_of_its_own(environ: dict[str, str], tmp_path: Path) -> Iterator[dict[str, str]]:
    """An installation that keeps its own secret, with a key in it."""
    with services.database(tmp_path, "cli") as url:
        own = environ | {"DATABASE_URL": url, "DATA_DIR": str(tmp_path), "SECRET_KEY": ""}
        with started(own) as app:
            upgrade(MIGRATIONS)
            make_key(app)
        yield own


@contextmanager
def started(environ: dict[str, str]) -> Iterator[Flask]:
    """A process of its own, as far as keys go: it has read the secret when it began."""
    app = create_app(environ)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def make_key(_app: Flask) -> str:
    with transaction():
        return keys.issue_key("k", by=None)[1]


def shown() -> list[str]:
    with transaction():
        return [keys.reveal_key(one) for one in db.session.scalars(db.select(ApiKey.public_id)).all()]


def rotate_and_restart() -> None:
    """As the commands do it, without what click makes of an exception."""
    callback = cli.rotate_secret.callback
    assert callback
    callback.__wrapped__()
    cli.finish_rotation()


def run(app: Flask, *command: str) -> str:
    answer = app.test_cli_runner().invoke(args=list(command))
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_a_kept_secret_is_rotated(environ_of_its_own: dict[str, str], tmp_path: Path) -> None:
    before = (tmp_path / "secret_key").read_text()
    with started(environ_of_its_own) as app:
        secrets = shown()
        assert "1 stored secrets are encrypted with the new key" in run(app, "gerbang", "rotate-secret")
        assert (tmp_path / "secret_key").read_text() != before
        line = db.session.scalars(db.select(Activity).order_by(Activity.id.desc())).first()
        assert line
        assert (line.door, line.action, line.changes) == ("command", "secret_rotated", {"count": [None, 1]})
    with started(environ_of_its_own):
        assert shown() == secrets


def test_what_a_running_process_writes_after_a_rotation_is_not_lost(
    environ_of_its_own: dict[str, str], tmp_path: Path
) -> None:
    with started(environ_of_its_own) as still_running:
        with started(environ_of_its_own) as app:
            run(app, "gerbang", "rotate-secret")
        with still_running.app_context():
            late = make_key(still_running)
    with started(environ_of_its_own):
        cli.finish_rotation()
        assert not (tmp_path / "secret_key.previous").exists()
    with started(environ_of_its_own):
        assert late in shown()
        assert len(shown()) == 2


@pytest.mark.parametrize("step", ["forget", "reencrypt", "renew"])
def test_a_rotation_that_breaks_off_anywhere_loses_nothing_and_can_be_repeated(
    environ_of_its_own: dict[str, str], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """At each step the process dies; the next one reads everything, and finishes."""

    def die(*_args: object) -> None:
        raise PowerCut

    with started(environ_of_its_own):
        secrets = shown()
        with monkeypatch.context() as broken:
            if step == "renew":
                broken.setattr("webapp.config.secrets.token_hex", die)
            elif step == "reencrypt":
                broken.setattr(vault, "reencrypt", die)
            else:
                broken.setattr(Config, "forget_previous_secret", die)
            with pytest.raises(PowerCut):
                rotate_and_restart()
    with started(environ_of_its_own):
        assert shown() == secrets
        rotate_and_restart()
    with started(environ_of_its_own):
        assert shown() == secrets


def test_a_secret_from_the_environment_is_rotated_with_the_one_before(
    environ_of_its_own: dict[str, str], tmp_path: Path
) -> None:
    first = (tmp_path / "secret_key").read_text()
    with started(environ_of_its_own):
        secrets = shown()
    given = environ_of_its_own | {"SECRET_KEY": "n" * 32}
    with started(given | {"SECRET_KEY_PREVIOUS": first}) as app:
        run(app, "gerbang", "rotate-secret")
    with started(given):
        assert shown() == secrets


def test_without_the_key_before_it_says_what_to_do(environ_of_its_own: dict[str, str]) -> None:
    with started(environ_of_its_own | {"SECRET_KEY": "n" * 32}) as app:
        answer = app.test_cli_runner().invoke(args=["gerbang", "rotate-secret"])
        assert answer.exit_code == 1
        assert "SECRET_KEY_PREVIOUS" in answer.output
        assert "Traceback" not in answer.output


def test_what_a_command_does_is_said_of_whoever_ran_it(environ_of_its_own: dict[str, str]) -> None:
    with started(environ_of_its_own) as app:
        answer = app.test_cli_runner().invoke(
            args=["admin", "create", "boss"], input="long enough\nlong enough\n"
        )
        assert answer.exit_code == 0, answer.output
        [line] = db.session.scalars(db.select(Activity).where(Activity.object_type == "users"))
        assert (line.door, line.actor_name, line.object_label) == ("command", cli.COMMAND.name, "boss")
