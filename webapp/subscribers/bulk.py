"""Many rows of a Core table at once. The activity log does not see them: leave a note (audit.note)."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from sqlalchemy import Connection, Table

from webapp.extensions import db
from webapp.kit.threads import breathe

MAX_PARAMETERS = 32_000  # of one statement on SQLite


def insert_rows(table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows that have a value for each of the named columns; other columns' defaults are not looked at.

    On SQLite many rows go into a statement: its search index is flushed after each, and rows of their own would take
    eight times as long, during which nobody else can write.
    """
    connection = db.session.connection()
    prepared = _prepared(table, names, rows, connection)
    quoted = ", ".join(names)
    if connection.dialect.name == "sqlite":
        mark = f"({', '.join('?' * len(names))})"
        for some in _chunks(prepared, MAX_PARAMETERS // len(names)):
            sql = f"INSERT INTO {table.name} ({quoted}) VALUES {', '.join([mark] * len(some))}"
            connection.exec_driver_sql(sql, tuple(chain.from_iterable(some)))
            breathe()
    else:
        sql = f"INSERT INTO {table.name} ({quoted}) VALUES ({', '.join(['%s'] * len(names))})"
        for some in _chunks(prepared, 1_000):
            connection.exec_driver_sql(sql, some)
            breathe()


def _prepared(
    table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]], connection: Connection
) -> Iterator[tuple[Any, ...]]:
    """The rows as the driver takes them."""
    dialect = connection.dialect
    types = (table.c[name].type.dialect_impl(dialect) for name in names)
    processors = [kind.bind_processor(dialect) for kind in types]
    odd = [(place, process) for place, process in enumerate(processors) if process is not None]
    for row in rows:
        values = list(row)
        for place, process in odd:
            values[place] = process(values[place])
        yield tuple(values)


def _chunks(rows: Iterator[tuple[Any, ...]], size: int) -> Iterator[list[tuple[Any, ...]]]:
    while chunk := list(islice(rows, size)):
        yield chunk
