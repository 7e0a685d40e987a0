"""Taking events from devices (contract 1, Retribusi - Ingest; batches are beyond the document)."""

import zlib
from collections.abc import Sequence
from typing import Any

import orjson
from flask import Response, g, request
from pydantic import TypeAdapter, ValidationError

from webapp.api import body as bodies
from webapp.api.retribusi import envelope, retribusi, schemas
from webapp.errors import DomainError, Invalid, TooLarge, WrongContentType
from webapp.gates.ingest import MAX_BATCH, NewEvent, Outcome, Stored
from webapp.gates.runtime import runtime
from webapp.identity import INGEST
from webapp.observability import EVENTS

MAX_BATCH_BYTES = 4_000_000  # as sent, and again unpacked times four
MAX_UNPACKED = 4 * MAX_BATCH_BYTES
_PIECE = 4096  # bytes; a member leaves the rest of its piece behind as a copy, so a large one would cost
_EVENTS = TypeAdapter(list[schemas.EventIn])
_EVENTS_TOTALS = EVENTS.labels("new"), EVENTS.labels("duplicate"), EVENTS.labels("refused")
_STORED, _DUPLICATE = {"stored": True}, {"stored": True, "duplicate": True}


@retribusi.operation(
    "POST",
    "/retribusi/v1/ingest",
    policy=INGEST,
    always=True,
    body=schemas.EventIn,
    returns=schemas.Stored,
    errors=[404, 503],
)
def ingest(body: schemas.EventIn) -> Response:
    """Ingest one event; 200 means it is committed."""
    event = as_event(body, request.headers.get("Idempotency-Key"))
    (outcome,) = outcomes = runtime().ingest.submit(g.key, [event])
    count_events(outcomes)
    if isinstance(outcome, DomainError):
        raise outcome
    return envelope.ok(stored(outcome))


def as_event(body: schemas.EventIn, idempotency_key: str | None) -> NewEvent:
    """The event to store; the header stands in for a missing `event_id`. Raises Invalid for a bad header."""
    event_id = body.event_id
    if event_id is None and idempotency_key:
        event_id = _checked(idempotency_key)
    return NewEvent(body.timestamp, body.location_code, body.gate_code, body.category, event_id)


def count_events(outcomes: Sequence[Outcome]) -> tuple[int, int, int]:
    """How many were new, known already, and refused; Prometheus learns it too."""
    new, duplicate = outcomes.count(Stored.NEW), outcomes.count(Stored.DUPLICATE)
    counts = new, duplicate, len(outcomes) - new - duplicate
    for total, count in zip(_EVENTS_TOTALS, counts, strict=True):
        if count:
            total.inc(count)
    return counts


def stored(outcome: Stored) -> dict[str, Any]:
    return _STORED if outcome is Stored.NEW else _DUPLICATE


@retribusi.operation(
    "POST",
    "/retribusi/v1/ingest/batch",
    policy=INGEST,
    always=True,
    takes={"application/json": list[schemas.EventIn], "application/x-ndjson": str},
    returns=schemas.BatchOut,
    errors=[413, 415, 422, 503],
)
def ingest_batch() -> Response:
    """Ingest up to 5,000 events (JSON array or NDJSON, gzip allowed); a bad one never sinks its neighbours."""
    return envelope.ok(_stored_batch(_items(_unpacked())))


def _unpacked() -> bytes:
    data = bodies.raw(MAX_BATCH_BYTES)
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding == "identity":
        return data
    if encoding not in ("gzip", "x-gzip"):
        raise WrongContentType("Content-Encoding must be gzip or identity")
    try:
        return _unzipped(data)
    except zlib.error:
        raise Invalid({"body": "Must be valid gzip"}) from None


def _unzipped(data: bytes) -> bytes:
    """All members of the gzip, for a device may pack each event by itself. Raises zlib.error or TooLarge."""
    text, place, unzip = bytearray(), 0, zlib.decompressobj(wbits=31)
    while place < len(data):
        if unzip.eof:
            unzip = zlib.decompressobj(wbits=31)
        piece = data[place : place + _PIECE]
        text += unzip.decompress(piece, MAX_UNPACKED + 1 - len(text))
        if len(text) > MAX_UNPACKED:
            raise TooLarge()
        place += len(piece) - len(unzip.unused_data)
    if not unzip.eof:
        raise zlib.error
    return bytes(text)


def _items(data: bytes) -> list[Any]:
    kind = request.mimetype
    if kind in ("application/x-ndjson", "application/ndjson", "application/jsonl"):
        items = [_line(line) for line in data.splitlines() if line.strip()]
    elif request.is_json:
        items = bodies.load(data)
    else:
        raise WrongContentType("Content-Type must be application/json or application/x-ndjson")
    if not isinstance(items, list):
        raise Invalid({"body": "Must be an array of events"})
    if len(items) > MAX_BATCH:
        raise Invalid({"body": f"Must have at most {MAX_BATCH} events"})
    return items


def _line(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return Invalid({"body": "Must be valid JSON"})


def _stored_batch(items: list[Any]) -> dict[str, Any]:
    key = request.headers.get("Idempotency-Key")
    outcomes = _outcomes(_validated(items), _checked(key) if key else None)
    new, duplicates, failed = count_events(outcomes)
    return {
        "received": len(items),
        "stored": new,
        "duplicates": duplicates,
        "failed": failed,
        "results": [
            stored(outcome) if isinstance(outcome, Stored) else _refused(index, outcome)
            for index, outcome in enumerate(outcomes)
        ],
    }


def _refused(index: int, error: DomainError) -> dict[str, Any]:
    return {"stored": False, "index": index, **envelope.error_body(error)}


def _outcomes(items: Sequence[schemas.EventIn | DomainError], prefix: str | None) -> list[Outcome]:
    """Store what is an event; what is a refusal keeps its place."""
    events = [
        as_event(item, prefix and f"{prefix}#{index}")
        for index, item in enumerate(items)
        if not isinstance(item, DomainError)
    ]
    outcomes = iter(runtime().ingest.submit(g.key, events) if events else ())
    return [item if isinstance(item, DomainError) else next(outcomes) for item in items]


def _validated(items: Sequence[Any]) -> Sequence[schemas.EventIn | DomainError]:
    """An event or a refusal for each. All at once when all are good, one by one when not."""
    try:
        return _EVENTS.validate_python(items)
    except ValidationError:
        return [_event_or_refusal(item) for item in items]


def _event_or_refusal(item: Any) -> schemas.EventIn | DomainError:
    if isinstance(item, DomainError):
        return item
    try:
        return bodies.validated(schemas.EventIn, item)
    except DomainError as error:
        return error


def _checked(idempotency_key: str) -> str:
    if len(idempotency_key) > 100 or not all("!" <= character <= "~" for character in idempotency_key):
        raise Invalid({"Idempotency-Key": "Must have at most 100 printable characters and no spaces"})
    return idempotency_key
