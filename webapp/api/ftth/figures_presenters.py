"""Figures in contract 2's words."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from babel.dates import format_date

from webapp.billing import segments
from webapp.billing.dashboard import Board
from webapp.billing.papers import METHODS
from webapp.billing.reports import RevenueLine
from webapp.billing.segments import CustomerReport, Segmented
from webapp.subscribers.models import Customer


def board(found: Board) -> dict[str, Any]:
    month = found.this_month
    breakdown = [
        {
            "id_brand": line.group,
            "total": line.billed,
            "dibayar": line.paid,
            "jumlah_invoice": line.invoices,
        }
        for line in found.by_brand
    ]
    summary = {"total": month.billed, "periode": _month(found.day), "breakdown": breakdown}
    return {"stat_cards": _cards(found), "revenue_summary": summary, "charts": _charts(found)}


def _cards(found: Board) -> list[dict[str, Any]]:
    cards = (
        ("Total Pelanggan", found.customers, "users", "primary"),
        ("Pelanggan Aktif", found.active, "user-check", "success"),
        ("Pelanggan Suspended", found.suspended, "user-off", "warning"),
        ("Pelanggan Baru Bulan Ini", found.new_customers, "user-plus", "info"),
        ("Menunggu Pembayaran", found.waiting.count, "receipt", "secondary"),
        ("Jatuh Tempo", found.overdue.count, "alert-triangle", "danger"),
        ("Tunggakan", found.overdue.amount, "cash", "danger"),
        ("Diterima Bulan Ini", sum(found.received.values()), "wallet", "success"),
        ("Router Bermasalah", found.routers_down, "router", "danger"),
    )
    return [
        {"title": title, "value": value, "icon": icon, "color": color} for title, value, icon, color in cards
    ]


def _charts(found: Board) -> list[dict[str, Any]]:
    months = [_month(date.fromisoformat(f"{line.group}-01")) for line in found.revenue]
    billed = [line.billed for line in found.revenue]
    segment = [segments.LABELS[name] for name in found.segments]
    return [
        _chart(
            "revenue",
            "Pendapatan per Bulan",
            "bar",
            months,
            {"Ditagih": billed, "Diterima": list(found.collected.values())},
        ),
        _chart(
            "segments",
            "Loyalitas Pelanggan",
            "doughnut",
            segment,
            {"Pelanggan": list(found.segments.values())},
        ),
        _chart(
            "aging",
            "Umur Tunggakan (hari)",
            "bar",
            [bucket.label for bucket in found.aging],
            {"Rupiah": [bucket.amount for bucket in found.aging]},
        ),
        _chart(
            "methods",
            "Diterima Bulan Ini per Metode",
            "doughnut",
            [METHODS[name] for name in found.received],
            {"Rupiah": list(found.received.values())},
        ),
    ]


def _chart(
    name: str, title: str, kind: str, labels: list[str], series: dict[str, list[int]]
) -> dict[str, Any]:
    datasets = [{"label": label, "data": data} for label, data in series.items()]
    return {"id": name, "title": title, "type": kind, "labels": labels, "datasets": datasets}


def _month(day: date) -> str:
    """`Januari 2024`."""
    return str(format_date(day, "MMMM y", locale="id"))


def segment(
    members: Sequence[Segmented], counts: dict[str, int], total: int, skip: int, limit: int
) -> dict[str, Any]:
    named = [
        {"segmen": name, "label": segments.LABELS[name], "jumlah": count} for name, count in counts.items()
    ]
    data = [_customer(one.customer) | {"segmen": one.segment} for one in members]
    return {"data": data, "total_count": total, "skip": skip, "limit": limit, "segments": named}


def revenue(lines: Sequence[RevenueLine], start: date, end: date, group_by: str) -> dict[str, Any]:
    data = [
        {
            "group": line.group,
            "jumlah_invoice": line.invoices,
            "total": line.billed,
            "dibayar": line.paid,
            "sisa": line.outstanding,
        }
        for line in lines
    ]
    return {
        "start_date": start.isoformat(),
        "end_date": end.isoformat(),
        "group_by": group_by,
        "total_revenue": sum(line.billed for line in lines),
        "total_dibayar": sum(line.paid for line in lines),
        "total_sisa": sum(line.outstanding for line in lines),
        "data": data,
    }


def customers(found: CustomerReport, skip: int, limit: int) -> dict[str, Any]:
    data = [
        _customer(one.customer) | {"segmen": one.segment, "sisa_tagihan": one.owed} for one in found.items
    ]
    summary = {
        "total": found.total,
        "by_status": found.by_status,
        "by_brand": found.by_brand,
        "by_segment": found.by_segment,
    }
    return {"data": data, "total_count": found.total, "skip": skip, "limit": limit, "summary": summary}


def _customer(customer: Customer) -> dict[str, Any]:
    return {
        "id": customer.id,
        "nama": customer.name,
        "email": customer.email,
        "no_telp": customer.phone,
        "alamat": customer.address,
        "id_brand": customer.brand_code,
        "status": customer.status,
    }
