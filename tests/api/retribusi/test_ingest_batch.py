"""POST /retribusi/v1/ingest/batch (beyond contract 1)."""

import gzip
import io
import json
from typing import Any

import pytest
from flask import Flask
from gunicorn.http.errors import InvalidChunkSize

from tests.callers import Retribusi
from tests.support.factories import Make

PATH = "/retribusi/v1/ingest/batch"
JSON, NDJSON = "application/json", "application/x-ndjson"
CHUNKED: dict[str, Any] = {
    "CONTENT_LENGTH": "",
    "HTTP_TRANSFER_ENCODING": "chunked",
    "wsgi.input_terminated": True,
}


def event(**changes: Any) -> dict[str, Any]:
    return {
        "timestamp": 1703123456,
        "location_code": "kerkof_01",
        "gate_code": "gate01",
        "category": "motor",
    } | changes


def counts(answer: dict[str, Any]) -> tuple[int, int, int, int]:
    return answer["received"], answer["stored"], answer["duplicates"], answer["failed"]


def total(viewer: Retribusi, day: str = "2023-12-21") -> int:
    return sum(row["total_count"] for row in viewer.get("/retribusi/v1/summary/daily", date=day))


def test_one_bad_event_never_sinks_its_neighbours(device: Retribusi, viewer: Retribusi, make: Make) -> None:
    make.open_gate()
    bad = [event(gate_code="gate99"), event(category="ox"), event(timestamp="soon"), {}, 7, None, "x"]
    answer = device.post(PATH, json=[event(), *bad, event()])
    assert counts(answer) == (9, 2, 0, 7)
    assert answer["results"][0] == answer["results"][8] == {"stored": True}
    assert answer["results"][1] == {
        "stored": False,
        "index": 1,
        "error": "not_found",
        "message": "Gate not found",
    }
    assert [result["index"] for result in answer["results"][1:8]] == list(range(1, 8))
    assert all(
        result["error"] == "validation_error" and result["fields"] for result in answer["results"][2:8]
    )
    assert total(viewer) == 2


def test_the_only_event_with_an_id_may_be_the_bad_one(device: Retribusi, make: Make) -> None:
    make.open_gate()
    assert counts(device.post(PATH, json=[event(gate_code="gate99", event_id="a"), event()])) == (2, 1, 0, 1)
    assert counts(device.post(PATH, json=[event(gate_code="gate99", event_id="b")])) == (1, 0, 0, 1)


def test_events_of_one_batch_may_be_of_many_days(device: Retribusi, viewer: Retribusi, make: Make) -> None:
    make.open_gate()
    device.post(
        PATH, json=[event(timestamp="2024-02-29 10:00:00"), event(timestamp="2023-12-31 23:59:59"), event()]
    )
    assert [total(viewer, day) for day in ("2024-02-29", "2023-12-31", "2023-12-21", "2024-01-01")] == [
        1,
        1,
        1,
        0,
    ]


def test_an_event_id_counts_once_within_and_across_batches(
    device: Retribusi, viewer: Retribusi, make: Make
) -> None:
    make.open_gate()
    events = [event(event_id="a"), event(event_id="b"), event(event_id="a")]
    assert counts(device.post(PATH, json=events)) == (3, 2, 1, 0)
    answer = device.post(PATH, json=events)
    assert counts(answer) == (3, 0, 3, 0)
    assert answer["results"] == [{"stored": True, "duplicate": True}] * 3
    assert total(viewer) == 2


def test_an_idempotency_key_covers_each_event_by_its_place(
    device: Retribusi, viewer: Retribusi, make: Make
) -> None:
    make.open_gate()
    for expected in ((2, 2, 0, 0), (2, 0, 2, 0)):
        answer = device.post(PATH, json=[event(), event()], headers={"Idempotency-Key": "flush-7"})
        assert counts(answer) == expected
    assert total(viewer) == 2


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("lines", [False, True])
def test_arrays_and_lines_plain_and_zipped(device: Retribusi, make: Make, packed: bool, lines: bool) -> None:
    make.open_gate()
    events = [event(), event(), event(gate_code="gate99")]
    body = ("\n".join(map(json.dumps, events)) + "\n" if lines else json.dumps(events)).encode()
    headers = {"Content-Encoding": "gzip"} if packed else {}
    body = gzip.compress(body) if packed else body
    assert counts(device.send(PATH, body, NDJSON if lines else JSON, 200, **headers)) == (3, 2, 0, 1)


def test_a_gzip_may_have_many_members(device: Retribusi, make: Make) -> None:
    make.open_gate()
    line = json.dumps(event()).encode() + b"\n"
    body = (
        gzip.compress(line)
        + gzip.compress(b"")
        + gzip.compress(line * 500, compresslevel=0)
        + gzip.compress(line)
    )
    assert counts(device.send(PATH, body, NDJSON, 200, **{"Content-Encoding": "gzip"})) == (502, 502, 0, 0)


