"""GET /retribusi/v1/realtime/stream (contract 1, Realtime)."""

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import jwt
import pytest
from flask import Flask

from tests.callers import Retribusi
from tests.support.factories import Make
from webapp import tails
from webapp.accounts import sessions
from webapp.database import transaction
from webapp.extensions import db
from webapp.gates import stream

PATH = "/retribusi/v1/realtime/stream"


@contextmanager
def listening(
    caller: Retribusi, last_event_id: str | None = None, **query: object
) -> Iterator[Iterator[str]]:
    """The stream's frames after its greeting, as an SSE client reads them."""
    headers = {"Last-Event-ID": last_event_id} if last_event_id is not None else {}
    response = caller.raw("GET", PATH, query_string=query, headers=headers, buffered=False)
    assert response.status_code == 200
    assert response.content_type == "text/event-stream; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-cache"
    frames = (frame for chunk in response.iter_encoded() for frame in chunk.decode().split("\n\n") if frame)
    assert next(frames) == ": connected"
    try:
        yield frames
    finally:
        response.close()


def fields(frame: str) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in frame.splitlines())


def ids(frames: Iterator[str], count: int) -> list[int]:
    return [int(fields(next(frames))["id"]) for _ in range(count)]


def test_each_event_arrives_as_documented(viewer: Retribusi, make: Make) -> None:
    gate = make.open_gate()
    with listening(viewer) as frames:
        make.events(gate, 1703123456)
        frame = fields(next(frames))
    assert set(frame) == {"id", "event", "data"}
    assert frame["event"] == "ingest"
    assert frame["data"] == (
        '{"location_code":"kerkof_01","gate_code":"gate01","category":"motor","event_time":1703123456}'
    )


def test_it_begins_with_what_comes_from_now_on(viewer: Retribusi, make: Make) -> None:
    gate = make.open_gate()
    make.events(gate, 1, 2, 3)
    with listening(viewer) as frames:
        make.events(gate, 4)
        assert json.loads(fields(next(frames))["data"])["event_time"] == 4


def test_it_resumes_after_the_last_id_without_a_gap_or_a_repeat(viewer: Retribusi, make: Make) -> None:
    gate = make.open_gate()
    with listening(viewer) as frames:
        make.events(gate, *range(100))
        seen = ids(frames, 100)
    with listening(viewer, last_id=seen[39]) as frames:
        make.events(gate, 7)
        resumed = ids(frames, 61)
    assert resumed[:60] == seen[40:]
    assert resumed == sorted(set(resumed))
    with listening(viewer, last_event_id=str(seen[89])) as frames:
        assert ids(frames, 10) == seen[90:]


def test_a_reader_far_behind_catches_up_in_order(viewer: Retribusi, make: Make) -> None:
    gate = make.open_gate()
    with listening(viewer, last_id=0) as frames:
        make.events(gate, *[5] * 1700)
        found = ids(frames, 1700)
    assert found == sorted(set(found))


def test_a_reader_beyond_what_the_process_remembers_reads_from_the_database(
    viewer: Retribusi, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tails, "KEPT", 10)
    gate = make.open_gate()
    with listening(viewer) as slow:
        make.events(gate, *range(1000))
        assert len(ids(slow, 1000)) == 1000


def test_a_location_filter_lets_only_its_events_through(viewer: Retribusi, make: Make) -> None:
    first, second = make.open_gate(), make.open_gate("pasar", "gate01")
    with listening(viewer, location_code="pasar") as frames:
        make.events(first, 1)
        make.events(second, 2)
        assert json.loads(fields(next(frames))["data"])["location_code"] == "pasar"


def test_a_quiet_stream_pings(viewer: Retribusi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tails, "IDLE", 0.05)
    with listening(viewer) as frames:
        assert next(frames).startswith("event: ping\ndata: ")


def test_it_ends_when_the_session_is_revoked(
    app: Flask, viewer: Retribusi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tails, "SESSION_CHECK_EVERY", 0.0)
    monkeypatch.setattr(tails, "LOOK_EVERY", 0.05)
    claims = jwt.decode(viewer.headers["Authorization"][7:], options={"verify_signature": False})
    with listening(viewer) as frames:
        with app.app_context(), transaction():
            sessions.revoke_session(uuid.UUID(claims["sid"]))
        assert [frame for frame in frames if "ingest" in frame] == []  # it ends by itself


@pytest.mark.parametrize("last_id", ["-1", "x", "1.5", str(2**63)])
def test_a_wrong_last_id_is_invalid(viewer: Retribusi, last_id: str) -> None:
    assert viewer.get(PATH, 422, last_id=last_id)["fields"].keys() == {"last_id"}
    response = viewer.raw("GET", PATH, headers={"Last-Event-ID": last_id})
    assert response.status_code == 422


def test_who_may_listen(stranger: Retribusi, member: Retribusi) -> None:
    stranger.get(PATH, 401)
    member.get(PATH, 403)


def test_a_quiet_place_pings_while_others_are_busy(
    viewer: Retribusi, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tails, "IDLE", 0.0)
    busy, _ = make.open_gate(), make.open_gate("pasar", "gate01")
    with listening(viewer, location_code="pasar") as frames:
        make.events(busy, 1, 2, 3)
        assert next(frames).startswith("event: ping")


def test_an_id_that_another_process_gave_is_not_sent_again(app: Flask, viewer: Retribusi, make: Make) -> None:
    gate = make.open_gate()
    claims = jwt.decode(viewer.headers["Authorization"][7:], options={"verify_signature": False})
    with app.app_context():
        behind = stream.Hub(db.engine, app.extensions["redis"])
        behind._thread = threading.current_thread()  # its tail stands still
        behind.follow(session := uuid.UUID(claims["sid"]))
        make.events(gate, 1, 2)
        last = behind._source.latest()
        follower = behind.follow(session, after=last - 1)
        behind._look()
        assert [event.id for event in next(follower)] == [last]
