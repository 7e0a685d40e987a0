"""The hot path of ingest: a lean WSGI door in front of Flask for the one request that matters most.

It answers `POST /retribusi/v1/ingest` when the key, the headers and the body are what devices send all day, and hands
everything else, untouched, to Flask, whose endpoint shares its schema, its writer and its envelope: nobody can tell
which of the two answered.
"""

import io
import random
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import orjson
from flask import Flask
from gunicorn import SERVER
from gunicorn.util import http_date
from gunicorn.workers.base_async import ALREADY_HANDLED
from sqlalchemy.exc import SQLAlchemyError

from webapp.api.retribusi import envelope, schemas
from webapp.api.retribusi.ingest import as_event, count_events, stored
from webapp.errors import DomainError
from webapp.gates.catalogue import Key
from webapp.gates.ingest import NewEvent, Outcome, Stored
from webapp.gates.runtime import Runtime
from webapp.identity import INGEST
from webapp.kit import clock, tokens
from webapp.kit.threads import cooperative
from webapp.observability import count_request, request_id
from webapp.security import ALWAYS

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]
PATHS = {"/retribusi/v1/ingest", "/retribusi/v1/ingest/"}
MAX_BODY = 10_000
_validate = schemas.EventIn.__pydantic_validator__.validate_python
_STATUS_LINES = {status.value: f"{status.value} {status.phrase.upper()}" for status in HTTPStatus}
_FIXED = [("Content-Type", "application/json"), ("Vary", "Cookie"), *ALWAYS.items()]


class FastLane:
    """WSGI middleware around Flask."""

    def __init__(self, app: Flask, flask: WsgiApp) -> None:
        self._app = app
        self._flask = flask

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] not in PATHS or not _usual(environ):
            return self._flask(environ, start_response)
        began = time.perf_counter()
        runtime: Runtime = self._app.extensions["gates"]
        length = int(environ["CONTENT_LENGTH"])
        raw = environ["wsgi.input"].read(length)
        try:
            key = runtime.catalogue.key(tokens.digest(environ["HTTP_X_API_KEY"]))
            event = as_event(_validate(orjson.loads(raw)), environ.get("HTTP_IDEMPOTENCY_KEY"))
        except (DomainError, ValueError, SQLAlchemyError):  # ValueError: neither JSON nor an event
            return self._hand_over(environ, start_response, raw)
        if key.scope != INGEST.scope or len(raw) != length:
            return self._hand_over(environ, start_response, raw)
        outcome = _submitted(runtime, key, event)
        count_request("retribusi.ingest", "POST", _status(outcome), time.perf_counter() - began)
        return _answer(environ, start_response, outcome, last=runtime.hub.closing())

    def _hand_over(self, environ: dict[str, Any], start_response: Any, raw: bytes) -> Iterable[bytes]:
        environ["wsgi.input"] = io.BytesIO(raw)
        return self._flask(environ, start_response)


def _usual(environ: dict[str, Any]) -> bool:
    length = environ.get("CONTENT_LENGTH") or ""
    return (
        environ["REQUEST_METHOD"] == "POST"
        and environ.get("CONTENT_TYPE") == "application/json"
        and "HTTP_X_API_KEY" in environ
        and not environ.get("QUERY_STRING")
        and length.isdigit()
        and int(length) <= MAX_BODY
    )


def _submitted(runtime: Runtime, key: Key, event: NewEvent) -> Outcome:
    """What became of the event. From here on it must not be handed to Flask, which would submit it again."""
    try:
        (outcome,) = outcomes = runtime.ingest.submit(key, [event])
    except DomainError as error:
        return error
    count_events(outcomes)
    return outcome


def _status(outcome: Outcome) -> int:
    return outcome.status if isinstance(outcome, DomainError) else 200


def _answer(environ: dict[str, Any], start_response: Any, outcome: Outcome, last: bool) -> Iterable[bytes]:
    name = _request_id(environ.get("HTTP_X_REQUEST_ID"))
    if isinstance(outcome, Stored):
        if not last and _keeps_alive(environ):
            return _answered_at_once(environ["gunicorn.socket"], outcome, name)
        body, more = _body(outcome, clock.unix()), []
    else:
        body, more = orjson.dumps(envelope.error_body(outcome)), envelope.error_headers(outcome)
    headers = [*_FIXED, ("X-Request-ID", name), *more, ("Content-Length", str(len(body)))]
    start_response(_STATUS_LINES[_status(outcome)], headers)
    return [body]


def _request_id(given: str | None) -> str:
    """As everywhere, but made without asking the system for randomness: it has to be different, not secret."""
    return request_id(given) if given else f"{random.getrandbits(128):032x}"


def _body(outcome: Stored, moment: int) -> bytes:
    return orjson.dumps({"success": True, "data": stored(outcome), "timestamp": moment})


def _keeps_alive(environ: dict[str, Any]) -> bool:
    """Whether it is gunicorn's gevent worker that serves us, and the connection goes on after the answer."""
    return (
        "gunicorn.socket" in environ
        and cooperative()
        and environ["SERVER_PROTOCOL"] == "HTTP/1.1"
        and environ.get("HTTP_CONNECTION", "keep-alive").lower() == "keep-alive"
    )


def _answered_at_once(socket: Any, outcome: Stored, name: str) -> Iterable[bytes]:
    """What gunicorn would send, byte for byte, in one piece: made anew and sent in two it costs more than the event."""
    before, after = _around_request_id(outcome, clock.unix())
    answer = b"%b%b%b" % (before, name.encode(), after)
    sent = socket.send(answer)
    if sent < len(answer):
        socket.sendall(answer[sent:])
    handled: Iterable[bytes] = ALREADY_HANDLED
    return handled


@lru_cache(maxsize=len(Stored))
def _around_request_id(outcome: Stored, moment: int) -> tuple[bytes, bytes]:
    """The answer of this second, before and after the one thing that differs."""
    body = _body(outcome, moment)
    head = [("Server", SERVER), ("Date", http_date(moment)), ("Connection", "keep-alive"), *_FIXED]
    lines = [
        f"HTTP/1.1 {_STATUS_LINES[200]}",
        *(f"{name}: {value}" for name, value in head),
        "X-Request-ID: ",
    ]
    return "\r\n".join(lines).encode(), f"\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
