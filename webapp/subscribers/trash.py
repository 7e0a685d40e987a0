"""Deleted customers: out of sight at once, restorable for 30 days, then gone (contracts, 2 ftth).

Their e-mail, KTP number, address and ports are free from the first moment. The status is left as it was: restoring
goes by it.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from webapp import audit
from webapp.database import MAX_ID
from webapp.errors import NotFound
from webapp.extensions import db, log
from webapp.kit import clock
from webapp.subscribers import catalogue, clashes, lines, subscriptions
from webapp.subscribers.customers import get_customer
from webapp.subscribers.models import (
    ENDED,
    Customer,
    CustomerNote,
    Subscription,
    TechnicalData,
)

KEPT = timedelta(days=30)
REASON = "customer deleted"
NAMELESS = "—"
PURGED_AT_ONCE = 500
_SNAPSHOT = (
    "name",
    "email",
    "phone",
    "national_id",
    "address",
    "address_2",
    "block",
    "unit",
    "brand_code",
    "status",
)
_OF_LINE = ("pppoe_name", "ip_address", "vlan", "ont_serial", "odp_port", "olt_port", "router_id")


def delete_customer(customer_id: int) -> None:
    """Take a customer, the line and the subscription away; the activity log keeps what they were. Raises NotFound."""
    customer, line = get_customer(customer_id), lines.line_of(customer_id)
    running = subscriptions.current(customer_id)
    audit.note("delete", "customers", customer.id, customer.name, **_snapshot(customer, line, running))
    status, at = customer.status, clock.now()
    if running is not None:
        subscriptions.end(running.id, reason=REASON)
    customer.status, customer.deleted_at = status, at
    if line is not None:
        line.status, line.deleted_at = status, at
        lines.mark(line)
    db.session.flush()


def restore_customer(customer_id: int) -> Customer:
    """Bring a customer back with status, subscription and line as they were.

    Raises NotFound unless deleted in the last 30 days; Conflict that names the `field` of which another has got hold
    meanwhile.
    """
    customer = _deleted(customer_id)
    line, status = _line_deleted_with(customer), customer.status
    customer.deleted_at = None
    if line is not None:
        line.deleted_at = None
    clashes.flush()
    last = subscriptions.latest(customer.id)
    if last is not None and last.status == ENDED and status != ENDED:
        subscriptions.reopen(last.id, reason="customer restored")
    if line is not None:
        lines.mark(line)
    return customer


def deleted_customers(*, skip: int = 0, limit: int = 15) -> tuple[Sequence[Customer], int]:
    """Those who can be restored, the last deleted first; and how many there are."""
    statement = select(Customer).where(Customer.deleted_at > clock.now() - KEPT)
    total = db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    rows = statement.order_by(Customer.deleted_at.desc(), Customer.id.desc()).offset(skip).limit(limit)
    return db.session.scalars(rows).all(), total


def purge() -> int:
    """Forget up to 500 of those deleted over 30 days ago, and lines as old; how many customers. Safe to repeat.

    Whom the books know of (an invoice, a payment) keeps a nameless row for them.
    """
    old = clock.now() - KEPT
    due = select(Customer).where(Customer.deleted_at <= old, Customer.search_text != "").order_by(Customer.id)
    customers = db.session.scalars(due.limit(PURGED_AT_ONCE)).all()
    for customer in customers:
        _purge(customer)
    stale = select(TechnicalData).where(TechnicalData.deleted_at <= old).order_by(TechnicalData.id)
    for line in db.session.scalars(stale.limit(PURGED_AT_ONCE)).all():
        db.session.delete(line)
    return len(customers)


def _purge(customer: Customer) -> None:
    customer_id = customer.id
    try:
        with db.session.begin_nested():
            db.session.delete(customer)
    except IntegrityError:
        log.info("customer_kept_for_the_books", customer_id=customer_id)
        _make_nameless(customer)


def _make_nameless(customer: Customer) -> None:
    customer.name, customer.search_text = NAMELESS, ""
    customer.email = customer.national_id = customer.installed_on = None
    customer.phone = customer.address = customer.address_2 = customer.block = customer.unit = ""
    for note in db.session.scalars(select(CustomerNote).where(CustomerNote.customer_id == customer.id)):
        db.session.delete(note)
    db.session.flush()


def _deleted(customer_id: int) -> Customer:
    customer = db.session.get(Customer, customer_id) if 0 < customer_id <= MAX_ID else None
    if customer is None or customer.deleted_at is None or customer.deleted_at <= clock.now() - KEPT:
        raise NotFound("No such customer has been deleted in the last 30 days")
    return customer


def _line_deleted_with(customer: Customer) -> TechnicalData | None:
    mine = select(TechnicalData).where(
        TechnicalData.customer_id == customer.id, TechnicalData.deleted_at == customer.deleted_at
    )
    return db.session.scalar(mine.limit(1))


def _snapshot(customer: Customer, line: TechnicalData | None, running: Subscription | None) -> dict[str, Any]:
    """What was there, without the password."""
    kept = {name: getattr(customer, name) for name in _SNAPSHOT}
    kept["installed_on"] = customer.installed_on and customer.installed_on.isoformat()
    kept["package"] = running and catalogue.get_package(running.package_id).name
    return kept | {name: getattr(line, name) for name in _OF_LINE if line is not None}
