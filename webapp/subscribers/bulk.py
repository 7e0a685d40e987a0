"""Many rows of a Core table at once. The activity log does not see them: leave a note (audit.note)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from sqlalchemy import Connection, Table

from webapp.extensions import db
from webapp.kit.threads import breathe

MAX_PARAMETERS = 32_000  # of one statement on SQLite
Row = Sequence[Any]


def insert_rows(table: Table, names: Sequence[str], rows: Iterable[Row], same: Mapping[str, Any]) -> None:
    """Insert rows that have a value for each of the named columns, and the `same` in others; no default is looked at.

    Many rows go into a statement. On SQLite the search index is flushed after each, and rows of their own would take
    four times as long, during which nobody else can write; on PostgreSQL it saves half of the time.
    """
    connection = db.session.connection()
    prepared = _prepared(table, names, rows, connection)
    (shared,) = _prepared(table, list(same), [list(same.values())], connection)
    insert = f"INSERT INTO {table.name} ({', '.join((*names, *same))})"
    if connection.dialect.name == "sqlite":
        _insert_into_sqlite(connection, insert, shared, prepared, len(names))
    else:
        _insert_into_postgresql(
            connection, insert, shared, prepared, _types(table, (*names, *same), connection)
        )


def _insert_into_sqlite(
    connection: Connection, insert: str, shared: Row, rows: Iterator[Row], width: int
) -> None:
    marks, mark = ", ?" * len(shared), f"({', '.join('?' * width)})"
    for some in _chunks(rows, MAX_PARAMETERS // width):
        values = ", ".join([mark] * len(some))
        sql = f"{insert} SELECT v.*{marks} FROM (VALUES {values}) AS v"
        connection.exec_driver_sql(sql, (*shared, *chain.from_iterable(some)))
        breathe()


def _insert_into_postgresql(
    connection: Connection, insert: str, shared: Row, rows: Iterator[Row], types: Sequence[str]
) -> None:
    width = len(types) - len(shared)
    marks = "".join(f", %s::{kind}" for kind in types[width:])
    arrays = ", ".join(f"%s::{kind}[]" for kind in types[:width])
    sql = f"{insert} SELECT v.*{marks} FROM unnest({arrays}) AS v"
    for some in _chunks(rows, 5_000):
        columns = [list(column) for column in zip(*some, strict=True)]
        connection.exec_driver_sql(sql, (*shared, *columns))
        breathe()


def _types(table: Table, names: Iterable[str], connection: Connection) -> list[str]:
    """The columns' types, without their lengths: a cast would cut what an insert refuses."""
    return [str(table.c[name].type.compile(connection.dialect)).partition("(")[0] for name in names]


def _prepared(
    table: Table, names: Sequence[str], rows: Iterable[Row], connection: Connection
) -> Iterator[Row]:
    """The rows as the driver takes them."""
    dialect = connection.dialect
    types = (table.c[name].type.dialect_impl(dialect) for name in names)
    processors = [kind.bind_processor(dialect) for kind in types]
    odd = [(place, process) for place, process in enumerate(processors) if process is not None]
    for row in rows:
        if not odd:
            yield row
            continue
        values = list(row)
        for place, process in odd:
            values[place] = process(values[place])
        yield values


def _chunks(rows: Iterator[Row], size: int) -> Iterator[list[Row]]:
    while chunk := list(islice(rows, size)):
        yield chunk
