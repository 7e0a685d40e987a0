"""What a router should have, as the database says: it decides, the router follows."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from webapp.extensions import db
from webapp.subscribers.models import (
    ENDED,
    SUSPENDED,
    Customer,
    LineSync,
    Package,
    Router,
    Subscription,
    TechnicalData,
)
from webapp.subscribers.routers.difference import Wanted, mark
from webapp.subscribers.routers.line import Access, Tls
from webapp.subscribers.routers.records import Secret

SUSPENDED_PROFILE = "SUSPENDED"  # contracts, 2 ftth
AT_ONCE = 500  # ids in one question to the database


def access_of(router: Router) -> Access:
    """How to reach it. Without a fingerprint any certificate is fine."""
    tls = Tls(unverified=not router.fingerprint, fingerprint=router.fingerprint) if router.use_tls else None
    return Access(router.host, router.username, router.password or "", router.port, tls)


def of_router(router_id: int, also: Collection[int] = ()) -> list[Wanted]:
    """What each line that ends at this router wants there, deleted ones too; and of the lines `also`, wherever."""
    found = _wanted(router_id, TechnicalData.router_id == router_id)
    known = {one.line_id for one in found}
    return [*found, *of_lines(router_id, set(also) - known)]


def of_lines(router_id: int, line_ids: Collection[int]) -> list[Wanted]:
    """What these lines want on this router, which is nothing where they end at another."""
    return [one for some in _batches(line_ids) for one in _wanted(router_id, TechnicalData.id.in_(some))]


def names_of(line_ids: Collection[int]) -> list[str]:
    """Their PPPoE names."""
    statement = select(TechnicalData.pppoe_name)
    return [
        name
        for some in _batches(line_ids)
        for name in db.session.scalars(statement.where(TechnicalData.id.in_(some)))
    ]


def pending(router_id: int, *, untried: bool = False) -> list[int]:
    """Lines whose router does not have them as wanted; `untried`: those of which nothing speaks against it yet."""
    statement = (
        select(LineSync.technical_data_id)
        .join(TechnicalData, TechnicalData.id == LineSync.technical_data_id)
        .where(LineSync.pending, TechnicalData.router_id == router_id, ~TechnicalData.sync_exempt)
    )
    if untried:
        statement = statement.where(LineSync.error == "")
    return list(db.session.scalars(statement.order_by(LineSync.technical_data_id)))


def pending_counts() -> Mapping[int, int]:
    """How many such lines each router has; without a mention: none."""
    statement = (
        select(TechnicalData.router_id, func.count())
        .join(LineSync, TechnicalData.id == LineSync.technical_data_id)
        .where(LineSync.pending, TechnicalData.router_id.is_not(None), ~TechnicalData.sync_exempt)
        .group_by(TechnicalData.router_id)
    )
    return {router_id: count for router_id, count in db.session.execute(statement) if router_id}


def profiles() -> set[str]:
    """The names of the profiles that a router needs: of what is sold, and of who is suspended."""
    sold = select(Package.profile).where(Package.is_active, Package.profile != "").distinct()
    return {SUSPENDED_PROFILE, *db.session.scalars(sold)}


def _wanted(router_id: int, which: ColumnElement[bool]) -> list[Wanted]:
    line = TechnicalData
    statement = (
        select(
            line.id,
            line.router_id,
            line.pppoe_name,
            line.pppoe_password,
            line.ip_address,
            line.sync_exempt,
            line.deleted_at,
            line.customer_id,
            Customer.name,
            Customer.deleted_at.label("left_at"),
            Subscription.status,
            Package.profile,
            LineSync.pending,
            LineSync.wanted_at,
            LineSync.error,
        )
        .join(Customer, Customer.id == line.customer_id)
        .outerjoin(
            Subscription,
            and_(Subscription.customer_id == line.customer_id, Subscription.status != ENDED),
        )
        .outerjoin(Package, Package.id == Subscription.package_id)
        .outerjoin(LineSync, LineSync.technical_data_id == line.id)
        .where(which)
    )
    return [_one(row, router_id) for row in db.session.execute(statement.order_by(line.id))]


def _one(row: Any, router_id: int) -> Wanted:
    is_here = row.router_id == router_id
    subscribed = is_here and row.deleted_at is None and row.left_at is None and row.status is not None
    return Wanted(
        row.id,
        row.pppoe_name,
        _secret(row) if subscribed else None,
        row.customer_id,
        row.name,
        is_here,
        row.sync_exempt,
        bool(row.pending),
        row.wanted_at,
        row.error or "",
    )


def _secret(row: Any) -> Secret:
    suspended = row.status == SUSPENDED
    return Secret(
        name=row.pppoe_name,
        password=row.pppoe_password or "",
        profile=SUSPENDED_PROFILE if suspended else row.profile or "default",
        remote_address=row.ip_address or "",
        disabled=suspended,
        comment=mark(row.id),
    )


def _batches(line_ids: Collection[int]) -> Iterable[list[int]]:
    ids = sorted(line_ids)
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))
