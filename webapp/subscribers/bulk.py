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

    On SQLite many rows go into a statement: its search index is flushed after each, and rows of their own would take
    four times as long, during which nobody else can write.
    """
    connection = db.session.connection()
    prepared = _prepared(table, names, rows, connection)
    (shared,) = _prepared(table, list(same), [list(same.values())], connection)
    columns = ", ".join((*names, *same))
    if connection.dialect.name == "sqlite":
        mark, marks = f"({_marks('?', names)})", ", ?" * len(same)
        for some in _chunks(prepared, MAX_PARAMETERS // len(names)):
            values = ", ".join([mark] * len(some))
            sql = f"INSERT INTO {table.name} ({columns}) SELECT v.*{marks} FROM (VALUES {values}) AS v"
            connection.exec_driver_sql(sql, (*shared, *chain.from_iterable(some)))
            breathe()
    else:
        sql = f"INSERT INTO {table.name} ({columns}) VALUES ({_marks('%s', (*names, *same))})"
        for some in _chunks(prepared, 1_000):
            connection.exec_driver_sql(sql, [(*row, *shared) for row in some])
            breathe()


def _marks(mark: str, names: Sequence[str]) -> str:
    return ", ".join([mark] * len(names))


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
