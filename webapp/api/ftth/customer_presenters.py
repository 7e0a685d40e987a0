"""Customers as contract 2 writes them."""

from collections.abc import Callable, Sequence
from typing import Any

from webapp.api.ftth.customer_schemas import MODEL, NESTED
from webapp.api.ftth.envelope import moment
from webapp.api.ftth.line_presenters import line as presented_line
from webapp.api.ftth.words import CUSTOMER
from webapp.subscribers import queries
from webapp.subscribers.models import Customer, Subscription, TechnicalData

_MOMENTS = ("created_at", "updated_at")


def customer(row: Customer, names: Sequence[str] = MODEL) -> dict[str, Any]:
    """The fields that are named, in the document's order."""
    return {name: _value(row, name) for name in MODEL if name in names}


def _value(row: Customer, name: str) -> Any:
    value = getattr(row, CUSTOMER.get(name, name))
    return moment(value) if name in _MOMENTS else value


def detail(row: Customer) -> dict[str, Any]:
    """The customer with package, subscription and line."""
    extras = {name: _value(row, name) for name in ("bahasa", "tanpa_pesan", "jangan_suspend")}
    return customer(row) | extras | _nested([row], NESTED)(row)


def listed(rows: Sequence[Customer], names: Sequence[str]) -> list[dict[str, Any]]:
    """Many customers with the fields that are named; package and line are looked up for all at once."""
    nested = _nested(rows, [name for name in NESTED if name in names])
    return [customer(row, names) | nested(row) for row in rows]


def deleted(row: Customer) -> dict[str, Any]:
    return customer(row) | {"deleted_at": moment(row.deleted_at)}


def _nested(rows: Sequence[Customer], names: Sequence[str]) -> Callable[[Customer], dict[str, Any]]:
    running = queries.subscriptions_of(rows) if {"harga_layanan", "langganan"} & set(names) else {}
    lines = queries.lines_of(rows) if "data_teknis" in names else {}

    def found(row: Customer) -> dict[str, Any]:
        subscription, line = running.get(row.id), lines.get(row.id)
        parts = {
            "harga_layanan": _price(subscription),
            "langganan": _terms(subscription),
            "data_teknis": _line(line),
        }
        return {name: parts[name] for name in names}

    return found


def _line(row: TechnicalData | None) -> dict[str, Any] | None:
    return None if row is None else presented_line(row)


def _price(subscription: Subscription | None) -> dict[str, Any] | None:
    if subscription is None:
        return None
    package = subscription.package
    return {"id": package.id, "nama_paket": package.name, "harga": package.price}


def _terms(subscription: Subscription | None) -> dict[str, Any] | None:
    if subscription is None:
        return None
    return {
        "id": subscription.id,
        "status": subscription.status,
        "tanggal_mulai": subscription.started_on,
        "jatuh_tempo_hari": subscription.due_day,
        "metode_pembayaran": subscription.payment_method,
    }
