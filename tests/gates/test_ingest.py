"""The writer of events: shared commits, many processes, and a database that fails."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from tests.support.factories import GateRef, Make
from webapp.errors import Forbidden, NotFound, Unavailable
from webapp.extensions import db
from webapp.gates import ingest as ingest_module
from webapp.gates import store
from webapp.gates.catalogue import Catalogue, CatalogueCache, GateLine, Key, PriceLine
from webapp.gates.ingest import Ingest, NewEvent, Quotes, Stored
from webapp.gates.models import DailyTotal, GateEvent, HourlyTotal

KEY = Key(None, "ingest")


def writer(app: Flask, on_commit: Callable[[], None] = lambda: None) -> Ingest:
    """A writer as another process would have it: nothing shared but the database."""
    with app.app_context():
        zone = app.config["GERBANG"].timezone
        return Ingest(db.engine, CatalogueCache(db.engine, {}), zone, 300, on_commit)


def events(gate: GateRef, count: int, start: int = 1_700_000_000) -> list[NewEvent]:
    return [NewEvent(start + number, gate.location_code, gate.gate_code, "motor") for number in range(count)]


def figures(app: Flask) -> tuple[int, int, int]:
    """Raw events, and what hourly and daily totals say."""
    with app.app_context():
        raw = db.session.scalar(select(func.count(GateEvent.id)))
        hourly = db.session.scalar(select(func.sum(HourlyTotal.count)))
        daily = db.session.scalar(select(func.sum(DailyTotal.count)))
    return raw or 0, hourly or 0, daily or 0


def all_at_once(*tasks: Any) -> None:
    threads = [threading.Thread(target=task) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()


def test_requests_at_the_same_time_share_commits_and_lose_nothing(app: Flask, make: Make) -> None:
    gate = make.open_gate()
    commits: list[int] = []
    ours = writer(app, lambda: commits.append(1))
    outcomes: list[Any] = []
    tasks = [lambda: outcomes.extend(ours.submit(KEY, events(gate, 5))) for _ in range(60)]
    all_at_once(*tasks)
    assert outcomes == [Stored.NEW] * 300
    assert figures(app) == (300, 300, 300)
    assert len(commits) < 60


def test_writers_of_several_processes_keep_totals_exact(app: Flask, make: Make) -> None:
    gates = [make.open_gate(code=f"gate{number}") for number in range(4)]

    def device(ours: Ingest, gate: GateRef) -> Any:
        return lambda: [ours.submit(KEY, events(gate, 20)) for _ in range(10)]

    writers = [writer(app) for _ in range(4)]
    all_at_once(*(device(ours, gate) for ours in writers for gate in gates))
    assert figures(app) == (3200, 3200, 3200)


def test_ids_become_visible_in_their_order(app: Flask, make: Make) -> None:
    """What a reader of "everything after id N" has once passed never changes behind it."""
    gate = make.open_gate()
    stop = threading.Event()
    seen: list[int] = []

    def read() -> None:
        with (
            app.app_context(),
            db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
        ):
            while (
                not stop.is_set() or connection.scalar(select(func.max(GateEvent.id))) != (seen or [None])[-1]
            ):
                after = seen[-1] if seen else 0
                found = select(GateEvent.id).where(GateEvent.id > after).order_by(GateEvent.id)
                seen.extend(connection.scalars(found))
                connection.rollback()

    reader = threading.Thread(target=read)
    reader.start()
    writers = [writer(app) for _ in range(3)]
    all_at_once(
        *(lambda ours=ours: [ours.submit(KEY, events(gate, 7)) for _ in range(20)] for ours in writers)
    )
    stop.set()
    reader.join(30)
    assert len(seen) == 420
    assert seen == sorted(set(seen))


def test_the_same_event_id_from_two_processes_at_once_counts_once(app: Flask, make: Make) -> None:
    gate = make.open_gate()
    same = [event._replace(event_id=f"e{number}") for number, event in enumerate(events(gate, 50))]
    outcomes: list[Any] = []
    writers = [writer(app) for _ in range(4)]
    all_at_once(*(lambda ours=ours: outcomes.extend(ours.submit(KEY, same)) for ours in writers))
    assert outcomes.count(Stored.NEW) == 50
    assert outcomes.count(Stored.DUPLICATE) == 150
    assert figures(app) == (50, 50, 50)


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> Iterator[None]:
    def fail(*_arguments: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(store, "_changes", fail)
        yield


def test_a_full_disk_is_an_unavailable_and_loses_nothing_acknowledged(
    app: Flask, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, ours = make.open_gate(), writer(app)
    ours.submit(KEY, events(gate, 3))
    with (
        failing(monkeypatch, sqlite3.OperationalError("database or disk is full")),
        pytest.raises(Unavailable),
    ):
        ours.submit(KEY, events(gate, 3))
    assert ours.submit(KEY, events(gate, 3)) == [Stored.NEW] * 3
    assert figures(app) == (6, 6, 6)


def test_a_fault_between_events_and_totals_leaves_neither(
    app: Flask, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, ours = make.open_gate(), writer(app)
    monkeypatch.setattr(
        store, "PULSES", store.Table("no_such_table", {"gate_id": "int", "last_heard_at": "bigint"})
    )
    with pytest.raises(Unavailable):
        ours.submit(KEY, events(gate, 3))
    assert figures(app) == (0, 0, 0)


def test_a_line_that_is_too_long_says_later(app: Flask, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = make.open_gate()
    monkeypatch.setattr(ingest_module, "MAX_WAITING", 2)
    with pytest.raises(Unavailable):
        writer(app).submit(KEY, events(gate, 3))


def test_a_device_whose_clock_was_never_set_is_counted_in_1970(app: Flask, make: Make) -> None:
    gate = make.open_gate()
    writer(app).submit(KEY, events(gate, 2, start=0))
    with app.app_context():
        assert [str(day) for day in db.session.scalars(select(DailyTotal.day))] == ["1970-01-01"]


def test_a_locked_database_is_an_unavailable(app: Flask, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, ours = make.open_gate(), writer(app)
    with app.app_context():
        engine = db.engine
    with engine.connect() as holder, monkeypatch.context() as impatient:
        if engine.dialect.name == "sqlite":
            impatient.setattr("webapp.database.BUSY_MILLISECONDS", 50)
            impatient.setattr(
                engine, "pool", engine.pool.recreate()
            )  # connections made before wait for longer
            holder.execute(text("SELECT 1"))
        else:
            holder.execute(text("LOCK TABLE gate_events IN ACCESS EXCLUSIVE MODE"))
            impatient.setattr("webapp.gates.store.lock_stream", _impatient)
        with pytest.raises(Unavailable):
            ours.submit(KEY, events(gate, 1))
        holder.rollback()
    assert ours.submit(KEY, events(gate, 1)) == [Stored.NEW]


def _impatient(cursor: Any) -> None:
    cursor.execute("SET LOCAL lock_timeout = 50")


def quotes() -> Quotes:
    """One gate, whose motors cost 2,000 from 100 on and 3,000 from 200 on."""
    gate = GateLine(7, True, {"motor": PriceLine(2, [100, 200], [2000, 3000])})
    return Quotes(Catalogue(1, {"a": True}, {("a", "g"): gate}, ("motor",), {}))


def test_a_quote_holds_exactly_as_long_as_its_price() -> None:
    ours, passage = quotes(), NewEvent(0, "a", "g", "motor")
    prices = [ours.get(KEY, passage, seconds).price for seconds in (199, 200, 100, 10**10, 199)]
    assert prices == [2000, 3000, 2000, 3000, 2000]
    with pytest.raises(NotFound):
        ours.get(KEY, passage, 99)


def test_what_one_key_was_quoted_another_may_still_not_sell() -> None:
    ours, passage = quotes(), NewEvent(0, "a", "g", "motor")
    assert ours.get(KEY, passage, 150).gate_id == 7
    with pytest.raises(Forbidden):
        ours.get(Key(1, "ingest", gate_id=8), passage, 150)
