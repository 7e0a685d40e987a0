"""The live stream and its snapshot (contract 1, Retribusi - Realtime)."""

from collections.abc import Iterator
from functools import lru_cache

import orjson
from flask import Response, request

from webapp import config
from webapp.api.retribusi import envelope, presenters, retribusi, schemas
from webapp.errors import Invalid
from webapp.extensions import db
from webapp.gates import totals
from webapp.gates.runtime import runtime
from webapp.gates.stream import StreamEvent
from webapp.identity import VIEWER, current_visit
from webapp.kit import clock

PATH = "/retribusi/v1/realtime"
MAX_ID = 2**63 - 1


@retribusi.operation(
    "GET",
    f"{PATH}/stream",
    policy=VIEWER,
    query=schemas.StreamQuery,
    returns=str,
    media_type="text/event-stream",
)
def stream(query: schemas.StreamQuery) -> Response:
    """Server-sent events: one `ingest` event for each passage, a ping after 10 s without any."""
    after = query.last_id if query.last_id is not None else _last_event_id()
    follower = runtime().hub.follow(current_visit().session_id, after, query.location_code)
    db.session.remove()  # an open stream must not keep a database connection
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return Response(_frames(follower), mimetype="text/event-stream", headers=headers)


def _last_event_id() -> int | None:
    given = request.headers.get("Last-Event-ID", "").strip()
    if not given:
        return None
    if not (given.isascii() and given.isdigit()) or int(given) > MAX_ID:
        raise Invalid({"Last-Event-ID": "Must be the id of an event"})
    return int(given)


def _frames(follower: Iterator[list[StreamEvent]]) -> Iterator[bytes]:
    yield b": connected\n\n"
    for events in follower:
        if events:
            yield b"".join(map(_frame, events))
        else:
            yield b'event: ping\ndata: {"time":%d}\n\n' % clock.unix()


@lru_cache(maxsize=10_000)
def _frame(event: StreamEvent) -> bytes:
    """Made once an event, however many clients get it."""
    data = {
        "location_code": event.location_code,
        "gate_code": event.gate_code,
        "category": event.category,
        "event_time": event.event_time,
    }
    return b"id: %d\nevent: ingest\ndata: %s\n\n" % (event.id, orjson.dumps(data))


@retribusi.operation(
    "GET", f"{PATH}/snapshot", policy=VIEWER, query=schemas.OfToday, returns=schemas.SummaryOut
)
def snapshot(query: schemas.OfToday) -> Response:
    """Stat cards of today, or of another day."""
    day = query.date or config.today()
    return envelope.ok(presenters.summary(totals.summary(day, totals.Where(query.location_code))))
