"""The database: column types, engine settings, and the rule that one request or job is one transaction."""

import os
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from typing import Any, ClassVar, cast
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    DateTime,
    Delete,
    Dialect,
    Engine,
    MetaData,
    Row,
    Select,
    Update,
    event,
    func,
    select,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from webapp.kit.chunks import CHUNK
from webapp.kit.threads import breathe, cooperative, offload

MAX_ID = 2**31 - 1  # the largest that an integer column holds
ROOM = 3  # how many times as long as it wrote, work in the background leaves the lock to others
BUSY_MILLISECONDS = 5_000  # how long SQLite waits for another writer
# Pages (64 MB) that SQLite's log may hold before they are copied to where they belong: batches change the same ones
# again and again, and each is copied once. Durability is the log's; only its size and the pause to copy it grow.
CHECKPOINT = "wal_autocheckpoint=16000"
AnySelect = Select[*tuple[Any, ...]]
_intends_to_write: ContextVar[bool] = ContextVar("intends_to_write", default=True)


class Base(DeclarativeBase):
    """Every model; constraints get predictable names so that migrations can speak of them."""

    in_activity_log: ClassVar[bool] = True  # False for what the machine keeps for itself
    label_field: ClassVar[str] = "name"  # what people know a row by

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment: `timestamptz` on PostgreSQL, naive UTC on SQLite, always aware UTC in Python."""

    impl = DateTime(timezone=True)
    cache_ok = True
    python_type = datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def engine_options(url: str) -> dict[str, Any]:
    """Pool and driver settings for the database at `url`; every wait has an end."""
    pool: dict[str, Any] = {"pool_size": 10, "max_overflow": 20, "pool_timeout": 10}
    if url.startswith("sqlite"):
        return pool | {"connect_args": {"check_same_thread": False}}
    settings = "-c timezone=UTC -c lock_timeout=10000 -c statement_timeout=120000"
    network = {"connect_timeout": 5, "keepalives_idle": 30, "tcp_user_timeout": 30_000}  # s, s, ms
    return pool | {"pool_pre_ping": True, "connect_args": network | {"options": settings}}


def configure_engine(engine: Engine) -> None:
    """Make SQLite durable and honest about who writes. PostgreSQL needs nothing."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)


def _configure_sqlite(dbapi_connection: Any, _record: Any) -> None:
    dbapi_connection.isolation_level = (
        None  # transactions begin where _begin_sqlite says, not where sqlite3 guesses
    )
    dbapi_connection.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "cache_size=-32000",
        CHECKPOINT,
    ):
        dbapi_connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Writers take the write lock at once: a reader that turns writer can't wait, it can only fail."""
    if not _intends_to_write.get():
        connection.exec_driver_sql("BEGIN")
    else:
        with _first_in_line():
            if not (cooperative() and lock_at_once(connection.connection.dbapi_connection)):
                offload(connection.exec_driver_sql, "BEGIN IMMEDIATE")


@contextmanager
def _first_in_line() -> Iterator[None]:
    """This process's writers wait for the lock one behind the other. Raises PoolTimeout.

    SQLite's own waiting is no queue: it looks again after longer and longer pauses, and who comes later is faster.
    """
    line = _line_of(os.getpid())
    if not line.acquire(timeout=BUSY_MILLISECONDS / 1_000):
        raise PoolTimeout("too many are waiting to write")
    try:
        yield
    finally:
        line.release()


@cache
def _line_of(_process: int) -> threading.Lock:
    """Made at its first use: gevent must have replaced locks by then, and a forked process needs one of its own."""
    return threading.Lock()


def let_others_write(seconds: float) -> None:
    """After `seconds` of writing in the background, between transactions: make room for those whom people wait for.

    On SQLite alone, where one writes at a time: processes don't line up, and whoever goes on at once has it again.
    """
    from webapp.extensions import db

    if db.engine.dialect.name == "sqlite":
        time.sleep(ROOM * seconds)


