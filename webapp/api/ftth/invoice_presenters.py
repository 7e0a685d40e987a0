"""Invoices and payments as contract 2 writes them."""

from collections.abc import Iterable
from typing import Any

from webapp.api.ftth.envelope import moment
from webapp.billing.models import CreditNote, CustomerAccount, Invoice, Payment
from webapp.billing.queries import Source, credit_notes_of, shares_of, sources_of

CREDIT = "kredit"  # what paid an invoice and is no payment


def invoice(row: Invoice) -> dict[str, Any]:
    """Contract 2, Invoice Model; then what it leaves unsaid."""
    return {
        "id": row.id,
        "nomor_invoice": row.number,
        "pelanggan_id": row.customer_id,
        "periode": row.period,
        "tanggal_invoice": row.issued_on.isoformat(),
        "tanggal_jatuh_tempo": row.due_on.isoformat(),
        "total_harga": row.total,
        "status_invoice": row.status,
        "paid_at": moment(row.paid_at),
        "created_at": moment(row.created_at),
        "id_brand": row.brand_code,
        "subtotal": row.subtotal,
        "pajak": row.tax,
        "total_dibayar": row.paid,
        "total_dikredit": row.credited,
        "sisa_tagihan": row.balance,
    }


def invoice_detail(row: Invoice) -> dict[str, Any]:
    """The invoice with its items, what paid it, and its credit notes."""
    items = [
        {
            "deskripsi": item.description,
            "jumlah": item.quantity,
            "harga": item.unit_price,
            "subtotal": item.amount,
        }
        for item in row.items
    ]
    return invoice(row) | {
        "items": items,
        "pembayaran": [_source(source) for source in sources_of(row.id)],
        "nota_kredit": [credit_note(note) for note in credit_notes_of(row.id)],
    }


def _source(source: Source) -> dict[str, Any]:
    paid = source.payment
    return {
        "payment_id": paid.id if paid else None,
        "jumlah": source.amount,
        "metode": paid.method if paid else CREDIT,
        "tanggal_bayar": moment(paid.received_at) if paid else None,
    }


def credit_note(row: CreditNote) -> dict[str, Any]:
    return {
        "id": row.id,
        "nomor": row.number,
        "invoice_id": row.invoice_id,
        "jumlah": row.amount,
        "pajak": row.tax,
        "alasan": row.reason,
        "tanggal": row.issued_on.isoformat(),
    }


def payments(rows: Iterable[Payment]) -> list[dict[str, Any]]:
    """Payments, each with the invoices that it pays now."""
    rows = list(rows)
    shares: dict[int, list[dict[str, Any]]] = {}
    for payment_id, invoice_id, number, amount in shares_of([row.id for row in rows]):
        share = {"invoice_id": invoice_id, "nomor_invoice": number, "jumlah": int(amount)}
        shares.setdefault(payment_id, []).append(share)
    return [_payment(row, shares.get(row.id, [])) for row in rows]


def _payment(row: Payment, shares: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": row.id,
        "pelanggan_id": row.customer_id,
        "id_brand": row.brand_code,
        "jumlah": row.amount,
        "metode": row.method,
        "referensi": row.reference,
        "catatan": row.note,
        "tanggal_bayar": moment(row.received_at),
        "dibatalkan_pada": moment(row.reversed_at),
        "alasan_pembatalan": row.reversal_reason,
        "created_at": moment(row.created_at),
        "invoices": shares,
    }


def balance(account: CustomerAccount) -> dict[str, Any]:
    oldest = account.oldest_due_on
    return {
        "pelanggan_id": account.customer_id,
        "tagihan": account.owed,
        "kredit": account.credit,
        "saldo": account.credit - account.owed,
        "jatuh_tempo_terlama": oldest.isoformat() if oldest else None,
        "pernah_telat": account.paid_late,
    }
