"""Reading API keys for the page that manages them."""

from collections.abc import Iterable
from typing import Literal

from sqlalchemy import ColumnElement, and_, func, or_, select

from webapp.accounts.models import ApiKey
from webapp.extensions import db
from webapp.kit import clock
from webapp.kit.paging import Page

State = Literal["active", "off", "expired"]


def page(
    number: int, size: int, *, search: str = "", scope: str = "", state: State | None = None
) -> Page[ApiKey]:
    """Keys, newest first; `search` looks into names and hints."""
    statement = select(ApiKey)
    if search:
        columns = func.lower(ApiKey.name), func.lower(ApiKey.hint)
        statement = statement.where(
            or_(*(column.contains(search.lower(), autoescape=True) for column in columns))
        )
    if scope:
        statement = statement.where(ApiKey.scope == scope)
    if state is not None:
        statement = statement.where(_in(state))
    total = db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    found = statement.order_by(ApiKey.id.desc()).limit(size).offset((number - 1) * size)
    return Page(db.session.scalars(found).all(), number, size, total)


def _in(state: State) -> ColumnElement[bool]:
    """An expired key that is off counts as expired: switching it on changes nothing."""
    over = and_(ApiKey.expires_at.is_not(None), ApiKey.expires_at <= clock.now())
    return {"expired": over, "active": ~over & ApiKey.is_active, "off": ~over & ~ApiKey.is_active}[state]


def state_of(key: ApiKey) -> State:
    if key.is_expired:
        return "expired"
    return "active" if key.is_active else "off"


def relatives(keys: Iterable[ApiKey]) -> dict[int, ApiKey]:
    """The keys that those replace, by id, and those that replace them (`successors` picks them out)."""
    ids = {key.id for key in keys}
    replaced = {key.replaces_id for key in keys if key.replaces_id is not None}
    near = select(ApiKey).where(or_(ApiKey.id.in_(replaced), ApiKey.replaces_id.in_(ids)))
    return {key.id: key for key in db.session.scalars(near)}


def successors(relatives: Iterable[ApiKey]) -> dict[int, ApiKey]:
    """Id of a replaced key → the newest that replaces it."""
    by_age = sorted(relatives, key=lambda key: key.id)
    return {key.replaces_id: key for key in by_age if key.replaces_id is not None}


def can_be_shown(key: ApiKey) -> bool:
    """Whether the key itself is kept; those from before 0.2 are known by their digest alone."""
    kept = select(ApiKey.encrypted_key.is_not(None)).where(ApiKey.id == key.id)
    return bool(db.session.scalar(kept))


def by_id(key_id: int) -> ApiKey | None:
    return db.session.get(ApiKey, key_id)


def names() -> list[tuple[int, str]]:
    """Every key's id and name (there are at most 1,000)."""
    statement = select(ApiKey.id, ApiKey.name, ApiKey.hint).order_by(ApiKey.name, ApiKey.id)
    return [(key_id, f"{name} · {hint}") for key_id, name, hint in db.session.execute(statement)]
