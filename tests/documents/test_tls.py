"""HTTP jobs and e-mail over TLS: to a real server on this machine, whose certificate must be right."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from pathlib import Path
from typing import Any

import certifi
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as Handler
from aiosmtpd.smtp import AuthResult
from flask import Flask

from tests.support import reports
from tests.support.partner import Partner, serving
from tests.support.tls import Authority
from webapp.documents import httpjobs, letters
from webapp.documents.httpjobs import HttpResult
from webapp.documents.letters import Letter
from webapp.outgoing import HttpRequest

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")
NAME = "partner.test"
LETTER = Letter("ani@example.com", "Laporan", "Rahasia")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture(autouse=True)
def known(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine trusts the authority, and finds every name of the tests at itself."""
    monkeypatch.setattr(certifi, "where", lambda: str(authority.file))
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    look_up = socket.getaddrinfo

    def at_home(host: Any, *args: Any, **more: Any) -> Any:
        return look_up("127.0.0.1" if host == NAME else host, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", at_home)


@contextmanager
def partner(context: ssl.SSLContext) -> Iterator[Partner]:
    with serving() as made:
        made.server.socket = context.wrap_socket(made.server.socket, server_side=True)
        yield made


def called(app: Flask, monkeypatch: pytest.MonkeyPatch, made: Partner) -> HttpResult:
    host = f"{NAME}:{made.server.server_port}"
    reports.configured(app, monkeypatch, HTTP_JOB_PRIVATE_HOSTS=host)
    with app.app_context():
        return httpjobs.send(HttpRequest("POST", f"https://{host}/hook", {"X-Key": "hush"}, "hush"))


def test_a_call_over_tls_asks_for_the_name_and_not_for_its_address(
    app: Flask, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, asked_for = authority.server(NAME), []
    context.sni_callback = lambda _socket, name, _context: asked_for.append(name)
    with partner(context) as made:
        result = called(app, monkeypatch, made)
    assert result.good, result.detail
    assert asked_for == [NAME]
    [(method, path, headers, body)] = made.calls
    assert (method, path, body) == ("POST", "/hook", "hush")
    assert headers["Host"] == f"{NAME}:{made.server.server_port}"


@pytest.mark.parametrize("fault", ["another name", "unknown authority"])
def test_a_certificate_that_is_wrong_ends_the_call_before_anything_is_told(
    app: Flask, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    with partner(_wrong(authority, tmp_path, fault)) as made:
        result = called(app, monkeypatch, made)
    assert not result.good
    assert "CERTIFICATE_VERIFY_FAILED" in result.detail
    assert made.calls == []


def _wrong(authority: Authority, folder: Path, fault: str) -> ssl.SSLContext:
    if fault == "another name":
        return authority.server("elsewhere.test")
    (folder / "other").mkdir()
    return Authority(folder / "other").server(NAME)


class Letterbox(Handler):
    def __init__(self) -> None:
        super().__init__()
        self.letters: list[Message] = []
        self.passwords: list[Any] = []

    def handle_message(self, message: Message) -> None:
        self.letters.append(message)

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _how: str, given: Any) -> AuthResult:
        self.passwords.append((given.login, given.password))
        return AuthResult(success=True)


@contextmanager
def mail_server(scheme: str, context: ssl.SSLContext) -> Iterator[tuple[Letterbox, str]]:
    """One that takes no password outside of TLS."""
    box = Letterbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    tls: dict[str, Any] = {"tls_context": context, "require_starttls": True}
    if scheme == "smtps":  # all of it is TLS, which the server does not count as such
        tls = {"ssl_context": context, "auth_require_tls": False}
    server = Controller(
        box,
        "127.0.0.1",
        port,
        server_hostname=NAME,
        authenticator=box.authenticate,
        auth_required=True,
        **tls,
    )
    server.start()
    try:
        yield box, f"{scheme}://gerbang:p%40ss@{NAME}:{port}"
    finally:
        server.stop()


def post(app: Flask, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    reports.configured(app, monkeypatch, SMTP_URL=url, MAIL_FROM="gerbang@example.com")
    with app.app_context():
        letters.post(LETTER)


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_a_letter_goes_over_tls_with_its_password(
    app: Flask, authority: Authority, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    with mail_server(scheme, authority.server(NAME)) as (box, url):
        post(app, monkeypatch, url)
    assert [letter["To"] for letter in box.letters] == ["ani@example.com"]
    assert box.passwords == [(b"gerbang", b"p@ss")]


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
@pytest.mark.parametrize("fault", ["another name", "unknown authority"])
def test_a_mail_server_whose_certificate_is_wrong_gets_neither_letter_nor_password(
    app: Flask,
    authority: Authority,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    scheme: str,
    fault: str,
) -> None:
    wrong = _wrong(authority, tmp_path, fault)
    with mail_server(scheme, wrong) as (box, url), pytest.raises(ssl.SSLCertVerificationError):
        post(app, monkeypatch, url)
    assert (box.letters, box.passwords) == ([], [])
