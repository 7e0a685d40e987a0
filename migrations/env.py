"""Alembic's entry: run migrations on the application's own engine."""

from typing import Any

from alembic import context
from flask import current_app

db = current_app.extensions["migrate"].db


def ours(_object: Any, name: str | None, kind: str, reflected: bool, _compare_to: Any) -> bool:
    """Monthly partitions are made by the product, not by migrations."""
    return not (kind == "table" and reflected and (name or "").startswith("gate_events_"))


with db.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        include_object=ours,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
