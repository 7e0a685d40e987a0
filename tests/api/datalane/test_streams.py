"""Server-sent events about reports (contract 3, G)."""

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.callers import Datalane
from tests.support import reports
from tests.support.reports import OWN, print_one, request
from webapp.accounts import keys, queries, sessions
from webapp.database import transaction
from webapp.documents import live
from webapp.extensions import db
from webapp.identity import decoded

pytestmark = pytest.mark.usefixtures("reading")
Event = tuple[str, dict[str, Any]]


@pytest.fixture(autouse=True)
def feed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[live.Feed]:
    """A feed of the test's own, in more of a hurry than the product's."""
    monkeypatch.setattr(live, "LOOK_EVERY", 0.05)
    monkeypatch.setattr(live, "CHECK_EVERY", 0.05)
    with app.app_context():
        made = live.Feed(db.engine)
    monkeypatch.setitem(app.extensions, "reports", made)
    yield made
    made._close()
    made._wanted.set()
    if made._thread is not None:
        made._thread.join(5)


@pytest.fixture
def opened() -> Iterator[Callable[..., Iterator[Event]]]:
    """`opened(caller, path)`: the events of a stream, which is hung up on when the test ends."""
    responses: list[TestResponse] = []

    def events(caller: Datalane, path: str) -> Iterator[Event]:
        response = caller.raw("GET", path)
        assert (response.status_code, response.mimetype) == (200, "text/event-stream")
        assert response.headers["Cache-Control"] == "no-cache"
        responses.append(response)
        return _events(response)

    yield events
    for response in responses:
        response.close()


def _events(response: TestResponse) -> Iterator[Event]:
    for frame in response.iter_encoded():
        for part in frame.decode().split("\n\n"):
            if part.startswith("event: "):
                kind, data = part.split("\n", 1)
                yield kind.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def of_kind(events: Iterator[Event], kind: str) -> dict[str, Any]:
    return next(data for name, data in events if name == kind)


def background(work: Callable[[], Any]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_the_figures_come_first_and_then_what_changes(
    app: Flask, admin: Datalane, opened: Callable[..., Iterator[Event]]
) -> None:
    events = opened(admin, "/api/sse/events")
    assert next(events) == ("global_stats", {"queue_size": 0, "running_tasks": 0, "active_sessions": 1})
    task_id = str(request(app, OWN))
    stats = of_kind(events, "global_stats")
    assert stats["queue_size"] == 1
    print_one(app)
    updates = (data for kind, data in events if kind == "task_update")
    last = next(
        data for data in updates if data["status"] == "completed"
    )  # what was in between may have been too quick
    assert last == {"id": task_id, "status": "completed", "progress": 100}


def test_what_happens_is_logged_in_words(
    app: Flask, admin: Datalane, opened: Callable[..., Iterator[Event]]
) -> None:
    events = opened(admin, "/api/sse/events")
    next(events)
    request(app, OWN)
    line = of_kind(events, "log")
    assert list(line) == ["level", "message", "timestamp"]
    assert line["level"] == "info"
    assert line["message"].endswith(" queued")


def test_every_client_hears_the_same(
    app: Flask, admin: Datalane, opened: Callable[..., Iterator[Event]]
) -> None:
    clients = [opened(admin, "/api/sse/events") for _ in range(5)]
    for client in clients:
        next(client)
    task_id = str(request(app, OWN))
    assert [of_kind(client, "task_update")["id"] for client in clients] == [task_id] * 5


def test_a_tasks_stream_ends_with_the_task(
    app: Flask, partner: Datalane, opened: Callable[..., Iterator[Event]]
) -> None:
    task_id = request(app, OWN)
    events = opened(partner, f"/api/sse/tasks/{task_id}")
    assert next(events) == ("status", {"status": "queued", "progress": 0, "stage": ""})
    work = background(lambda: print_one(app))
    rest = list(events)
    work.join()
    size = reports.stored(app, task_id).output_size
    assert rest[-1] == ("completed", {"status": "completed", "output_size": size})
    assert {kind for kind, _ in rest[:-1]} <= {"status"}
    assert list(opened(partner, f"/api/sse/tasks/{task_id}")) == rest[-1:]


def test_a_task_that_fails_or_is_cancelled_ends_its_stream_with_an_error(
    app: Flask, partner: Datalane, reading: Any, opened: Callable[..., Iterator[Event]]
) -> None:
    file = reports.day_file(reading, reports.date(2025, 12, 15), 1)
    file.write_text("no,columns\n1,2\n")
    failed = request(app, OWN)
    events = opened(partner, f"/api/sse/tasks/{failed}")
    print_one(app)
    kind, data = list(events)[-1]
    assert (kind, data["status"]) == ("error", "failed")
    assert data["error"].startswith("15122025.csv: ")
    cancelled = request(app, OWN)
    events = opened(partner, f"/api/sse/tasks/{cancelled}")
    reports.cancel(app, cancelled)
    assert list(events)[-1] == ("error", {"status": "cancelled", "error": "The task was cancelled"})


def test_a_quiet_stream_gives_signs_of_life(
    app: Flask, partner: Datalane, opened: Callable[..., Iterator[Event]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "IDLE", 0.1)
    events = opened(partner, f"/api/sse/tasks/{request(app, OWN)}")
    next(events)
    kind, data = next(events)
    assert kind == "ping"
    assert data["time"] > 0


def test_a_revoked_session_ends_its_streams(
    app: Flask, admin: Datalane, opened: Callable[..., Iterator[Event]]
) -> None:
    events = opened(admin, "/api/sse/events")
    next(events)
    with app.app_context(), transaction():
        sessions.revoke_session(decoded(admin.credential, "access")["sid"])
    assert [kind for kind, _ in events if kind != "global_stats"] == []


def test_a_key_that_is_switched_off_ends_its_streams(
    app: Flask, partner: Datalane, opened: Callable[..., Iterator[Event]]
) -> None:
    events = opened(partner, f"/api/sse/tasks/{request(app, OWN)}")
    next(events)
    with app.app_context(), transaction():
        keys.toggle_key(queries.keys_page(1, 1).items[0].public_id)
    assert list(events) == []


def test_streams_end_when_the_server_stops(
    app: Flask, admin: Datalane, feed: live.Feed, opened: Callable[..., Iterator[Event]]
) -> None:
    events = opened(admin, "/api/sse/events")
    next(events)
    feed.closing = lambda: True
    assert list(events) == []


def test_an_open_stream_holds_no_connection(
    app: Flask, admin: Datalane, opened: Callable[..., Iterator[Event]]
) -> None:
    streams = [opened(admin, "/api/sse/events") for _ in range(20)]
    for stream in streams:
        next(stream)
    with app.app_context():
        assert db.engine.pool.checkedout() <= 1  # the one that looks, if it looks just now


def test_only_those_may_listen_who_may_see(
    app: Flask, partner: Datalane, viewer: Datalane, stranger: Datalane
) -> None:
    one = f"/api/sse/tasks/{request(app, OWN)}"
    partner.get("/api/sse/events", 403, 2001)
    for path in ("/api/sse/events", one):
        viewer.get(path, 403, 2001)
        stranger.get(path, 401, 2001)
    partner.get(f"/api/sse/tasks/{uuid4()}", 404, 3001)
    assert UUID(one.rsplit("/", 1)[1])
