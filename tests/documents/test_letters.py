"""E-mail about schedules, handed to a real mail server on this machine."""

import socket
from collections.abc import Iterator
from email.message import Message
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as Handler
from aiosmtpd.smtp import AuthResult, LoginPassword
from flask import Flask

from tests.support import reports
from tests.support.reports import OWN, print_one
from webapp.database import transaction
from webapp.documents import schedules
from webapp.documents.jobs import mail_result
from webapp.documents.schedules import Plan

# the server of these tests takes a password without TLS, and says that one should not
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")


class Letterbox(Handler):
    def __init__(self) -> None:
        super().__init__()
        self.letters: list[Message] = []

    def handle_message(self, message: Message) -> None:
        self.letters.append(message)


def _knows(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
    right = isinstance(given, LoginPassword) and (given.login, given.password) == (b"gerbang", b"p@ss")
    return AuthResult(success=right)


@pytest.fixture
def letterbox(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Letterbox]:
    box = Letterbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(
        box, "127.0.0.1", port, authenticator=_knows, auth_required=True, auth_require_tls=False
    )
    server.start()
    url = f"smtp://gerbang:p%40ss@127.0.0.1:{port}"
    roots = app.config["GERBANG"].DATA_ROOTS
    reports.configured(app, monkeypatch, SMTP_URL=url, MAIL_FROM="gerbang@example.com", DATA_ROOTS=roots)
    yield box
    server.stop()


def ran(app: Flask, **plan: Any) -> UUID:
    """A run of a schedule whose mail goes to ani@example.com."""
    with app.app_context(), transaction():
        schedule = schedules.create(Plan("0 0 * * *", OWN, name="Malam", email="ani@example.com", **plan))
        return schedules.run_now(schedule.id).id


def mails(app: Flask) -> int:
    """How many letters wait to be written."""
    jobs = app.extensions["redis"].lrange("rq:queue:low", 0, -1)
    return sum(
        b"mail_result" in app.extensions["redis"].hget(b"rq:job:" + one, "description") for one in jobs
    )


def test_a_failure_is_written_to_who_wants_to_know(app: Flask, letterbox: Letterbox, folder: Any) -> None:
    file = reports.day_file(folder, reports.date(2025, 12, 15), 1)
    file.write_text("no,columns\n1,2\n")
    run_id = ran(app)
    print_one(app)
    assert mails(app) == 1
    with app.app_context():
        mail_result(str(run_id))
    [letter] = letterbox.letters
    assert (letter["To"], letter["From"]) == ("ani@example.com", "gerbang@example.com")
    assert letter["Subject"] == "Gerbang: jadwal Malam gagal"
    assert "15122025.csv: row 1 can't be read" in str(letter.get_payload())


@pytest.mark.parametrize(("email_on", "expected"), [("failure", 0), ("always", 1)])
def test_a_success_is_written_only_to_who_asked_for_it(
    app: Flask, letterbox: Letterbox, email_on: str, expected: int
) -> None:
    run_id = ran(app, email_on=email_on)
    print_one(app)
    assert mails(app) == expected
    with app.app_context():
        mail_result(str(run_id))
    body = str(letterbox.letters[0].get_payload())
    assert "001_20251215.pdf (0 transaksi, 1 halaman)" in body
    assert "No data for 2025-12-15" in body


def test_a_mail_server_that_is_away_is_an_error_that_is_tried_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    roots = app.config["GERBANG"].DATA_ROOTS
    reports.configured(app, monkeypatch, SMTP_URL="smtp://127.0.0.1:1", DATA_ROOTS=roots)
    run_id = ran(app)
    with app.app_context(), pytest.raises(OSError, match="refused"):
        mail_result(str(run_id))
    assert mail_result.retries > 0


def test_without_a_mail_server_nothing_is_sent(app: Flask) -> None:
    run_id = ran(app)
    with app.app_context():
        mail_result(str(run_id))


def test_a_name_can_not_add_a_header(app: Flask, letterbox: Letterbox) -> None:
    with app.app_context(), transaction():
        plan = Plan("0 0 * * *", OWN, name="x\r\nBcc: other@example.com", email="ani@example.com")
        run_id = schedules.run_now(schedules.create(plan).id).id
    with app.app_context():
        mail_result(str(run_id))
    assert [letter["Bcc"] for letter in letterbox.letters] == [None]
