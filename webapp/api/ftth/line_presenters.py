"""Technical data as contract 2 writes it."""

from typing import Any

from webapp.api.ftth.envelope import moment
from webapp.api.ftth.line_schemas import MASK
from webapp.subscribers.models import TechnicalData
from webapp.subscribers.odps import Odp


def line(row: TechnicalData) -> dict[str, Any]:
    return {
        "id": row.id,
        "pelanggan_id": row.customer_id,
        "ip_pelanggan": row.ip_address,
        "password_pppoe": MASK,
        "vlan": row.vlan,
        "sn_ont": row.ont_serial,
        "port_odp": row.odp_port,
        "port_olt": row.olt_port,
        "status": row.status,
        "mikrotik_server_id": row.router_id,
        "created_at": moment(row.created_at),
        "nama_pppoe": row.pppoe_name,
        "tanpa_sinkron": row.sync_exempt,
        "mikrotik_sync_pending": row.awaits_router,
    }


def odp(found: Odp) -> dict[str, Any]:
    taken = [
        {"port_odp": port.port, "pelanggan_id": port.customer_id, "nama": port.customer_name}
        for port in found.ports
    ]
    return {"odp": found.name, "port_terpakai": found.used, "port": taken}
