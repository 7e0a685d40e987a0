"""Secrets that must be read again (a key to show, a router's password), encrypted at rest under SECRET_KEY."""

from typing import cast

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import Flask, current_app
from sqlalchemy import Column, Dialect, Table, Text, select, type_coerce, update
from sqlalchemy.types import TypeDecorator

from webapp.database import Base
from webapp.errors import Conflict
from webapp.extensions import db
from webapp.security import fernet_key

UNREADABLE = "Was encrypted with a SECRET_KEY that is not known here"


def init_app(app: Flask) -> None:
    """Encrypt with the newest SECRET_KEY; read what earlier ones have written too."""
    keys = app.config["GERBANG"].secret_keys()
    app.extensions["vault"] = MultiFernet([Fernet(fernet_key(secret)) for secret in keys])


def _cipher() -> MultiFernet:
    return cast("MultiFernet", current_app.extensions["vault"])


class EncryptedText(TypeDecorator[str]):
    """Text that only the running application can read. Declare such columns `deferred` and `info=SECRET`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        return None if value is None else _cipher().encrypt(value.encode()).decode()

    def process_result_value(self, value: str | None, _dialect: Dialect) -> str | None:
        if value is None:
            return None
        try:
            return _cipher().decrypt(value).decode()
        except InvalidToken:
            raise Conflict(UNREADABLE) from None


def reencrypt() -> int:
    """Write every secret anew with the newest key, in the current transaction; return how many there were.

    Raises Conflict, and changes nothing, when one was encrypted with a key that is not known here.
    """
    return sum(
        _reencrypt(table, column)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, EncryptedText)
    )


def _reencrypt(table: Table, column: Column[str]) -> int:
    [key] = table.primary_key.columns
    stored = select(key, type_coerce(column, Text)).where(column.is_not(None)).with_for_update()
    rows = db.session.execute(stored).all()
    for row_id, text in rows:
        try:
            fresh = _cipher().rotate(text).decode()
        except InvalidToken:
            raise Conflict(f"{table.name} {row_id}: {UNREADABLE}") from None
        db.session.execute(update(table).where(key == row_id).values({column: type_coerce(fresh, Text)}))
    return len(rows)
