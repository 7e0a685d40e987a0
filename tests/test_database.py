"""SQLite's writers: one behind the other, and none waits for ever."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tests.support import services
from webapp import database
from webapp.accounts.models import Setting
from webapp.database import transaction
from webapp.extensions import db

pytestmark = pytest.mark.skipif(services.on_postgresql(), reason="PostgreSQL has a lock for each row")


@contextmanager
def somebody_writes(app: Flask) -> Iterator[None]:
    """A transaction of another thread that has the write lock for as long as the block lasts."""
    has_it, may_end = threading.Event(), threading.Event()

    def write() -> None:
        with app.app_context(), transaction():
            db.session.add(Setting(key="a", value="1"))
            db.session.flush()
            has_it.set()
            may_end.wait(10)

    thread = threading.Thread(target=write)
    thread.start()
    assert has_it.wait(5)
    yield
    may_end.set()
    thread.join()


def test_writers_get_their_turn_in_the_order_in_which_they_came(app: Flask) -> None:
    order: list[int] = []

    def write(number: int) -> None:
        with app.app_context(), transaction():
            db.session.connection()
            order.append(number)

    with somebody_writes(app):
        writers = [threading.Thread(target=write, args=(number,)) for number in range(3)]
        writers[0].start()
        while not database._line_of(database.os.getpid()).locked():
            time.sleep(0.001)
        for writer in writers[1:]:
            writer.start()
        time.sleep(0.05)
        assert order == []
    for writer in writers:
        writer.join()
    assert order[0] == 0
    assert sorted(order) == [0, 1, 2]


def test_a_line_that_does_not_move_ends_in_a_refusal(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_MILLISECONDS", 50)
    line = database._line_of(database.os.getpid())
    with line, app.app_context(), pytest.raises(PoolTimeout), transaction():
        db.session.connection()
    assert not line.locked()
