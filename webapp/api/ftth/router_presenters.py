"""Routers as contract 2 writes them."""

from collections.abc import Mapping
from typing import Any

from webapp.api.ftth.envelope import moment
from webapp.subscribers.models import RouterState
from webapp.subscribers.routers.difference import Clash, Difference, Step, Wanted
from webapp.subscribers.routers.service import Overview, Synced, Tried

MAX_ROWS = 1_000
_DETAIL = ("identity", "version", "board", "uptime_seconds", "cpu_load")


def router(one: Overview) -> dict[str, Any]:
    row = one.router
    return {
        "id": row.id,
        "nama": row.name,
        "host": row.host,
        "port": row.port,
        "tls": row.use_tls,
        "fingerprint": row.fingerprint,
        "username": row.username,
        "ip_pool": row.pools,
        "aktif": row.is_active,
        "jumlah_pelanggan": one.lines,
        "belum_sinkron": one.pending,
        "koneksi": _state(one.state),
        "reconciled_at": moment(one.state.reconciled_at),
        "next_try_at": moment(one.state.next_try_at),
        "created_at": moment(row.created_at),
    }


def health(found: list[Overview]) -> dict[str, Any]:
    rows = [
        {"mikrotik_server_id": one.router.id, "nama": one.router.name, **_state(one.state)} for one in found
    ]
    count = [row["status"] for row in rows].count
    return {"data": rows, "total_count": len(rows), "online": count("up"), "offline": count("down")}


def tried(found: Tried) -> dict[str, Any]:
    health = found.health
    return {
        "status": "up",
        "identity": health.name,
        "version": health.version,
        "board": health.board,
        "uptime_seconds": int(health.uptime.total_seconds()),
        "cpu_load": health.cpu_load,
        "fingerprint": found.fingerprint,
        "profil_hilang": found.missing_profiles,
    }


def synced(done: Synced, router_id: int, customer_id: int) -> dict[str, Any]:
    return {
        "mikrotik_server_id": router_id,
        "pelanggan_id": customer_id,
        "data_teknis_id": done.line_id,
        "aksi": done.steps,
        "sesi_diputus": done.offline,
        "mikrotik_sync_pending": done.pending,
        "synced_at": moment(done.synced_at),
    }


def difference(found: Difference, lines: Mapping[int, Wanted]) -> dict[str, Any]:
    kinds = [step.kind for step in found.steps]
    rows = [
        *(_step(one, lines) for one in found.steps[:MAX_ROWS]),
        *(_clash(one, lines) for one in found.clashes),
    ]
    return {
        "data": rows[:MAX_ROWS],
        **{kind: kinds.count(kind) for kind in ("add", "change", "remove")},
        "conflict": len(found.clashes),
        "asing": [secret.name for secret in found.strangers[:MAX_ROWS]],
    }


def _state(state: RouterState) -> dict[str, Any]:
    return {
        "status": state.status,
        "keterangan": state.error,
        **{name: state.detail.get(name) for name in _DETAIL},
        "checked_at": moment(state.checked_at),
        "seen_at": moment(state.seen_at),
    }


def _step(step: Step, lines: Mapping[int, Wanted]) -> dict[str, Any]:
    changes = {name: list(both) for name, both in step.changes.items()}
    return _row(step.kind, lines[step.line_id], step.name, changes)


def _clash(clash: Clash, lines: Mapping[int, Wanted]) -> dict[str, Any]:
    return _row("conflict", lines[clash.line_id], clash.secret.name, {})


def _row(kind: str, line: Wanted, name: str, changes: dict[str, list[str]]) -> dict[str, Any]:
    return {
        "aksi": kind,
        "data_teknis_id": line.line_id,
        "pelanggan_id": line.customer_id,
        "nama_pelanggan": line.customer,
        "nama_pppoe": name,
        "perubahan": changes,
    }
