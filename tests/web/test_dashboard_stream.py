"""The dashboard's stream says that something arrived, where, and which day it is."""

import json
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.callers import Browser
from tests.support.factories import Make
from webapp.extensions import db
from webapp.gates.models import GateEvent
from webapp.kit import clock


@pytest.fixture
def stream(viewer_browser: Browser) -> Iterator[TestResponse]:
    response = viewer_browser.client.get("/dashboard/stream?location=kerkof_01", buffered=False)
    yield response
    response.close()


def read(stream: TestResponse) -> tuple[str, dict[str, object]]:
    frame = next(stream.response)  # type: ignore[call-overload]
    kind, data = frame.decode().strip().split("\n")
    return kind.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def test_it_begins_with_a_ping_and_is_not_buffered(app: object, stream: TestResponse) -> None:
    assert stream.content_type.startswith("text/event-stream")
    assert stream.headers["X-Accel-Buffering"] == "no"
    kind, data = read(stream)
    assert kind == "ping"
    assert len(str(data["day"])) == 10


def test_a_burst_is_one_frame_and_other_places_are_none(
    app: Flask, make: Make, stream: TestResponse, viewer_browser: Browser
) -> None:
    here, there = make.open_gate("kerkof_01"), make.open_gate("pasar_01")
    read(stream)
    make.events(there, clock.unix())
    make.events(here, clock.unix(), clock.unix(), clock.unix())
    kind, data = read(stream)
    assert kind == "totals"
    with app.app_context():
        assert data["id"] == db.session.scalar(select(func.max(GateEvent.id)))


def test_a_stranger_has_no_stream(visitor: Browser) -> None:
    visitor.open("/dashboard/stream", 302)
