"""Telling the house and its partners what happened to invoices and payments.

Names in what is told are contract 2's, which both read.
"""

from typing import Any

from webapp.billing.models import Invoice, Payment
from webapp.notifications.service import notify
from webapp.queue import enqueue
from webapp.webhooks.service import publish


def invoice_issued(invoice: Invoice) -> None:
    publish("invoice.issued", facts_of(invoice))


def new_invoice(invoice: Invoice) -> None:
    """Tell the house of one (the monthly run tells of all of its own in a sentence)."""
    notify("new_invoice", "Invoice baru telah dibuat", _named(invoice))


def invoice_paid(invoice: Invoice) -> None:
    """Nothing is left to pay; what waited for that is done after the commit."""
    from webapp.billing.jobs import after_payment

    publish("invoice.paid", facts_of(invoice))
    enqueue(after_payment, invoice.customer_id)


def invoice_overdue(invoice: Invoice) -> None:
    publish("invoice.overdue", facts_of(invoice))


def invoice_cancelled(invoice: Invoice) -> None:
    publish("invoice.cancelled", facts_of(invoice))


def payment_received(payment: Payment, paid: Invoice | None) -> None:
    """`paid` is the invoice that the money went to first, if any."""
    facts = _money(payment)
    publish("payment.received", facts)
    told = _named(paid) if paid else {"pelanggan_nama": payment.customer.name}
    notify("payment_received", "Pembayaran diterima", facts | told)


def payment_reversed(payment: Payment) -> None:
    publish("payment.reversed", _money(payment) | {"alasan": payment.reversal_reason})


def facts_of(invoice: Invoice) -> dict[str, Any]:
    """What partners are told of an invoice."""
    return {
        "invoice_id": invoice.id,
        "nomor_invoice": invoice.number,
        "pelanggan_id": invoice.customer_id,
        "periode": invoice.period,
        "tanggal_jatuh_tempo": invoice.due_on.isoformat(),
        "total_harga": invoice.total,
        "sisa_tagihan": invoice.balance,
        "status_invoice": invoice.status,
    }


def _named(invoice: Invoice) -> dict[str, Any]:
    """Contract 2, WebSocket Message Format."""
    return {
        "invoice_id": invoice.id,
        "nomor_invoice": invoice.number,
        "pelanggan_nama": invoice.customer.name,
    }


def _money(payment: Payment) -> dict[str, Any]:
    return {
        "payment_id": payment.id,
        "pelanggan_id": payment.customer_id,
        "jumlah": payment.amount,
        "metode": payment.method,
        "referensi": payment.reference,
    }