def test_a_broken_line_is_one_bad_event(device: Retribusi, make: Make) -> None:
    make.open_gate()
    body = json.dumps(event()).encode() + b"\n{broken\n" + json.dumps(event()).encode()
    answer = device.send(PATH, body, NDJSON, 200)
    assert counts(answer) == (3, 2, 0, 1)
    assert answer["results"][1]["fields"] == {"body": "Must be valid JSON"}


def test_an_empty_batch_is_fine(device: Retribusi) -> None:
    assert counts(device.post(PATH, json=[])) == (0, 0, 0, 0)


def test_five_thousand_are_taken_and_one_more_is_not(
    device: Retribusi, viewer: Retribusi, make: Make
) -> None:
    make.open_gate()
    assert counts(device.post(PATH, json=[event()] * 5000)) == (5000, 5000, 0, 0)
    assert device.post(PATH, 422, json=[event()] * 5001)["fields"] == {
        "body": "Must have at most 5000 events"
    }
    assert total(viewer) == 5000


@pytest.mark.parametrize("body", [b"{}", b"7", b"null", b"", b"[1", b'"x"'])
def test_what_is_not_an_array_is_invalid(device: Retribusi, body: bytes) -> None:
    device.send(PATH, body, JSON, 422)


PACKED = gzip.compress(b"[]", mtime=0)


@pytest.mark.parametrize("body", [b"", b"no gzip", PACKED[:-9], PACKED + b"x"])
def test_broken_gzip_is_invalid(device: Retribusi, body: bytes) -> None:
    device.send(PATH, body, JSON, 422, **{"Content-Encoding": "gzip"})


def test_a_gzip_bomb_is_refused(device: Retribusi) -> None:
    device.send(PATH, gzip.compress(b" " * 40_000_000), JSON, 413, **{"Content-Encoding": "gzip"})


def test_other_types_and_encodings_are_refused(device: Retribusi) -> None:
    device.send(PATH, b"[]", "text/plain", 415)
    device.send(PATH, b"[]", JSON, 415, **{"Content-Encoding": "br"})


def test_a_body_that_says_it_is_too_large_is_not_read(app: Flask, device: Retribusi) -> None:
    class Unreadable:
        def read(self, _size: int = -1) -> bytes:
            raise AssertionError("the body was read")

    stream: Any = Unreadable()
    environ = {"CONTENT_LENGTH": "100000000", "wsgi.input": stream}
    response = device.raw("POST", PATH, content_type=JSON, environ_overrides=environ)
    assert response.status_code == 413


def sent_without_a_length(device: Retribusi, body: bytes) -> int:
    stream: Any = io.BytesIO(body)
    environ = {"wsgi.input": stream} | CHUNKED
    return device.raw("POST", PATH, content_type=NDJSON, environ_overrides=environ).status_code


def test_a_body_without_a_length_is_never_cut_off_in_silence(
    device: Retribusi, viewer: Retribusi, make: Make
) -> None:
    make.open_gate()
    line = json.dumps(event()).encode() + b"\n"
    assert sent_without_a_length(device, line + b" " * 4_000_000 + line) == 413
    assert total(viewer) == 0
    assert sent_without_a_length(device, line * 2) == 200
    assert total(viewer) == 2


def test_of_a_torn_upload_nothing_is_stored(device: Retribusi, viewer: Retribusi, make: Make) -> None:
    """The device sends it all again when it is back, and its first lines would count twice."""
    make.open_gate()
    line = json.dumps(event()).encode() + b"\n"
    stream: Any = io.BytesIO(line * 2)
    environ = {"CONTENT_LENGTH": str(5 * len(line)), "wsgi.input": stream, "wsgi.input_terminated": True}
    response = device.raw("POST", PATH, content_type=NDJSON, environ_overrides=environ)
    assert response.status_code == 422
    assert response.json == {"error": "validation_error", "fields": {"body": "Did not arrive whole"}}
    assert total(viewer) == 0


def test_chunks_that_are_none_are_invalid(device: Retribusi) -> None:
    class Chunks:
        def read(self, _size: int = -1) -> bytes:
            raise InvalidChunkSize(b"zz")

    stream: Any = Chunks()
    environ = {"wsgi.input": stream} | CHUNKED
    response = device.raw("POST", PATH, content_type=JSON, environ_overrides=environ)
    assert response.status_code == 422


def test_a_key_bound_to_a_gate_refuses_events_of_others_one_by_one(app: Flask, make: Make) -> None:
    gate, _ = make.open_gate(), make.open_gate(code="gate02")
    bound = Retribusi(app.test_client(), key=make.key(gate))
    answer = bound.post(PATH, json=[event(), event(gate_code="gate02")])
    assert counts(answer) == (2, 1, 0, 1)
    assert answer["results"][1]["error"] == "forbidden"


def test_without_a_key_nothing_is_read(stranger: Retribusi) -> None:
    stranger.send(PATH, b"[", JSON, 401)
