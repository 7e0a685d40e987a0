"""Recognising an event id costs the same however many were stored before."""

from typing import Any

import pytest
from flask import Flask

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


@pytest.mark.skipif(on_postgresql(), reason="PostgreSQL chooses its plan by the table's size")
def test_sqlite_searches_its_index_for_them(app: Flask) -> None:
    asked: list[str] = []
    with app.app_context(), intent(write=True), db.engine.begin() as connection:
        driver: Any = connection.connection.dbapi_connection
        driver.set_trace_callback(asked.append)
        with store.cursor_of(connection) as cursor:
            store.claim(cursor, [(1, "a"), (1, "b"), (2, "a")])
        driver.set_trace_callback(None)
        steps = [
            step[3]
            for sql in asked
            if "SELECT" in sql
            for step in driver.execute(f"EXPLAIN QUERY PLAN {sql}")
        ]
    assert steps
    assert all(step.startswith("SEARCH event_keys USING COVERING INDEX") for step in steps), steps
