"""Distribution points (ODP): which of their ports are taken, and by whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from webapp.extensions import db
from webapp.subscribers.models import Customer, TechnicalData

MAX_PORTS = 5_000  # of one page of distribution points


@dataclass(frozen=True)
class OdpPort:
    """A port of an ODP that is taken, and by whom."""

    port: str
    customer_id: int
    customer_name: str


@dataclass(frozen=True)
class Odp:
    """A distribution point with its taken ports. Its name is what stands before the last stroke: `ODP-01/P01`."""

    name: str
    used: int
    ports: Sequence[OdpPort]


def taken(*, search: str = "", skip: int = 0, limit: int = 15) -> tuple[list[Odp], int]:
    """Distribution points by name, those that begin with `search`; and how many there are."""
    port = TechnicalData.odp_port
    # What is left when everything behind the last stroke is taken off: rtrim takes characters, and replace names them.
    name = func.rtrim(port, func.replace(port, "/", ""))
    found = select(name.label("name"), func.count().label("used")).where(
        TechnicalData.deleted_at.is_(None),
        port.is_not(None),
        func.substr(port, 1, len(search)) == search.upper(),
    )
    groups = found.group_by(name).subquery()
    total = db.session.scalar(select(func.count()).select_from(groups)) or 0
    page = db.session.execute(select(groups).order_by(groups.c.name).offset(skip).limit(limit)).all()
    taken = _ports([row.name for row in page], name)
    return [Odp(row.name.removesuffix("/"), row.used, taken.get(row.name, [])) for row in page], total


def _ports(names: list[str], name: Any) -> dict[str, list[OdpPort]]:
    statement = (
        select(name, TechnicalData.odp_port, Customer.id, Customer.name)
        .join(Customer, Customer.id == TechnicalData.customer_id)
        .where(TechnicalData.deleted_at.is_(None), TechnicalData.odp_port.is_not(None), name.in_(names))
    )
    found: dict[str, list[OdpPort]] = {}
    for odp, port, *customer in db.session.execute(
        statement.order_by(TechnicalData.odp_port).limit(MAX_PORTS)
    ):
        found.setdefault(odp, []).append(OdpPort(port, *customer))
    return found
