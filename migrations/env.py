"""Alembic's entry: run migrations on the application's own engine."""

from typing import Any

from alembic import context
from flask import current_app

db = current_app.extensions["migrate"].db


def ours(_object: Any, name: str | None, kind: str, reflected: bool, _compare_to: Any) -> bool:
    """Not the monthly partitions, which the product makes, nor what 0006 makes to search by trigrams."""
    unmodelled = (name or "").startswith(("gate_events_", "customer_search", "ix_customers_search"))
    return not (kind in ("table", "index") and reflected and unmodelled)


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
