"""What POST /retribusi/v1/ingest puts on the wire, from a real gunicorn: the fast lane writes that itself."""

import json
import re
import socket
from collections.abc import Iterator

import pytest

from tests.support import live
from tests.support.factories import Make
from webapp import create_app
from webapp.extensions import db

PATH = "/retribusi/v1/ingest"
KEY = "key-of-the-wire-tests"
BODY = json.dumps({"timestamp": 1, "location_code": "kerkof_01", "gate_code": "gate01", "category": "motor"})


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[int]:
    with live.server(tmp_path_factory.mktemp("wire"), redis_url, RETRIBUSI_API_KEY=KEY) as running:
        app = create_app(running.environ)
        Make(app).open_gate()
        with app.app_context():
            db.engine.dispose()
        yield int(running.environ["PORT"])


def request(*headers: str, path: str = PATH, version: str = "1.1") -> bytes:
    lines = [
        f"POST {path} HTTP/{version}",
        "Host: gates",
        f"X-API-Key: {KEY}",
        "Content-Type: application/json",
    ]
    return "\r\n".join([*lines, f"Content-Length: {len(BODY)}", *headers, "", BODY]).encode()


def answers(port: int, *requests: bytes) -> list[str]:
    """What one connection answers to these requests, sent one after another; the last of them must close it."""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as connection,
        connection.makefile("rb") as file,
    ):
        found = []
        for one in requests:
            connection.sendall(one)
            head = "".join(line.decode() for line in iter(file.readline, b"\r\n"))
            length = int(re.findall(r"Content-Length: (\d+)", head)[0])
            found.append(head + file.read(length).decode())
        assert file.read() == b""
    return found


def without_moments(answer: str) -> str:
    return re.sub(r"(Date: |X-Request-ID: |timestamp\":)[^\r}]+", r"\1", answer)


CLOSE = "Connection: close"


def test_the_fast_lane_answers_byte_for_byte_as_gunicorn_and_flask_do(port: int) -> None:
    fast, closing = answers(port, request(), request(CLOSE))
    assert "Connection: keep-alive\r\n" in fast
    assert without_moments(fast).replace("keep-alive", "close") == without_moments(closing)
    flask, _ = answers(port, request(path=f"{PATH}?slow=1"), request(CLOSE))
    assert sorted(without_moments(flask).splitlines()) == sorted(without_moments(fast).splitlines())


def test_a_connection_serves_many_requests_and_closes_when_asked(port: int) -> None:
    found = answers(port, request(), request("Connection: Keep-Alive"), request("Connection: Close"))
    assert [answer.splitlines()[0] for answer in found] == ["HTTP/1.1 200 OK"] * 3


def test_http_1_0_closes_by_itself(port: int) -> None:
    (found,) = answers(port, request(version="1.0"))
    assert found.startswith("HTTP/1.0 200 OK")


def test_a_harmless_request_id_comes_back_and_others_are_made(port: int) -> None:
    given, refused, made = answers(
        port, request("X-Request-ID: mine-1"), request("X-Request-ID: a b"), request(CLOSE)
    )
    assert "X-Request-ID: mine-1\r\n" in given
    ids = {re.findall(r"X-Request-ID: ([0-9a-f]{32})\r\n", answer)[0] for answer in (refused, made)}
    assert len(ids) == 2


def test_a_duplicate_and_a_refusal_share_the_connection(port: int) -> None:
    named = request("Idempotency-Key: once")
    unknown = request().replace(b"gate01", b"gate99")
    first, again, refused, _ = answers(port, named, named, unknown, request(CLOSE))
    assert '"data":{"stored":true}' in first
    assert '"duplicate":true' in again
    assert refused.startswith("HTTP/1.1 404 ")
