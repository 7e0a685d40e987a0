"""Emptying the database between tests, in as few words to it as can be."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from webapp.activity.models import Activity
from webapp.billing.models import LedgerEntry, LedgerLine
from webapp.database import Base
from webapp.extensions import db
from webapp.gates.models import CatalogueVersion, Category

# What migrations fill once for all, and what the database itself refuses to empty.
KEPT = {Category.__tablename__, CatalogueVersion.__tablename__, Activity.__tablename__}
LEDGER = (LedgerLine.__tablename__, LedgerEntry.__tablename__)


def empty() -> None:
    """Every row of every table goes, but for what is KEPT; in the current transaction."""
    with _open_ledger() as kept:
        tables = [table.name for table in reversed(Base.metadata.sorted_tables) if table.name not in kept]
        if db.engine.dialect.name == "postgresql":
            db.session.connection().exec_driver_sql(";".join(f"DELETE FROM {name}" for name in tables))
        else:
            for name in tables:
                db.session.connection().exec_driver_sql(f"DELETE FROM {name}")


@contextmanager
def _open_ledger() -> Iterator[set[str]]:
    """The ledger refuses to be emptied, as it should: its triggers are away for this long, if it has anything.

    Gives the tables to leave alone.
    """
    connection = db.session.connection()
    if not connection.execute(text("SELECT 1 FROM ledger_entries LIMIT 1")).first():
        yield KEPT | set(LEDGER)
    elif connection.dialect.name == "postgresql":
        for name in LEDGER:
            connection.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER USER"))
        yield KEPT
        for name in LEDGER:
            connection.execute(text(f"ALTER TABLE {name} ENABLE TRIGGER USER"))
    else:
        known = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'ledger%'"
        triggers = connection.execute(text(known)).all()
        for name, _ in triggers:
            connection.execute(text(f"DROP TRIGGER {name}"))
        yield KEPT
        for _, sql in triggers:
            connection.exec_driver_sql(sql)
