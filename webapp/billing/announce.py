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
    """Somebody made one by hand (the monthly run tells of its own in one sentence)."""
    told = {
        "invoice_id": invoice.id,
        "nomor_invoice": invoice.number,
        "pelanggan_nama": invoice.customer.name,
    }
    notify("new_invoice", "Invoice baru telah dibuat", told)


def invoice_paid(invoice: Invoice) -> None:
    """Nothing is left to pay; what waited for that is done after the commit."""
    from webapp.billing.jobs import after_payment

    publish("invoice.paid", facts_of(invoice))
    told = {
        "invoice_id": invoice.id,
        "nomor_invoice": invoice.number,
        "pelanggan_nama": invoice.customer.name,
        "total_harga": invoice.total,
    }
    notify("payment_received", "Invoice telah lunas", told)
    enqueue(after_payment, invoice.customer_id)


def invoice_overdue(invoice: Invoice) -> None:
    publish("invoice.overdue", facts_of(invoice))


def invoice_cancelled(invoice: Invoice) -> None:
    publish("invoice.cancelled", facts_of(invoice))


def payment_received(payment: Payment) -> None:
    publish("payment.received", _money(payment))


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


def _money(payment: Payment) -> dict[str, Any]:
    return {
        "payment_id": payment.id,
        "pelanggan_id": payment.customer_id,
        "jumlah": payment.amount,
        "metode": payment.method,
        "referensi": payment.reference,
    }
