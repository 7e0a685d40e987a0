"""The self-check: what is wrong with this installation, in words."""

import shutil
from collections.abc import Iterator
from typing import NamedTuple

import redis
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from webapp import config, queue
from webapp.documents.sources import roots
from webapp.documents.sources.folders import EXPORT
from webapp.extensions import db


class Finding(NamedTuple):
    good: bool
    sentence: str


def findings() -> Iterator[Finding]:
    """One finding for each part that can be wrong."""
    yield from _database()
    yield from _redis()
    yield from _files()
    yield from _sources()


def _database() -> Iterator[Finding]:
    name = db.engine.dialect.name
    try:
        with db.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
            current = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as error:
        yield Finding(
            False, f"The {name} database can't be reached ({error}). Check DATABASE_URL and that it runs."
        )
        return
    yield Finding(True, f"The {name} database answers.")
    head = ScriptDirectory(current_app.extensions["migrate"].directory).get_current_head()
    migrated = current == head
    hint = "is up to date." if migrated else f"is at {current}, not at {head}: run `flask gerbang setup`."
    yield Finding(migrated, f"The schema {hint}")


def _redis() -> Iterator[Finding]:
    try:
        queue.connection().ping()
    except redis.RedisError as error:
        yield Finding(
            False, f"Redis can't be reached ({error}). Check REDIS_URL; jobs and live streams wait for it."
        )
    else:
        yield Finding(True, "Redis answers.")


def _files() -> Iterator[Finding]:
    data_dir = config.current().data_dir
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        (data_dir / ".writable").touch()
        (data_dir / ".writable").unlink()
    except OSError as error:
        yield Finding(False, f"DATA_DIR {data_dir} can't be written ({error}).")
    else:
        yield Finding(True, f"DATA_DIR {data_dir} can be written.")


def _sources() -> Iterator[Finding]:
    """What reports are to read, where folders are named at all."""
    folders = roots.parse(config.current().DATA_ROOTS)
    for name, folder in folders.items():
        good = folder.is_dir()
        yield Finding(
            good, f"DATA_ROOTS: {name} is {folder}, which {'is there' if good else 'is not there'}."
        )
    if folders:
        reader = shutil.which(EXPORT[0])
        missing = "mdb-export is missing, so no Access file can be read: apt-get install mdbtools brings it."
        yield Finding(reader is not None, f"Access files are read by {reader}." if reader else missing)
