"""Customers' lines: technical data (contract 2, Data Teknis Endpoints), and that their routers have to follow."""

import secrets
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Any

from sqlalchemy import select

from webapp import audit
from webapp.database import MAX_ID
from webapp.errors import Invalid, NotFound
from webapp.extensions import db
from webapp.kit import clock
from webapp.queue import enqueue
from webapp.subscribers import clashes
from webapp.subscribers.models import Customer, LineSync, Router, TechnicalData
from webapp.subscribers.routers import jobs as router_jobs

LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # none that is read for another
PASSWORD_LENGTH = 12


def get_line(line_id: int) -> TechnicalData:
    """Raises NotFound, also for a deleted one."""
    line = db.session.get(TechnicalData, line_id) if 0 < line_id <= MAX_ID else None
    if line is None or line.deleted_at is not None:
        raise NotFound("Technical data not found")
    return line


def line_of(customer_id: int) -> TechnicalData | None:
    """The customer's line, if they have one."""
    mine = select(TechnicalData).where(TechnicalData.customer_id == customer_id)
    return db.session.scalar(mine.where(TechnicalData.deleted_at.is_(None)))


def get_line_of(customer: Customer) -> TechnicalData:
    """Raises NotFound."""
    line = line_of(customer.id)
    if line is None:
        raise NotFound("Technical data not found")
    return line


def create_line(customer: Customer, values: Mapping[str, Any]) -> TechnicalData:
    """Give a customer a line; `values` are columns of TechnicalData that were checked (fields.py).

    A PPPoE name or password that is not given is made. Raises Invalid for a router that there is not and an address
    outside of its pools, Conflict when the customer has a line or another has the name, address, ONT or ODP port.
    """
    line = TechnicalData(**values, customer_id=customer.id, status=customer.status)
    line.pppoe_name = line.pppoe_name or _free_name(customer)
    line.pppoe_password = line.pppoe_password or new_password()
    _check_address(line)
    db.session.add(line)
    clashes.flush()
    mark(line)
    return line


def update_line(line_id: int, changes: Mapping[str, Any]) -> TechnicalData:
    """Change the columns that `changes` names. Raises NotFound, Invalid and Conflict as `create_line` does."""
    line = get_line(line_id)
    name, router_id = line.pppoe_name, line.router_id
    for column, value in changes.items():
        setattr(line, column, value)
    _check_address(line)
    clashes.flush()
    if router_id is not None and (name, router_id) != (line.pppoe_name, line.router_id):
        router_jobs.reconcile_soon(router_id)  # it has something under the old name
    mark(line)
    return line


def delete_line(line_id: int) -> None:
    """Its name, address and ports are free at once; the router is told to forget it. Raises NotFound."""
    line = get_line(line_id)
    line.deleted_at = clock.now()
    db.session.flush()
    mark(line)


def reveal_password(line_id: int) -> str:
    """The PPPoE password in clear; the activity log tells who looked. Raises NotFound."""
    line = get_line(line_id)
    audit.note("reveal", "technical_data", line.id, line.pppoe_name)
    return line.pppoe_password or ""


def new_password() -> str:
    """Twelve letters and digits that can be read out on the telephone: 60 bits."""
    return "".join(secrets.choice(LETTERS) for _ in range(PASSWORD_LENGTH))


def follow(customer_id: int, status: str) -> None:
    """The customer's line has this status now, and its router has to learn of it."""
    line = line_of(customer_id)
    if line is not None:
        line.status = status
        db.session.flush()
        mark(line)


def want_sync(customer_id: int) -> None:
    """What the router should know of this customer has changed."""
    line = line_of(customer_id)
    if line is not None:
        mark(line)


def mark(line: TechnicalData) -> None:
    """The line's router does not have it as it is wanted, from now until it has (jobs.reconcile_line)."""
    sync = db.session.get(LineSync, line.id)
    if sync is None:
        sync = LineSync(technical_data_id=line.id)
        db.session.add(sync)
        db.session.expire(line, ["sync"])
    sync.pending, sync.error, sync.wanted_at = True, "", clock.now()
    db.session.flush()
    if line.router_id is not None:
        enqueue(router_jobs.reconcile_line, line.id)


def _free_name(customer: Customer) -> str:
    """`jakinet-000123`; something is added while another line has it."""
    name = stem = f"{customer.brand_code.lower()}-{customer.id:06d}"
    while db.session.scalar(
        select(TechnicalData.id).where(TechnicalData.pppoe_name == name, TechnicalData.deleted_at.is_(None))
    ):
        name = f"{stem}-{secrets.token_hex(2)}"
    return name


def _check_address(line: TechnicalData) -> None:
    if line.router_id is None:
        return
    with db.session.no_autoflush:
        router = db.session.get(Router, line.router_id)
    if router is None:
        raise Invalid({"router_id": "There is no such router"})
    pools = [ip_network(pool.strip(), strict=False) for pool in router.pools.split(",") if pool.strip()]
    if line.ip_address and pools and not any(ip_address(line.ip_address) in pool for pool in pools):
        raise Invalid({"ip_address": "Is outside of the router's pools"})
