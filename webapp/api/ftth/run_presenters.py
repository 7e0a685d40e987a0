"""The monthly run and dunning in contract 2's style."""

from typing import Any

from webapp.api.ftth.envelope import moment
from webapp.billing.board import Late
from webapp.billing.process_models import BillingRun, DunningRule, OutboxMessage, PaymentPromise
from webapp.billing.runs import Preview
from webapp.billing.wording import Text


def preview(found: Preview) -> dict[str, Any]:
    return {
        "periode": found.window.period,
        "jumlah_invoice": found.count,
        "total_harga": found.amount,
        "dilewati": dict(found.left_out),
        "contoh_dilewati": [
            {"pelanggan_id": one.customer_id, "pelanggan_nama": one.customer_name, "alasan": one.reason}
            for one in found.examples
        ],
    }


def run(row: BillingRun) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "periode": row.period,
        "jatuh_tempo_dari": row.due_from.isoformat(),
        "jatuh_tempo_sampai": row.due_to.isoformat(),
        "pemicu": row.trigger,
        "status": row.status,
        "total": row.total,
        "diproses": row.done,
        "jumlah_invoice": row.created,
        "total_harga": row.amount,
        "dilewati": row.left_out,
        "error": row.error,
        "dibuat_oleh": row.created_by,
        "created_at": moment(row.created_at),
        "finished_at": moment(row.finished_at),
    }


def overdue(late: Late) -> dict[str, Any]:
    invoice = late.invoice
    return {
        "invoice_id": invoice.id,
        "nomor_invoice": invoice.number,
        "pelanggan_id": invoice.customer_id,
        "pelanggan_nama": invoice.customer.name,
        "tanggal_jatuh_tempo": invoice.due_on.isoformat(),
        "hari_terlambat": late.days,
        "sisa_tagihan": invoice.balance,
        "status_langganan": late.service,
        "dijanjikan_sampai": late.promised_until.isoformat() if late.promised_until else None,
    }


def promise(row: PaymentPromise) -> dict[str, Any]:
    return {
        "id": row.id,
        "invoice_id": row.invoice_id,
        "sampai": row.until.isoformat(),
        "catatan": row.note,
        "dibuat_oleh": row.created_by,
        "created_at": moment(row.created_at),
    }


def rule(row: DunningRule) -> dict[str, Any]:
    return {
        "id": row.id,
        "hari": row.offset_days,
        "saluran": row.channel,
        "template": row.template,
        "id_brand": row.brand_code,
        "aktif": row.is_active,
    }


def message(row: OutboxMessage) -> dict[str, Any]:
    return {
        "id": row.id,
        "saluran": row.channel,
        "penerima": row.recipient,
        "subjek": row.subject,
        "isi": row.body,
        "pelanggan_id": row.customer_id,
        "invoice_id": row.invoice_id,
        "status": row.status,
        "percobaan": row.attempts,
        "error": row.error,
        "created_at": moment(row.created_at),
        "sent_at": moment(row.sent_at),
    }


def text(key: tuple[str, str, str], words: Text, is_own: bool) -> dict[str, Any]:
    names = dict(zip(("kunci", "saluran", "bahasa"), key, strict=True))
    return names | {"subjek": words.subject, "isi": words.body, "diubah": is_own}
