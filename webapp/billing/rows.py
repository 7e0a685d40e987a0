"""Many rows of a table at once, in the driver's own words: the ORM's would take several times as long.

On PostgreSQL one statement takes whole columns as arrays; on SQLite the driver runs one statement for all rows.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Dialect, Table

from webapp.extensions import db

Value = Callable[[Any], Any]


def insert_rows(table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same columns, with the current transaction; defaults of models don't apply."""
    if not rows:
        return
    connection = db.session.connection()
    columns = [table.c[name] for name in rows[0]]
    values = [
        _converted(column, connection.dialect, [row[column.name] for row in rows]) for column in columns
    ]
    names = ", ".join(column.name for column in columns)
    if connection.dialect.name == "postgresql":
        arrays = ", ".join(f"%s::{_type(column, connection.dialect)}[]" for column in columns)
        statement = f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays})"
        connection.exec_driver_sql(statement, tuple(values))
    else:
        marks = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"
        connection.exec_driver_sql(statement, list(zip(*values, strict=True)))


def _converted(column: Column[Any], dialect: Dialect, values: list[Any]) -> list[Any]:
    """As the driver takes them; most columns of a batch say the same thing again and again."""
    convert = _converter(column, dialect)
    if convert is None:
        return values
    known: dict[Any, Any] = {}
    for value in values:
        if value not in known:
            known[value] = convert(value)
    return [known[value] for value in values]


@lru_cache(maxsize=200)
def _converter(column: Column[Any], dialect: Dialect) -> Value | None:
    convert: Value | None = column.type.dialect_impl(dialect).bind_processor(dialect)
    return convert


@lru_cache(maxsize=200)
def _type(column: Column[Any], dialect: Dialect) -> str:
    return column.type.compile(dialect)
