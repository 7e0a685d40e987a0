"""One head, no drift between models and migrations, and every release can go up with data in place."""

from contextlib import AbstractContextManager
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import Connection, NullPool, create_engine, inspect, text

from tests.support import services
from webapp import create_app
from webapp.database import Base
from webapp.extensions import db

MIGRATIONS = str(Path(__file__).parents[2] / "migrations")


def _ours(_object: object, name: str | None, kind: str, _reflected: bool, _to: object) -> bool:
    unmodelled = (name or "").startswith(("gate_events_", "customer_search", "ix_customers_search"))
    return not (kind in ("table", "index") and unmodelled)


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory(MIGRATIONS).get_heads()) == 1


def test_the_models_are_what_the_migrations_make(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": _ours, "compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_release_goes_up_with_data_and_down_again(environ: dict[str, str], tmp_path: Path) -> None:
    with services.database(tmp_path, "steps") as url:
        app = create_app(environ | {"DATABASE_URL": url})
        with app.app_context():
            upgrade(MIGRATIONS, "0001")
            _fill(url)
            upgrade(MIGRATIONS)
            assert _count(url, "users") == 1
            assert _count(url, "locations") == 1
            downgrade(MIGRATIONS, "base")
            left = set(inspect(db.engine).get_table_names())
            db.engine.dispose()
        assert left <= {"alembic_version"}


def _fill(url: str) -> None:
    """Rows as release 0001 wrote them."""
    user = "INSERT INTO users (public_id, username, name, password_hash, role, is_active, created_at, updated_at)"
    location = "INSERT INTO locations (code, name, type, is_active, created_at, updated_at)"
    with _connected(url) as connection:
        connection.execute(
            text(f"{user} VALUES ('00000000000000000000000000000001', 'a', 'A', 'x', 4, true, :now, :now)"),
            {"now": "2026-01-01 00:00:00"},
        )
        connection.execute(
            text(f"{location} VALUES ('l', 'L', 't', true, :now, :now)"), {"now": "2026-01-01 00:00:00"}
        )


def _count(url: str, table: str) -> int:
    with _connected(url) as connection:
        return connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


def _connected(url: str) -> AbstractContextManager[Connection]:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)
    return engine.begin()
