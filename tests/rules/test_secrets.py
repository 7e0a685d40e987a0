"""Secrets stay where they belong: not in the activity log, the repository, the process's log, or an error's body."""

import ast
import io
import logging
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient

from tests.callers import Browser
from tests.support.factories import Make
from webapp.database import Base
from webapp.web import words

ROOT = Path(__file__).parents[2]
SMELLS = re.compile(r"password|secret|hash|token|encrypted|totp|code_hash|private")
# Smell, and are none: a moment.
HARMLESS = {"users.totp_enabled_at"}
EXAMPLES = ("tests/", "docs/", "README.md")  # where a key may be shown that opens nothing
PRIVATE_KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")
API_KEY = re.compile(rb"pk_live_[0-9a-f]{32}(?![0-9a-f])")


def test_every_column_that_smells_of_a_secret_is_marked_as_one() -> None:
    """The activity log shows what is not marked (audit.SECRET)."""
    bare = [
        f"{mapper.local_table.description}.{column.name}"
        for mapper in Base.registry.mappers
        for column in mapper.local_table.columns
        if SMELLS.search(column.name) and not column.info.get("secret")
    ]
    assert set(bare) == HARMLESS


def test_the_rule_smells_what_it_should() -> None:
    assert all(SMELLS.search(name) for name in ("password_hash", "api_token", "encrypted_key", "code_hash"))
    assert not SMELLS.search("username")


def test_notes_are_given_no_secret() -> None:
    """`audit.note(…, password=…)` would write it down as it is."""
    named = [
        f"{path.name}: {keyword.arg}"
        for path, call in _notes()
        for keyword in call.keywords
        if keyword.arg and SMELLS.search(keyword.arg)
    ]
    assert named == []


def test_every_action_and_thing_of_the_log_has_its_words() -> None:
    actions = {call.args[0].value for _path, call in _notes() if isinstance(call.args[0], ast.Constant)}
    things = {
        mapper.class_.__tablename__ for mapper in Base.registry.mappers if mapper.class_.in_activity_log
    }
    things |= {call.args[1].value for _path, call in _notes() if isinstance(call.args[1], ast.Constant)}
    assert actions - set(words.ACTIONS) == set()
    assert things - set(words.THINGS) == set()


def _notes() -> Iterator[tuple[Path, ast.Call]]:
    for path in (ROOT / "webapp").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.note":
                yield path, node


def test_no_secret_was_committed() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in _committed()
        if PRIVATE_KEY.search(content := path.read_bytes())
        or (API_KEY.search(content) and not str(path.relative_to(ROOT)).startswith(EXAMPLES))
    ]
    assert found == []


def _committed() -> Iterator[Path]:
    """The files of the repository, without what git ignores."""
    listed = subprocess.run(
        [shutil.which("git") or "git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    for name in listed.stdout.split("\0"):
        if name and (path := ROOT / name).is_file() and path != Path(__file__):
            yield path


# A request that crashes, with secrets in its header, its cookie and its body

PASSWORD, TOKEN, KEY = "correct-horse-battery", "eyJhbGciOi.secret.token", "pk_live_" + "5" * 32
SECRETS = (PASSWORD, TOKEN, KEY, "signature-of-the-body")
DOORS = ("/auth/v1/login", "/login", "/api/auth/login", "/api/users/token", "/api/v1/auth/login", "/sign-in")


@pytest.fixture
def crashing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """The application, whose sign-in has a fault of its own and says so with what it was given."""

    def fault(identifier: str, password: str, *_args: object) -> None:
        wanted = {"identifier": identifier, "password": password}
        raise RuntimeError("cannot look up " + str(sorted(wanted)))

    monkeypatch.setattr("webapp.accounts.sessions.authenticate", fault)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app.test_client()


@pytest.fixture
def written(capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """Everything the process writes, down to the last DEBUG line."""
    before, file = structlog.get_config(), io.StringIO()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        logger_factory=structlog.WriteLoggerFactory(file=file),
    )
    yield lambda: file.getvalue() + "".join(capfd.readouterr())
    structlog.configure(**before)


@pytest.mark.parametrize("path", DOORS)
def test_a_crash_tells_no_secret(crashing: FlaskClient, written: Callable[[], str], path: str) -> None:
    headers = {
        "Authorization": f"Bearer {TOKEN}",
        "X-API-KEY": KEY,
        "X-Signature": "signature-of-the-body",
        "X-OTP": "123456",
    }
    body = {"username": "ani", "email": "a@b.co", "identifier": "ani", "password": PASSWORD}
    if path == "/sign-in":
        browser = Browser(crashing)
        answer = crashing.post(path, data=body | {"csrf_token": browser.csrf_token()}, headers=headers)
    else:
        answer = crashing.post(path, json=body, headers=headers)
    log = written()
    assert answer.status_code == 500
    assert "server_error" in log
    assert "Traceback" in log
    for secret in SECRETS:
        assert secret not in log
        assert secret not in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", DOORS)
def test_a_refusal_tells_no_secret(app: Flask, make: Make, written: Callable[[], str], path: str) -> None:
    client = app.test_client()
    answer = client.post(path, json={"username": PASSWORD, "password": PASSWORD, "extra": TOKEN})
    assert 400 <= answer.status_code < 500
    said = written() + answer.get_data(as_text=True)
    assert PASSWORD not in said
    assert TOKEN not in said
