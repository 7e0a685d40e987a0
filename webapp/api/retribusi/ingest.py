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
    body=schemas.EventIn,
    returns=schemas.Stored,
    errors=[404, 503],
)
def ingest(body: schemas.EventIn) -> Response:
    """Ingest one event; 200 means it is committed."""
    event = as_event(body, request.headers.get("Idempotency-Key"))
    outcome = count_events(runtime().ingest.submit(g.key, [event]))[0]
    if isinstance(outcome, DomainError):
        raise outcome
    return envelope.ok(stored(outcome))


def as_event(body: schemas.EventIn, idempotency_key: str | None) -> NewEvent:
    """The event to store; the header stands in for a missing `event_id`. Raises Invalid for a bad header."""
    event_id = body.event_id
    if event_id is None and idempotency_key:
        event_id = _checked(idempotency_key)
    return NewEvent(body.timestamp, body.location_code, body.gate_code, body.category, event_id)


def count_events(outcomes: list[Outcome]) -> list[Outcome]:
    """For Prometheus: how many were new, known already, or refused."""
    new, duplicate = outcomes.count(Stored.NEW), outcomes.count(Stored.DUPLICATE)
    for total, count in zip(_EVENTS_TOTALS, (new, duplicate, len(outcomes) - new - duplicate), strict=True):
        if count:
            total.inc(count)
    return outcomes


def stored(outcome: Stored) -> dict[str, Any]:
    return _STORED if outcome is Stored.NEW else _DUPLICATE


@retribusi.operation(
    "POST",
    "/retribusi/v1/ingest/batch",
    policy=INGEST,
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
    prefix = _checked(key) if key else None
    events, refusals = _validated(items, prefix)
    outcomes = runtime().ingest.submit(g.key, [event for _, event in events]) if events else []
    count_events([*outcomes, *(refusal for _, refusal in refusals)])
    results: list[Any] = [None] * len(items)
    for index, refusal in refusals:
        results[index] = _refused(index, refusal)
    for (index, _), outcome in zip(events, outcomes, strict=True):
        results[index] = _refused(index, outcome) if isinstance(outcome, DomainError) else stored(outcome)
    duplicates = sum(result is _DUPLICATE for result in results)
    fresh = sum(result is _STORED for result in results)
    return {
        "received": len(items),
        "stored": fresh,
        "duplicates": duplicates,
        "failed": len(items) - fresh - duplicates,
        "results": results,
    }


def _refused(index: int, error: DomainError) -> dict[str, Any]:
    return {"stored": False, "index": index, **envelope.error_body(error)}


def _validated(
    items: Sequence[Any], prefix: str | None
) -> tuple[list[tuple[int, NewEvent]], list[tuple[int, DomainError]]]:
    """Good events and refusals, each with its index. All at once when all are good, one by one when not."""
    try:
        bodies_ = list(enumerate(_EVENTS.validate_python(items)))
        refusals: list[tuple[int, DomainError]] = []
    except ValidationError:
        bodies_, refusals = _one_by_one(items)
    return [(index, as_event(body, prefix and f"{prefix}#{index}")) for index, body in bodies_], refusals


def _one_by_one(
    items: Sequence[Any],
) -> tuple[list[tuple[int, schemas.EventIn]], list[tuple[int, DomainError]]]:
    good: list[tuple[int, schemas.EventIn]] = []
    bad: list[tuple[int, DomainError]] = []
    for index, item in enumerate(items):
        try:
            if isinstance(item, DomainError):
                raise item
            good.append((index, bodies.validated(schemas.EventIn, item)))
        except DomainError as error:
            bad.append((index, error))
    return good, bad


def _checked(idempotency_key: str) -> str:
    if len(idempotency_key) > 100 or not all("!" <= character <= "~" for character in idempotency_key):
        raise Invalid({"Idempotency-Key": "Must have at most 100 printable characters and no spaces"})
    return idempotency_key
