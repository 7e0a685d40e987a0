"""Server-sent events about reports (contract 3, G)."""

import uuid
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from flask import Response, g

from webapp.api.datalane import datalane
from webapp.documents import tasks
from webapp.documents.live import News, TaskState, feed
from webapp.extensions import db
from webapp.identity import ADMIN, SHARED
from webapp.kit import clock

PATH = "/api/sse"


@datalane.operation("GET", f"{PATH}/events", policy=ADMIN, returns=str, media_type="text/event-stream")
def stream_events() -> Response:
    """Server-sent events: `global_stats`, `task_update`, `log`; a ping after 10 s without any."""
    return _stream(_news(feed().follow(_caller())))


@datalane.operation(
    "GET",
    f"{PATH}/tasks/<uuid:id>",
    policy=SHARED,
    returns=str,
    media_type="text/event-stream",
    errors=[404],
)
def stream_task(id: UUID) -> Response:
    """Server-sent events of one task: `status`, and at its end `completed` or `error`."""
    task = tasks.get(id)
    return _stream(_states(feed().follow_task(_caller(), task.id)))


def _caller() -> uuid.UUID | int:
    """The session or the key whose end ends the stream."""
    return g.key.id if g.get("key") else g.visit.session_id


def _stream(frames: Iterator[bytes]) -> Response:
    db.session.remove()  # an open stream must not keep a database connection
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return Response(frames, mimetype="text/event-stream", headers=headers)


def _news(follower: Iterator[News | None]) -> Iterator[bytes]:
    yield b": connected\n\n"
    for one in follower:
        yield _ping() if one is None else _frame(one)


def _states(follower: Iterator[TaskState | None]) -> Iterator[bytes]:
    yield b": connected\n\n"
    for state in follower:
        yield _ping() if state is None else _event(*_told(state))


@lru_cache(maxsize=1_000)
def _frame(news: News) -> bytes:
    """Made once, however many clients get it."""
    return _event(news.kind, news.data)


def _told(state: TaskState) -> tuple[str, dict[str, Any]]:
    """A task that was cancelled or whose file has gone ends its stream with an error, too: there will be no file."""
    if state.status == "completed":
        return "completed", {"status": "completed", "output_size": state.output_size}
    if state.is_ended:
        return "error", {"status": state.status, "error": state.error or f"The task was {state.status}"}
    return "status", {"status": state.status, "progress": state.progress, "stage": state.stage}


def _event(kind: str, data: dict[str, Any]) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (kind.encode(), orjson.dumps(data))


def _ping() -> bytes:
    return b'event: ping\ndata: {"time":%d}\n\n' % clock.unix()
