"""What billing prints: invoices, and receipts of payments. In Indonesian, as every document is.

An invoice is first a snapshot (plain data), then a page: whatever changes meanwhile, one page tells one moment.
"""

import base64
from textwrap import wrap
from typing import Any

from webapp import config
from webapp.billing.models import CANCELLED, DRAFT, GATEWAY, PAID, Invoice, Payment, PaymentLink
from webapp.billing.queries import credit_notes_of, shares_of
from webapp.database import pause
from webapp.documents import branding, logos
from webapp.extensions import db
from webapp.kit import clock, qr
from webapp.kit.money import rupiah, thousands
from webapp.kit.threads import Lane
from webapp.subscribers.models import Brand, Customer

ROLL = 22  # letters that stand beside a label on 80 mm of paper
METHODS = {"cash": "Tunai", "transfer": "Transfer", "xendit": "Xendit"}
_lane = Lane(politeness=5)  # xhtml2pdf prints one document after the other in any case
Snapshot = dict[str, Any]


def invoice_pdf(invoice: Invoice, base: str = "") -> bytes:
    """An invoice as PDF; `base` is the address under which customers reach us. Ends the transaction."""
    told = snapshot(invoice, base)
    pause()
    return _lane.run(printed, told)


def snapshot(invoice: Invoice, base: str = "") -> Snapshot:
    """All that an invoice's page says, as plain data. Raises Unavailable when the brand's logo can't be read."""
    brand = db.session.get_one(Brand, invoice.brand_code)
    owes = invoice.status not in (PAID, CANCELLED, DRAFT) and invoice.balance > 0
    return {
        "company": brand.name,
        "address": [line for line in brand.address.splitlines() if line.strip()],
        "logo": logos.data_uri(brand.logo or "") or branding.logo(),
        "title": "Invoice" if invoice.status != DRAFT else "Draf invoice",
        "subtitle": "",
        "number": invoice.number,
        "page_size": branding.page_size(),
        "generated_at": clock.now().astimezone(config.current().timezone),
        "customer": _addressee(invoice.customer),
        "facts": _facts(invoice),
        "items": [
            (item.description, thousands(item.quantity), rupiah(item.unit_price), rupiah(item.amount))
            for item in invoice.items
        ],
        "sums": _sums(invoice),
        "total": ("Sisa tagihan" if invoice.paid or invoice.credited else "Total", rupiah(invoice.balance)),
        "stamp": {PAID: "LUNAS", CANCELLED: "BATAL", DRAFT: "DRAF"}.get(invoice.status, ""),
        "void": invoice.status in (CANCELLED, DRAFT),
        "pay": _ways_to_pay(invoice, brand, base) if owes else None,
        "notes": _notes(invoice),
    }


def printed(told: Snapshot) -> bytes:
    """The page of a snapshot; needs neither database nor application."""
    from webapp.documents import press  # loaded where something is printed: it takes a second

    return press.print_html(press.fill("invoice.html", **told))


def _addressee(customer: Customer) -> dict[str, Any]:
    place = " ".join(part for part in (customer.block and f"Blok {customer.block}", customer.unit) if part)
    lines = (customer.address, customer.address_2, place, customer.phone, customer.email or "")
    return {"name": customer.name, "lines": [line for line in lines if line]}


def _facts(invoice: Invoice) -> list[tuple[str, str]]:
    from webapp.documents.press import words

    facts = [
        ("No. pelanggan", str(invoice.customer_id)),
        ("Periode", _month(invoice.period)),
        ("Tanggal invoice", words.day(invoice.issued_on)),
        ("Jatuh tempo", words.day(invoice.due_on)),
        ("Status", invoice.status),
    ]
    if invoice.paid_at is not None:
        paid_on = invoice.paid_at.astimezone(config.current().timezone).date()
        facts.append(("Dibayar", words.day(paid_on)))
    return facts


def _month(period: str) -> str:
    """`2024-01` is `Januari 2024`."""
    from webapp.documents.press import words

    year, _, month = period.partition("-")
    return f"{words.MONTHS[int(month) - 1]} {year}"


