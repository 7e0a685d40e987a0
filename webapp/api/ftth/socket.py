"""Notifications over a WebSocket (contract 2, WebSocket).

Who may come in is said before the line opens: by an access token, or, for our own pages, by the browser's session.
Every answer until then is an ordinary error of the surface.
"""

import socket
import threading
import time
from collections import deque
from contextlib import suppress
from typing import Annotated, Any

import orjson
from flask import Blueprint, g, request
from pydantic import BaseModel, Field
from simple_websocket import ConnectionClosed, Server

from webapp import config
from webapp.api import body as bodies
from webapp.api.ftth.notifications import message
from webapp.database import MAX_ID, pause
from webapp.errors import Forbidden
from webapp.extensions import sock
from webapp.identity import VIEWER, current_visit, token_visit
from webapp.notifications.live import Told, hub

SEND_SECONDS = 10.0  # a client that takes longer to take a message is gone
PING_SECONDS = 25
LONGEST_MESSAGE = 4_096  # bytes from a client, which has nothing to say
SESSION_ENDED, GOING_AWAY = 1008, 1001  # RFC 6455, 7.4.1

blueprint = Blueprint("socket", __name__)


class Asked(BaseModel):
    """`since` (or `last_id`) is the last notification that the client has: it gets those after it first, and then
    every message carries its `id`, too, to come back with."""

    token: str = ""
    since: Annotated[int, Field(ge=0, le=MAX_ID)] | None = None
    last_id: Annotated[int, Field(ge=0, le=MAX_ID)] | None = None


class Line:
    """A client's socket: what is sent goes out whole, one message after the other, in SEND_SECONDS or never."""

    def __init__(self, inner: socket.socket) -> None:
        inner.settimeout(SEND_SECONDS)
        self._inner = inner
        self._turn = threading.Lock()

    def send(self, data: bytes) -> int:
        with self._turn:
            try:
                self._inner.sendall(data)
            except OSError:
                self.hang_up()  # half a message went out: nothing can follow it
                raise
        return len(data)

    def hang_up(self) -> None:
        with suppress(OSError):
            self._inner.shutdown(socket.SHUT_RDWR)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


@blueprint.before_request
def let_in() -> None:
    """Raises Forbidden for a foreign page or too low a role, Unauthorized, and Invalid."""
    g.asked = bodies.read_query(Asked)
    _check_origin(own_pages_only=not g.asked.token)
    g.visit = token_visit(g.asked.token) if g.asked.token else current_visit()
    if g.visit.role < VIEWER.role:
        raise Forbidden()
    last = g.asked.since if g.asked.since is not None else g.asked.last_id
    g.with_id = last is not None
    g.follower = hub().follow(
        g.visit.session_id, g.visit.user_id, last
    )  # before the client knows that it is in
    for name in ("gunicorn.socket", "werkzeug.socket"):
        if name in request.environ:
            g.line = request.environ[name] = Line(request.environ[name])


@blueprint.teardown_request
def let_go(_error: BaseException | None) -> None:
    if (follower := g.pop("follower", None)) is not None:
        follower.close()


def _check_origin(*, own_pages_only: bool) -> None:
    """A browser says whose page wants in. A cookie is good for our own pages alone; others must be in WS_ORIGINS.

    What is no browser says nothing, and comes in with a token.
    """
    origin = request.headers.get("Origin", "")
    if origin == request.host_url.rstrip("/"):
        return
    known = [one.strip() for one in config.current().WS_ORIGINS.split(",")]
    if own_pages_only or (origin and origin not in known):
        raise Forbidden("This page may not connect")


def notifications_socket(ws: Server) -> None:
    """Tell the caller what happens, until the session or the connection ends."""
    ws.input_buffer = deque(maxlen=1)  # what a client says is not listened to, and not kept
    pause()  # it may last for hours, and holds no connection to the database
    with suppress(ConnectionClosed, OSError):
        for told in g.follower:
            if not ws.connected:
                break
            for one in told:
                ws.send(_worded(one, with_id=g.with_id))
        else:
            ws.close(GOING_AWAY if hub().closing() else SESSION_ENDED)
    g.line.hang_up()
    g.began = time.perf_counter()  # how long somebody listened is no time to answer


def _worded(one: Told, *, with_id: bool) -> str:
    """Contract 2, WebSocket Message Format."""
    return orjson.dumps(({"id": one.id} if with_id else {}) | message(one)).decode()


notifications_socket.policy = VIEWER  # type: ignore[attr-defined]
sock.route("/ws/notifications", bp=blueprint)(notifications_socket)
