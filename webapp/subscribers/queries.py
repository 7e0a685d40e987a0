"""Reading customers: found by a part of their name, e-mail or number, in pages or as one long stream."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, column, func, or_, select, table
from sqlalchemy.orm import InstrumentedAttribute

from webapp import database
from webapp.database import AnySelect
from webapp.extensions import db
from webapp.kit.like import containing
from webapp.subscribers.models import ENDED, Customer, Router, Subscription, TechnicalData

TRIGRAM = 3  # letters; what is shorter is looked for at the beginnings of a name's words
MAX_SKIP = 1_000_000
_NUMBER = re.compile(r"\+?[\d\s().\-]+")
_SIGNS = re.compile(r"[^\d]+")
_INDEX = table("customer_search", column("rowid"), column("customer_search"))  # SQLite's, of migration 0006
SORTS: dict[str, InstrumentedAttribute[Any]] = {
    "id": Customer.id,
    "name": Customer.name,
    "installed_on": Customer.installed_on,
}


@dataclass(frozen=True)
class CustomerFilter:
    """Which customers: `search` looks into name, e-mail and phone, `address` into the address; the rest is exact."""

    search: str = ""
    address: str = ""
    brand: str = ""
    status: str = ""
    package_id: int | None = None
    router_id: int | None = None


def list_customers(
    wanted: CustomerFilter, *, skip: int = 0, limit: int = 15, sort: str = "id", descending: bool = True
) -> Sequence[Customer]:
    """A part of the wanted customers, the newest first unless one of SORTS is named."""
    order = SORTS[sort].desc() if descending else SORTS[sort].asc()
    tie = Customer.id.desc() if descending else Customer.id.asc()
    statement = _found_first(wanted) if needles(wanted.search) else narrowed(select(Customer), wanted)
    return db.session.scalars(statement.order_by(order, tie).offset(skip).limit(limit)).all()


def _found_first(wanted: CustomerFilter) -> AnySelect:
    """The wanted customers, found before they are put in order: else a planner may read them all in that order, until
    it has come upon enough that fit."""
    found = narrowed(select(Customer.id), wanted).cte("found").prefix_with("MATERIALIZED")
    return select(Customer).where(Customer.id.in_(select(found.c.id)))


def count_customers(wanted: CustomerFilter) -> int:
    """How many there are, exactly."""
    return db.session.scalar(narrowed(select(func.count(Customer.id)), wanted)) or 0


def stream(
    statement: AnySelect, wanted: CustomerFilter, *, skip: int = 0, limit: int = 50_000
) -> Iterator[Row[Any]]:
    """The rows of `statement` over the wanted customers by id, for an answer that outlives the request.

    The statement selects from Customer, Customer.id first.
    """
    ordered = narrowed(statement, wanted).order_by(Customer.id)
    return database.stream(db.engine, ordered, lambda last: Customer.id > last[0], skip=skip, limit=limit)


def list_subscriptions(
    *,
    customer_id: int | None = None,
    status: str = "",
    package_id: int | None = None,
    skip: int = 0,
    limit: int = 15,
) -> tuple[Sequence[Subscription], int]:
    """Subscriptions of customers who are not deleted, the newest first; and how many there are."""
    statement = select(Subscription).join(Subscription.customer).where(Customer.deleted_at.is_(None))
    if customer_id is not None:
        statement = statement.where(Subscription.customer_id == customer_id)
    if package_id is not None:
        statement = statement.where(Subscription.package_id == package_id)
    if status:
        statement = statement.where(Subscription.status == status)
    total = db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    return db.session.scalars(
        statement.order_by(Subscription.id.desc()).offset(skip).limit(limit)
    ).all(), total


def subscriptions_of(customers: Sequence[Customer]) -> dict[int, Subscription]:
    """The current subscription of each that has one, by the customer's id."""
    ids = [customer.id for customer in customers]
    mine = select(Subscription).where(Subscription.customer_id.in_(ids), Subscription.status != ENDED)
    return {found.customer_id: found for found in db.session.scalars(mine)}


def lines_of(customers: Sequence[Customer]) -> dict[int, TechnicalData]:
    """The line of each that has one, by the customer's id."""
    ids = [customer.id for customer in customers]
    mine = select(TechnicalData).where(TechnicalData.customer_id.in_(ids), TechnicalData.deleted_at.is_(None))
    return {found.customer_id: found for found in db.session.scalars(mine)}


def router_names() -> list[tuple[int, str]]:
    """The routers that lines may end at, by name; at most a thousand."""
    rows = db.session.execute(select(Router.id, Router.name).order_by(Router.name).limit(1_000))
    return [(router_id, name) for router_id, name in rows]


def narrowed(statement: AnySelect, wanted: CustomerFilter) -> AnySelect:
    """Those of the customers in `statement` that are wanted and not deleted."""
    return statement.where(Customer.deleted_at.is_(None), *_conditions(wanted))


def _conditions(wanted: CustomerFilter) -> Iterator[ColumnElement[bool]]:
    if parts := needles(wanted.search):
        yield _found_by(parts)
    if wanted.address.strip():
        whole = func.lower(Customer.address + " " + Customer.address_2)
        yield whole.like(containing(wanted.address.strip().lower()), escape="\\")
    if wanted.brand:
        yield Customer.brand_code == wanted.brand.upper()
    if wanted.status:
        yield Customer.status == wanted.status
    if wanted.package_id is not None:
        running = select(Subscription.customer_id).where(Subscription.status != ENDED)
        yield Customer.id.in_(running.where(Subscription.package_id == wanted.package_id))
    if wanted.router_id is not None:
        there = select(TechnicalData.customer_id).where(TechnicalData.deleted_at.is_(None))
        yield Customer.id.in_(there.where(TechnicalData.router_id == wanted.router_id))


def needles(search: str) -> list[str]:
    """What to look for in `search_text` (customers.search_text_of), any of it; nothing for an empty search.

    A number is looked for without the signs that people write between its digits, too. One or two letters are the
    beginning of a word, with the spaces before it: a trigram again.
    """
    words = search.lower().split()
    text = "  ".join(words)
    if not text:
        return []
    if len(text) < TRIGRAM:
        return ["  " + text]
    digits = _SIGNS.sub("", text) if _NUMBER.fullmatch(text) else ""
    return [text, digits] if len(digits) >= TRIGRAM and digits != text else [text]


def _found_by(parts: list[str]) -> ColumnElement[bool]:
    """By the index of trigrams: its own table there, the table's index here (migration 0006)."""
    if db.engine.dialect.name == "sqlite":
        phrases = " OR ".join('"' + part.replace('"', '""') + '"' for part in parts)
        return Customer.id.in_(select(_INDEX.c.rowid).where(_INDEX.c.customer_search.op("MATCH")(phrases)))
    return or_(*(Customer.search_text.like(containing(part), escape="\\") for part in parts))
