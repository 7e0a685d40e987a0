"""Models as contract 1 writes them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from webapp.accounts.models import User
from webapp.gates.models import Gate, Location, Tariff
from webapp.gates.totals import Day, Line


def location(row: Location) -> dict[str, Any]:
    return {"code": row.code, "name": row.name, "type": row.type, "is_active": int(row.is_active)}


def gate(row: Gate) -> dict[str, Any]:
    shown = {
        "location_code": row.location.code,
        "gate_code": row.code,
        "name": row.name,
        "direction": row.direction,
        "is_active": int(row.is_active),
    }
    if row.latitude is not None and row.longitude is not None:
        shown |= {"latitude": f"{row.latitude:.8f}", "longitude": f"{row.longitude:.8f}"}
    return shown


def tariff(row: Tariff) -> dict[str, Any]:
    return {
        "location_code": row.gate.location.code,
        "gate_code": row.gate.code,
        "category": row.category.code,
        "price": row.price,
    }


def user(row: User) -> dict[str, Any]:
    return {"id": row.id, "username": row.username, "role": row.role.word}


def daily_row(row: Any, day: date) -> dict[str, Any]:
    return {
        "summary_date": day.isoformat(),
        "location_code": row.location_code,
        "gate_code": row.gate_code,
        "category": row.category,
        "total_count": row.count,
        "total_amount": row.amount,
    }


def chart(lines: Sequence[Line]) -> dict[str, Any]:
    return {
        "labels": [line.label for line in lines],
        "series": {
            "total_count": [line.count for line in lines],
            "total_amount": [line.amount for line in lines],
        },
    }


def summary(day: Day) -> dict[str, Any]:
    return {
        "total_count_today": day.count,
        "total_amount_today": day.amount,
        "by_gate": [{"gate_code": row.gate_code, **_figures(row)} for row in day.by_gate],
        "by_category": [{"category": line.label, **_figures(line)} for line in day.by_category],
    }


def _figures(row: Any) -> dict[str, int]:
    return {"total_count": int(row.count), "total_amount": int(row.amount)}
