"""Recognising an event id costs the same however many were stored before."""

import pytest
from flask import Flask
from sqlalchemy import event

from tests.support.factories import Make
from tests.support.services import on_postgresql
from webapp.database import intent
from webapp.extensions import db
from webapp.gates import store


def test_ids_are_known_gate_by_gate(app: Flask, make: Make) -> None:
    one, other = make.open_gate(code="gate01").id, make.open_gate(code="gate02").id
    pairs = [(one, f"e{number}") for number in range(1_200)]
    with app.app_context(), intent(write=True), db.engine.begin() as connection:
        store.EVENT_KEYS.insert(connection, [*pairs, (other, "only here")])
        wanted = [*pairs, (one, "only here"), (other, "only here"), (other, "e1")]
        assert store.known_keys(connection, wanted) == {*pairs, (other, "only here")}
        assert store.known_keys(connection, []) == set()


@pytest.mark.skipif(on_postgresql(), reason="PostgreSQL chooses its plan by the table's size")
def test_sqlite_searches_its_index_for_them(app: Flask) -> None:
    asked = []
    with app.app_context(), intent(write=True), db.engine.begin() as connection:
        event.listen(connection, "before_cursor_execute", lambda *given: asked.append(given[2:4]))
        store.known_keys(connection, [(1, "a"), (1, "b"), (2, "a")])
        plans = [
            connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values) for sql, values in list(asked)
        ]
        steps = [step.detail for plan in plans for step in plan]
    assert steps
    assert all(step.startswith("SEARCH event_keys USING COVERING INDEX") for step in steps), steps
