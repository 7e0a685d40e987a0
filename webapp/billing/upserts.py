"""INSERT … ON CONFLICT, in the words of either database."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from webapp.extensions import db


def insert_into(table: Table) -> Any:
    """An INSERT that knows `on_conflict_do_update` and `on_conflict_do_nothing`."""
    dialect: Any = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


def adding_to(table: Table) -> Any:
    """An INSERT that adds to the row that is there already: its key stays, all else is summed."""
    statement = insert_into(table)
    sums = {
        column.name: column + statement.excluded[column.name]
        for column in table.columns
        if not column.primary_key
    }
    return statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=sums)
