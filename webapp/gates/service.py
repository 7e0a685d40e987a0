"""Managing locations, gates and tariffs."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.accounts.models import User
from webapp.errors import Conflict, Invalid, NotFound
from webapp.extensions import db
from webapp.gates.models import Category, Gate, Location, Tariff
from webapp.kit import clock

UNCHANGED: Any = object()


def create_location(code: str, name: str, type: str, is_active: bool = True) -> Location:
    """Raises Conflict when the code is taken."""
    return _added(Location(code=code, name=name, type=type, is_active=is_active))


def update_location(
    code: str, *, name: str = UNCHANGED, type: str = UNCHANGED, is_active: bool = UNCHANGED
) -> Location:
    """Change what is given; the code stays. Raises NotFound."""
    return _changed(get_location(code), name=name, type=type, is_active=is_active)


def deactivate_location(code: str) -> None:
    """Soft delete: it stays listed, but its gates take no more events. Raises NotFound."""
    get_location(code).is_active = False


def get_location(code: str) -> Location:
    """Raises NotFound."""
    return _found(db.session.scalar(select(Location).where(Location.code == code)), "Location not found")


def create_gate(
    location_code: str,
    code: str,
    name: str,
    direction: str,
    is_active: bool = True,
    latitude: Decimal | None = None,
    longitude: Decimal | None = None,
) -> Gate:
    """Raises NotFound for an unknown location, Conflict when the location has a gate with this code."""
    location = get_location(location_code)
    return _added(
        Gate(
            location=location,
            code=code,
            name=name,
            direction=direction,
            is_active=is_active,
            latitude=latitude,
            longitude=longitude,
        )
    )


def update_gate(location_code: str, code: str, **changes: Any) -> Gate:
    """Change name, direction, is_active, latitude or longitude, as far as given. Raises NotFound."""
    return _changed(get_gate(location_code, code), **changes)


def deactivate_gate(location_code: str, code: str) -> None:
    """Soft delete: it stays listed, but takes no more events. Raises NotFound."""
    get_gate(location_code, code).is_active = False


def get_gate(location_code: str, code: str) -> Gate:
    """Raises NotFound."""
    statement = select(Gate).join(Location).where(Location.code == location_code, Gate.code == code)
    return _found(db.session.scalar(statement), "Gate not found")


@dataclass(frozen=True)
class TariffKey:
    """What a tariff is for."""

    location_code: str
    gate_code: str
    category: str


def create_tariff(
    key: TariffKey, price: int, *, effective_from: int | None = None, by: User | None = None
) -> Tariff:
    """The first price; without `effective_from` (Unix seconds) it holds for every event, however old.

    Raises NotFound for an unknown gate, Invalid for an unknown category, Conflict when there is a tariff already.
    """
    gate, category = get_gate(key.location_code, key.gate_code), get_category(key.category)
    if history(gate.id, category.id):
        raise Conflict()
    return _set_price(gate, category, price, effective_from or 0, by)


def change_tariff(
    key: TariffKey, price: int, *, effective_from: int | None = None, by: User | None = None
) -> Tariff:
    """A new price from `effective_from` (Unix seconds; now, when not given). What passed before keeps its price.

    Raises NotFound when there is no tariff to change.
    """
    gate, category = get_gate(key.location_code, key.gate_code), get_category(key.category)
    if not history(gate.id, category.id):
        raise NotFound("Tariff not found")
    return _set_price(gate, category, price, clock.unix() if effective_from is None else effective_from, by)


def delete_tariff(key: TariffKey) -> None:
    """Hard delete with its history (contract 1); events keep the price they were stored with. Raises NotFound."""
    gate, category = get_gate(key.location_code, key.gate_code), get_category(key.category)
    if not history(gate.id, category.id):
        raise NotFound("Tariff not found")
    for tariff in history(gate.id, category.id):
        db.session.delete(tariff)
    db.session.flush()


def current_tariff(key: TariffKey) -> Tariff:
    """The price in force now, or the first one when it lies in the future. Raises NotFound."""
    gate, category = get_gate(key.location_code, key.gate_code), get_category(key.category)
    prices = history(gate.id, category.id)
    if not prices:
        raise NotFound("Tariff not found")
    return next((price for price in prices if price.effective_from <= clock.unix()), prices[-1])


def cancel_change(key: TariffKey, tariff_id: int) -> Tariff | None:
    """Take back a price that has not begun yet; return the price that remains in force, if any.

    Raises NotFound, or Conflict when it has begun.
    """
    gate, category = get_gate(key.location_code, key.gate_code), get_category(key.category)
    tariff = db.session.get(Tariff, tariff_id)
    if tariff is None or (tariff.gate_id, tariff.category_id) != (gate.id, category.id):
        raise NotFound("Tariff not found")
    if tariff.effective_from <= clock.unix():
        raise Conflict("This price has already begun")
    db.session.delete(tariff)
    db.session.flush()
    return current_tariff(key) if history(gate.id, category.id) else None


def get_category(code: str) -> Category:
    """Raises Invalid, naming the categories there are."""
    category = db.session.scalar(select(Category).where(Category.code == code))
    if category is None:
        codes = db.session.scalars(select(Category.code).order_by(Category.position))
        raise Invalid({"category": "Must be one of: " + ", ".join(codes)})
    return category


def history(gate_id: int, category_id: int) -> list[Tariff]:
    """Every price of one category at one gate, newest first."""
    statement = select(Tariff).where(Tariff.gate_id == gate_id, Tariff.category_id == category_id)
    return list(db.session.scalars(statement.order_by(Tariff.effective_from.desc())))


def _set_price(gate: Gate, category: Category, price: int, effective_from: int, by: User | None) -> Tariff:
    statement = select(Tariff).where(
        Tariff.gate_id == gate.id, Tariff.category_id == category.id, Tariff.effective_from == effective_from
    )
    tariff = db.session.scalar(statement)
    if tariff is None:
        tariff = Tariff(gate=gate, category=category, effective_from=effective_from)
    tariff.price, tariff.created_at = price, clock.now()
    tariff.created_by_id = by.id if by else None
    return _added(tariff)


def _added(row: Any) -> Any:
    db.session.add(row)
    try:
        db.session.flush()
    except IntegrityError:
        raise Conflict() from None
    return row


def _changed(row: Any, **changes: Any) -> Any:
    for name, value in changes.items():
        if value is not UNCHANGED:
            setattr(row, name, value)
    db.session.flush()
    return row


def _found(row: Any, message: str) -> Any:
    if row is None:
        raise NotFound(message)
    return row
