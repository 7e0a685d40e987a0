"""Recognising an event id costs the same however many were stored before."""

from typing import Any

from flask import Flask
from sqlalchemy import Connection

from tests.support.factories import Make
from tests.support.services import on_postgresql
from webapp.database import intent
from webapp.extensions import db
from webapp.gates import store


def test_ids_are_known_gate_by_gate(app: Flask, make: Make) -> None:
    one, other = make.open_gate(code="gate01").id, make.open_gate(code="gate02").id
    pairs = [(one, f"e{number}") for number in range(1_200)]
    with (
        app.app_context(),
        intent(write=True),
        db.engine.begin() as connection,
        store.cursor_of(connection) as cursor,
    ):
        assert store.claim(cursor, [*pairs, (other, "only here")]) == {*pairs, (other, "only here")}
        wanted = [*pairs, (one, "only here"), (other, "only here"), (other, "e1")]
        assert store.claim(cursor, wanted) == {(one, "only here"), (other, "e1")}
        assert store.claim(cursor, wanted) == set()


def test_they_are_found_by_the_index(app: Flask) -> None:
    with app.app_context(), intent(write=True), db.engine.begin() as connection:
        plan = _on_postgresql(connection) if on_postgresql() else _on_sqlite(connection)
    assert plan
    assert all("event_keys" in step for step in plan), plan


def _on_sqlite(connection: Connection) -> list[str]:
    """Each look-up's plan, which must be a search of the covering index and not a scan."""
    asked: list[str] = []
    driver: Any = connection.connection.dbapi_connection
    driver.set_trace_callback(asked.append)
    with store.cursor_of(connection) as cursor:
        store.claim(cursor, [(1, "a"), (1, "b"), (2, "a")])
    driver.set_trace_callback(None)
    plans = [driver.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall() for sql in asked if "SELECT" in sql]
    steps = [str(step[3]) for plan in plans for step in plan]
    assert all(step.startswith("SEARCH event_keys USING COVERING INDEX") for step in steps), steps
    return steps


def _on_postgresql(connection: Connection) -> list[str]:
    """The lines of the plan that name what settles a conflict: the primary key, whatever the statistics say."""
    with store.cursor_of(connection) as cursor:
        plan = cursor.execute(f"EXPLAIN {store.CLAIM_ON_POSTGRESQL}", store.arrays_of([(1, "a")])).fetchall()
    return [line for (line,) in plan if "Conflict Arbiter Indexes: pk_event_keys" in line]
