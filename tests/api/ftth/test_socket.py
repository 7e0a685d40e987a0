"""Notifications over a WebSocket (contract 2, WebSocket): a real server, real clients."""

import json
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from flask import Flask
from simple_websocket import Client, ConnectionClosed
from werkzeug.serving import make_server

from tests.callers import Browser, Pair
from tests.support import reports
from tests.support.factories import Make
from webapp import tails
from webapp.accounts import sessions
from webapp.accounts.models import Role
from webapp.api.ftth import socket as door
from webapp.database import transaction
from webapp.extensions import db
from webapp.notifications.service import notify

DATA = {"invoice_id": 789, "nomor_invoice": "INV-2024-001", "pelanggan_nama": "John Doe"}
WAIT = 10.0  # seconds at most


@pytest.fixture
def port(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Where the application is served; what it looks after every few seconds it looks after at once."""
    monkeypatch.setattr(tails, "LOOK_EVERY", 0.05)
    monkeypatch.setattr(tails, "IDLE", 0.1)
    monkeypatch.setattr(tails, "SESSION_CHECK_EVERY", 0.0)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def siti(make: Make, pair: Callable[..., Pair]) -> Pair:
    return pair(make.user("siti", Role.VIEWER), "ftth")


def connect(port: int, query: str, **headers: str) -> Client:
    return Client.connect(f"ws://127.0.0.1:{port}/ws/notifications?{query}", headers=headers)


def shaken(port: int, query: str, **headers: str) -> socket.socket:
    """A client's socket after it has asked for a WebSocket."""
    line = socket.socket()
    line.settimeout(WAIT)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect(("127.0.0.1", port))
    usual = {
        "Host": f"127.0.0.1:{port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    }
    said = [f"{name}: {value}" for name, value in (usual | headers).items()]
    line.sendall("\r\n".join([f"GET /ws/notifications?{query} HTTP/1.1", *said, "", ""]).encode())
    return line


def status_of(port: int, query: str, **headers: str) -> int:
    with shaken(port, query, **headers) as line:
        return int(line.recv(4096).split()[1])


def tell(app: Flask, *messages: str, role: Role = Role.VIEWER) -> None:
    with app.app_context(), transaction():
        for message in messages:
            notify("new_invoice", message, DATA, role=role)


def heard(client: Client, count: int = 1) -> list[dict[str, object]]:
    found = [client.receive(timeout=WAIT) for _ in range(count)]
    return [json.loads(text or "null") for text in found]


def test_the_document_s_message_arrives_for_those_who_may_see_it(app: Flask, port: int, siti: Pair) -> None:
    client = connect(port, f"token={siti.access}")
    tell(app, "for admins", role=Role.ADMIN)
    tell(app, "Invoice baru telah dibuat")
    [message] = heard(client)
    assert list(message) == ["type", "message", "data", "timestamp"]
    assert (message["type"], message["message"], message["data"]) == (
        "new_invoice",
        "Invoice baru telah dibuat",
        DATA,
    )
    assert str(message["timestamp"]).endswith("Z")
    client.close()


def test_whoever_comes_back_gets_what_was_missed_first_and_once(app: Flask, port: int, siti: Pair) -> None:
    tell(app, "first", "second")
    client = connect(port, f"token={siti.access}&since=0")
    [first, second] = heard(client, 2)
    assert [first["message"], second["message"]] == ["first", "second"]
    client.close()
    tell(app, "third")
    client = connect(port, f"token={siti.access}&last_id={first['id']}")
    tell(app, "fourth")
    assert [one["message"] for one in heard(client, 3)] == ["second", "third", "fourth"]
    client.close()


def test_it_ends_with_the_session(app: Flask, port: int, siti: Pair) -> None:
    client = connect(port, f"token={siti.access}")
    with app.app_context(), transaction():
        sessions.revoke_session(uuid.UUID(str(siti.session_id)))
    with pytest.raises(ConnectionClosed) as closed:
        client.receive(timeout=WAIT)
    assert closed.value.reason == door.SESSION_ENDED


def test_our_own_pages_need_no_token(app: Flask, port: int, viewer_browser: Browser) -> None:
    cookies = "; ".join(f"{one.key}={one.value}" for one in viewer_browser.client._cookies.values())
    ours = "http://127.0.0.1"  # the client leaves the port out of Host
    client = connect(port, "since=0", Origin=ours, Cookie=cookies)
    tell(app, "hello")
    assert heard(client)[0]["message"] == "hello"
    client.close()
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {}):
        assert status_of(port, "", Cookie=cookies, **headers) == 403


def test_other_sites_come_in_when_they_are_named(
    app: Flask, port: int, siti: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = {"Origin": "https://app.example.com"}
    assert status_of(port, f"token={siti.access}", **site) == 403
    reports.configured(app, monkeypatch, WS_ORIGINS="https://other.example, https://app.example.com")
    connect(port, f"token={siti.access}", **site).close()


def test_who_is_nobody_or_too_little_is_refused(port: int, make: Make, pair: Callable[..., Pair]) -> None:
    member = pair(make.user("member", Role.MEMBER), "ftth").access
    for query, status in (("token=wrong", 401), ("token=", 403), (f"token={member}", 403), ("since=-1", 422)):
        assert status_of(port, query) == status, query


def test_one_that_never_reads_is_dropped_and_holds_nobody_up(
    app: Flask, port: int, siti: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "SEND_SECONDS", 0.2)
    deaf = shaken(port, f"token={siti.access}")  # it reads no more than that it may come in
    client = connect(port, f"token={siti.access}")
    dropped = threading.Event()
    hang_up = door.Line.hang_up
    monkeypatch.setattr(door.Line, "hang_up", lambda line: (hang_up(line), dropped.set())[0])
    while not dropped.is_set():  # until it has been sent more than sockets hold
        with app.app_context(), transaction():
            notify("system", "long", {"text": "x" * 500_000})
        heard(client)
    deaf.close()
    client.close()


def test_an_open_line_holds_no_connection_to_the_database(app: Flask, port: int, siti: Pair) -> None:
    clients = [connect(port, f"token={siti.access}") for _ in range(5)]
    tell(app, "all of you")
    for client in clients:
        heard(client)
    with app.app_context():
        db.session.remove()
        assert db.engine.pool.checkedout() <= 1  # the tail's own look, when it happens to look
    for client in clients:
        with suppress(ConnectionClosed):
            client.close()