def lock_at_once(raw: Any) -> bool:
    """BEGIN IMMEDIATE on SQLite's own connection, if the write lock is free: that saves a trip to another thread."""
    raw.execute("PRAGMA busy_timeout=0")
    try:
        raw.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return False
    else:
        return True
    finally:
        raw.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")


@contextmanager
def intent(write: bool) -> Iterator[None]:
    """Transactions that begin in this block read only (`write=False`) or may write."""
    token = _intends_to_write.set(write)
    try:
        yield
    finally:
        _intends_to_write.reset(token)


@contextmanager
def transaction(write: bool = True) -> Iterator[None]:
    """All of the block is committed, or, if it raises, none of it (but see DomainError.keeps)."""
    from webapp.extensions import db

    with intent(write):
        try:
            yield
            db.session.commit()
        except BaseException as error:
            if write and getattr(error, "keeps", False):
                db.session.commit()
            else:
                db.session.rollback()
            raise


def pause() -> None:
    """End the transaction so far: what comes next may take long, and holds neither a connection nor a lock."""
    from webapp.extensions import db

    db.session.commit()


def aside(statement: AnySelect) -> tuple[Any, ...] | None:
    """The first row, read on a connection of its own that is free again at once."""
    from webapp.extensions import db

    with intent(write=False), db.engine.connect() as connection:
        return connection.execute(statement).first()


def stream(
    engine: Engine,
    statement: AnySelect,
    after: Callable[[Row[Any]], ColumnElement[bool]],
    *,
    skip: int = 0,
    limit: int = sys.maxsize,
) -> Iterator[Row[Any]]:
    """The rows of an ordered `statement`, for an answer that outlives the request; `after` is what follows a row.

    A thousand at a time, each on a connection that is free again at once: memory stays flat, and who reads slowly
    holds nothing.
    """
    rest, left = statement.offset(skip), limit
    while left > 0:
        with intent(write=False), engine.connect() as connection:
            rows = connection.execute(rest.limit(min(CHUNK, left))).all()
        yield from rows
        breathe()
        left -= len(rows)
        if len(rows) < CHUNK:
            return
        rest = statement.where(after(rows[-1]))


def peek(sql: str, *values: object) -> tuple[Any, ...] | None:
    """The first row of what every request must know before its own work, such as who is calling.

    `sql` is in the drivers' own words, with `?` for values: SQLAlchemy would take ten times as long. On SQLite it does
    not begin a writing request's transaction, which holds the only write lock, because passwords may be hashed yet.
    """
    from webapp.extensions import db

    if db.engine.dialect.name == "sqlite" and _intends_to_write.get():
        raw = db.engine.raw_connection()
        try:
            return _first(raw, sql, values)
        finally:
            raw.close()
    return _first(db.session.connection().connection, sql, values)


def _first(raw: Any, sql: str, values: tuple[object, ...]) -> tuple[Any, ...] | None:
    cursor = raw.cursor()
    try:
        if isinstance(raw.dbapi_connection, sqlite3.Connection):
            cursor.execute(sql, [_for_sqlite(value) for value in values])
        else:
            cursor.execute(sql.replace("?", "%s"), values)
        return cast("tuple[Any, ...] | None", cursor.fetchone())
    finally:
        cursor.close()


def _for_sqlite(value: object) -> object:
    """A value as SQLAlchemy stores it there."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    return value.hex if isinstance(value, UUID) else value


def lock(name: str) -> None:
    """From here to the commit, others that lock the same name wait. On SQLite every writer is alone already."""
    from webapp.extensions import db

    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(name))))


def rows_changed(statement: Update | Delete) -> int:
    """Run an UPDATE or DELETE in the current transaction; how many rows it touched."""
    from webapp.extensions import db

    return cast("CursorResult[Any]", db.session.execute(statement)).rowcount
