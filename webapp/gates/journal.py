"""The connection of the writer of events: raw, its own, and gone at the first error."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.pool import PoolProxiedConnection

from webapp import database
from webapp.kit.threads import Lane, cooperative

SLOW_FLUSH = (
    0.002  # seconds; a disk slower than this flushes in a thread of its own, and other requests go on
)


class Journal:
    """One transaction after another on a connection that is kept while there is work."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: PoolProxiedConnection | None = None
        self._lane = Lane()
        self._flushes_slowly = True

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """A cursor of the driver, in a writing transaction that is committed at the end.

        Whatever is raised undoes it and closes the connection: the next transaction gets a new one.
        """
        if self._connection is None:
            self._connection = self._opened()
        try:
            self._begin(self._connection.dbapi_connection)
            with closing(self._connection.cursor()) as cursor:
                yield cursor
            self._commit(self._connection.dbapi_connection)
        except BaseException:
            self._connection.invalidate()
            self._connection = None
            raise

    def rest(self) -> None:
        """Give the connection back to the pool until there is work again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _opened(self) -> PoolProxiedConnection:
        return self._engine.raw_connection()

    def _begin(self, raw: Any) -> None:
        if isinstance(raw, sqlite3.Connection) and not (cooperative() and database.lock_at_once(raw)):
            self._lane.run(raw.execute, "BEGIN IMMEDIATE")

    def _commit(self, raw: Any) -> None:
        if isinstance(raw, sqlite3.Connection):
            seconds = self._lane.run(_timed, raw.commit) if self._flushes_slowly else _timed(raw.commit)
            self._flushes_slowly = seconds > SLOW_FLUSH
        else:
            raw.commit()


def _timed(commit: Any) -> float:
    began = time.perf_counter()
    commit()
    return time.perf_counter() - began