def _sums(invoice: Invoice) -> list[tuple[str, str]]:
    percent = f"{invoice.tax_percent.normalize():f}".replace(".", ",")
    sums = [("Subtotal", rupiah(invoice.subtotal)), (f"PPN {percent}%", rupiah(invoice.tax))]
    if invoice.paid or invoice.credited:
        sums.append(("Total", rupiah(invoice.total)))
    if invoice.credited:
        sums.append(("Nota kredit", f"-{rupiah(invoice.credited)}"))
    if invoice.paid:
        sums.append(("Sudah dibayar", f"-{rupiah(invoice.paid)}"))
    return sums


def payment_address(invoice: Invoice, base: str) -> str:
    """Where the customer pays: our own page, which leads on to the gateway; without a `base`, the gateway's."""
    if base:
        return f"{base}/pay/{invoice.token}"
    link = db.session.get(PaymentLink, invoice.id)
    return link.url if link is not None and link.status == "created" else ""


def _ways_to_pay(invoice: Invoice, brand: Brand, base: str) -> dict[str, Any] | None:
    address = payment_address(invoice, base)
    lines = [f"Cantumkan nomor invoice {invoice.number} sebagai berita transfer."]
    if brand.bank_account:
        lines = [f"Transfer bank: {brand.bank_account}", *lines]
    if address:
        lines = ["Bayar daring: pindai kode QR atau buka", address, *(lines if brand.bank_account else [])]
    if not address and not brand.bank_account:
        return None
    return {"lines": lines, "qr": _qr(address) if address else ""}


def _qr(text: str) -> str:
    return f"data:image/png;base64,{base64.b64encode(qr.png(text, 4)).decode()}"


def _notes(invoice: Invoice) -> list[str]:
    from webapp.documents.press import words

    return [
        f"Nota kredit {note.number}, {words.day(note.issued_on)}: {rupiah(note.amount)} ({note.reason})"
        for note in (credit_notes_of(invoice.id) if invoice.credited else ())
    ]


def receipt_pdf(payment: Payment) -> bytes:
    """A payment's receipt for a roll of 80 mm. Ends the transaction."""
    shares = shares_of([payment.id])
    lines = [(number, "", rupiah(int(amount))) for _, _, number, amount in shares]
    rest = payment.amount - sum(int(share[3]) for share in shares)
    local = payment.received_at.astimezone(config.current().timezone)
    facts = [("Pelanggan", payment.customer.name), ("Diterima", f"{local:%d/%m/%Y %H.%M}")]
    facts.append(("Metode", METHODS[payment.method]))
    if payment.reference:
        facts.append(("Referensi", " ".join(wrap(payment.reference, ROLL))))
    signatures = [("Kasir", payment.created_by), ("Pelanggan", payment.customer.name)]
    told = {
        "company": db.session.get_one(Brand, payment.brand_code).name,
        "logo": branding.logo(),
        "title": "Kuitansi pembayaran",
        "subtitle": "DIBATALKAN" if payment.reversed_at else "",
        "number": f"{payment.received_on:%Y%m%d}-{payment.id}",
        "generated_at": clock.now().astimezone(config.current().timezone),
        "facts": facts,
        "lines": lines,
        "totals": [("Jumlah", rupiah(payment.amount))],
        "after": [("Menjadi saldo", rupiah(rest))] if rest and not payment.reversed_at else [],
        "note": payment.note,
        "signatures": [] if payment.method == GATEWAY else signatures,
    }
    pause()
    return _lane.run(_printed_receipt, told | {"height": _receipt_height(told)})


def _receipt_height(told: Snapshot) -> int:
    """How much paper a receipt takes, in mm, with some to spare: on a roll a second page is a second receipt."""
    texts = [text for _, text in told["facts"]] + [told["note"]] + [name for _, name in told["signatures"]]
    rows = sum(len(wrap(text, ROLL)) for text in texts) + len(told["lines"]) + len(told["after"]) + 1
    return 60 + 5 * rows + (16 if told["logo"] else 0) + (12 if told["signatures"] else 0)


def _printed_receipt(told: Snapshot) -> bytes:
    from webapp.documents import press

    return press.print_html(press.fill("payment.html", **told))
