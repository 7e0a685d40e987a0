"""Credit notes: what is taken back of an issued invoice."""

from sqlalchemy import func, select

from webapp import audit
from webapp.billing import numbers, settlement
from webapp.billing.amounts import tax_within
from webapp.billing.days import today
from webapp.billing.ledger import book, locked_invoice
from webapp.billing.models import (
    OWING,
    PAID,
    RECEIVABLE,
    REVENUE,
    TAX,
    CreditNote,
    CustomerAccount,
    Invoice,
)
from webapp.errors import Conflict, Invalid
from webapp.extensions import db
from webapp.kit import clock


def credit_note(invoice_id: int, amount: int, reason: str) -> CreditNote:
    """Take `amount` rupiah (with the tax in it) of an issued invoice back.

    It lowers what is left to pay; of an invoice paid beyond that, the difference becomes the customer's credit, and
    the invoice stays paid. Raises NotFound; Conflict for a draft or a cancelled invoice; Invalid where the amount is
    more than is left of it, or the reason is missing.
    """
    invoice, account = locked_invoice(invoice_id)
    if invoice.status not in (*OWING, PAID):
        raise Conflict("Only an issued invoice can be credited")
    left = invoice.total - invoice.credited
    if not 0 < amount <= left:
        raise Invalid({"amount": f"Must be from 1 to {left}"})
    if not reason.strip():
        raise Invalid({"reason": "Field is required"})
    note = _written(invoice, amount, reason.strip()[:200])
    _book(account, invoice, note)
    settlement.conclude(account)
    return note


def tax_credited(invoice_id: int) -> int:
    """The tax in all that was taken back of an invoice, in rupiah."""
    taken = select(func.sum(CreditNote.tax)).where(CreditNote.invoice_id == invoice_id)
    return int(db.session.scalar(taken) or 0)


def _written(invoice: Invoice, amount: int, reason: str) -> CreditNote:
    tax = tax_within(invoice.credited + amount, invoice.total, invoice.tax) - tax_credited(invoice.id)
    note = CreditNote(invoice_id=invoice.id, amount=amount, tax=tax, reason=reason, issued_on=today())
    note.number = numbers.next_credit_number(invoice.customer.brand, today())
    note.created_by = audit.current().name[:150]
    db.session.add(note)
    return note


def _book(account: CustomerAccount, invoice: Invoice, note: CreditNote) -> None:
    settlement.release(account, invoice, max(0, note.amount - invoice.balance), "credit_note")
    lines = [(REVENUE, note.amount - note.tax), (TAX, note.tax), (RECEIVABLE, -note.amount)]
    book(
        "credit_note",
        account,
        lines,
        brand_code=invoice.brand_code,
        invoice_id=invoice.id,
        memo=note.number,
    )
    invoice.credited += note.amount
    if invoice.balance == 0 and invoice.status != PAID:
        settlement.settle(account, invoice, clock.now())
