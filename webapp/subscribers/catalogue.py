"""What is sold: brands and their packages. Those in use are switched off, not deleted."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Date, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from webapp import audit, config
from webapp.database import MAX_ID, UtcDateTime
from webapp.errors import Conflict, Invalid, NotFound
from webapp.extensions import db
from webapp.kit import clock, months
from webapp.subscribers.models import ENDED, Brand, Package, Subscription, SubscriptionChange
from webapp.subscribers.routers import jobs as router_jobs

MAX_BRANDS = 200
IN_USE = "Is in use: switch it off instead"


def brands(*, only_active: bool = False) -> Sequence[Brand]:
    """At most 200, by code."""
    statement = select(Brand).where(Brand.is_active) if only_active else select(Brand)
    return db.session.scalars(statement.order_by(Brand.code).limit(MAX_BRANDS)).all()


def get_brand(code: str) -> Brand:
    """Raises NotFound. Codes are in capitals; how it is asked for does not matter."""
    brand = db.session.get(Brand, code.upper())
    if brand is None:
        raise NotFound("Brand not found")
    return brand


def create_brand(values: Mapping[str, Any]) -> Brand:
    """`values` are columns of Brand; without a `gateway_key` it is made of the code. Raises Conflict."""
    brand = Brand(**values)
    brand.gateway_key = brand.gateway_key or brand.code.replace("-", "_")
    if db.session.get(Brand, brand.code) is not None or len(brands()) >= MAX_BRANDS:
        raise Conflict("There is a brand with this code, or there are too many", field="code")
    return _written(brand)


def update_brand(code: str, changes: Mapping[str, Any]) -> Brand:
    """Change the columns that `changes` names; the code stays. Raises NotFound."""
    brand = get_brand(code)
    for name, value in changes.items():
        setattr(brand, name, value)
    return _written(brand)


def delete_brand(code: str) -> None:
    """Raises NotFound; Conflict when it has, or once had, packages or customers."""
    _deleted(get_brand(code))


def packages(
    *, brand: str = "", is_active: bool | None = None, skip: int = 0, limit: int = 500
) -> tuple[Sequence[Package], int]:
    """Packages by brand and name, and how many there are in all; None for those switched off as well."""
    statement = select(Package)
    if brand:
        statement = statement.where(Package.brand_code == brand.upper())
    if is_active is not None:
        statement = statement.where(Package.is_active == is_active)
    total = db.session.scalar(select(db.func.count()).select_from(statement.subquery())) or 0
    rows = statement.order_by(Package.brand_code, Package.name).offset(skip).limit(limit)
    return db.session.scalars(rows).all(), total


def get_package(package_id: int) -> Package:
    """Raises NotFound."""
    package = db.session.get(Package, package_id) if 0 < package_id <= MAX_ID else None
    if package is None:
        raise NotFound("Package not found")
    return package


def create_package(values: Mapping[str, Any]) -> Package:
    """`values` are columns of Package; without a `profile` the router's is called as the package.

    Raises Invalid for an unknown brand, Conflict when the brand has one of this name.
    """
    try:
        brand = get_brand(values["brand_code"])
    except NotFound:
        raise Invalid({"brand_code": "There is no such brand"}) from None
    package = Package(**{**values, "brand_code": brand.code})
    package.profile = package.profile or package.name
    return _written(package)


def update_package(package_id: int, changes: Mapping[str, Any]) -> Package:
    """Change the columns that `changes` names; the brand stays. Raises NotFound, Conflict.

    A new price is at once that of new subscriptions, and of running ones from the first of next month: what was
    promised for this month stays.
    """
    package = get_package(package_id)
    price, profile = package.price, package.profile
    for name, value in changes.items():
        setattr(package, name, value)
    _written(package)
    if package.profile != profile:
        router_jobs.reconcile_all_soon()
    if package.price != price:
        _reprice(package, months.ahead(config.today(), 1))
    return package


def delete_package(package_id: int) -> None:
    """Raises NotFound; Conflict when there is, or once was, a subscription to it."""
    _deleted(get_package(package_id))


def _reprice(package: Package, since: date) -> None:
    """Write the new price into the history of every running subscription: two statements, however many there are."""
    planned = select(SubscriptionChange).where(SubscriptionChange.effective_on >= since)
    later = update(SubscriptionChange).where(
        SubscriptionChange.package_id == package.id, SubscriptionChange.effective_on >= since
    )
    db.session.execute(later.values(price=package.price))
    words = {
        "effective_on": literal(since, Date),
        "kind": literal("package"),
        "package_id": literal(package.id),
        "price": literal(package.price),
        "reason": literal("price"),
        "actor_name": literal(audit.current().name[:150]),
        "at": literal(clock.now(), UtcDateTime),
    }
    running = select(Subscription.id, *words.values()).where(
        Subscription.package_id == package.id,
        Subscription.status != ENDED,
        ~planned.where(SubscriptionChange.subscription_id == Subscription.id).exists(),
    )
    db.session.execute(insert(SubscriptionChange).from_select(["subscription_id", *words], running))


def _written(row: Any) -> Any:
    db.session.add(row)
    try:
        db.session.flush()
    except IntegrityError:
        raise Conflict("There is one of this name", field="name") from None
    return row


def _deleted(row: Any) -> None:
    db.session.delete(row)
    try:
        db.session.flush()
    except IntegrityError:
        raise Conflict(IN_USE) from None
