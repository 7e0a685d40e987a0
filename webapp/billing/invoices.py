"""An invoice's life: Draft → Menunggu Pembayaran → Lunas or Jatuh Tempo → Lunas; Batal from the first two.

Whoever changes an invoice holds its customer's account. Once issued it is never edited: it is cancelled (here) or
credited (credits.py), and it is paid when its balance says so (settlement.py).
"""

from collections.abc import Callable, Sequence
from datetime import date

from sqlalchemy.exc import IntegrityError

from webapp.billing import announce, numbers, settlement
from webapp.billing.amounts import NewItem, sums_of
from webapp.billing.bulk import NewInvoice, insert_many
from webapp.billing.credits import credit_note, tax_credited
from webapp.billing.days import today
from webapp.billing.ledger import account_of, book, get_invoice, locked_invoice
from webapp.billing.models import (
    CANCELLED,
    CASH,
    DRAFT,
    OPEN,
    OVERDUE,
    OWING,
    PAID,
    RECEIVABLE,
    REVENUE,
    TAX,
    CustomerAccount,
    Invoice,
    InvoiceItem,
)
from webapp.billing.payments import record_payment
from webapp.billing.pricing import month
from webapp.errors import Conflict
from webapp.extensions import db
from webapp.kit import clock
from webapp.subscribers.customers import get_customer
from webapp.subscribers.models import Customer

__all__ = [
    "NewInvoice",
    "NewItem",
    "cancel",
    "create_invoice",
    "credit_note",
    "get_invoice",
    "insert_many",
    "issue",
    "mark_overdue",
    "set_status",
]


def create_invoice(
    customer_id: int,
    period: str,
    due_on: date,
    items: Sequence[NewItem],
    *,
    status: str = OPEN,
    subscription_id: int | None = None,
) -> Invoice:
    """An invoice of today for `period` (`YYYY-MM`), issued (OPEN) or as a DRAFT, which no book knows yet.

    `due_on` may have passed: what is billed late is due when it was. The customer's credit pays it at once.
    Raises NotFound for an unknown or deleted customer; Invalid for a period that is no month and for items that come
    to too much; Conflict when the subscription has its invoice of the period.
    """
    month(period)
    customer = get_customer(customer_id)
    account = account_of(customer_id)
    invoice = _composed(customer, period, due_on, items)
    invoice.subscription_id, invoice.status = subscription_id, DRAFT
    invoice.number = numbers.next_number(customer.brand, invoice.issued_on)
    db.session.add(invoice)
    try:
        db.session.flush()
    except IntegrityError:
        raise Conflict("The subscription has an invoice of this period already") from None
    announce.new_invoice(invoice)
    if status != DRAFT:
        _issue(account, invoice)
    return invoice


def _composed(customer: Customer, period: str, due_on: date, items: Sequence[NewItem]) -> Invoice:
    percent = customer.brand.tax_percent
    sums = sums_of(items, percent)
    return Invoice(
        customer=customer,
        brand_code=customer.brand_code,
        period=period,
        issued_on=today(),
        due_on=due_on,
        subtotal=sums.subtotal,
        tax_percent=percent,
        tax=sums.tax,
        total=sums.total,
        paid=0,
        credited=0,
        items=[
            InvoiceItem(
                description=item.description,
                quantity=item.quantity,
                unit_price=item.unit_price,
                amount=item.amount,
            )
            for item in items
        ],
    )


def set_status(invoice_id: int, status: str) -> Invoice:
    """Move an invoice by hand, as far as its life allows (contracts, 2 ftth). Raises NotFound or Conflict.

    PAID takes what is left in cash; OVERDUE wants the due date to have passed.
    """
    moves: dict[str, Callable[[int], Invoice]] = {
        OPEN: issue,
        PAID: pay_in_cash,
        OVERDUE: mark_overdue,
        CANCELLED: cancel,
    }
    if status not in moves:
        raise _impossible(get_invoice(invoice_id), status)
    return moves[status](invoice_id)


def issue(invoice_id: int) -> Invoice:
    """Send a draft into the books, as of today; credit pays it at once. Raises NotFound or Conflict."""
    invoice, account = _of(invoice_id, OPEN, DRAFT)
    invoice.issued_on = today()
    _issue(account, invoice)
    return invoice


def _issue(account: CustomerAccount, invoice: Invoice) -> None:
    invoice.status = OPEN
    lines = [(RECEIVABLE, invoice.total), (REVENUE, -invoice.subtotal), (TAX, -invoice.tax)]
    book("issue", account, lines, brand_code=invoice.brand_code, invoice_id=invoice.id)
    announce.invoice_issued(invoice)
    if invoice.total == 0:
        settlement.settle(account, invoice, clock.now())
    settlement.conclude(account)


def pay_in_cash(invoice_id: int) -> Invoice:
    """Record a cash payment of what is left. Raises NotFound or Conflict."""
    invoice, account = _of(invoice_id, PAID, *OWING)
    record_payment(account.customer_id, invoice.balance, CASH, invoice_id=invoice.id)
    return invoice


def mark_overdue(invoice_id: int) -> Invoice:
    """Its due date has passed, and something is left to pay. Raises NotFound or Conflict."""
    invoice, _ = _of(invoice_id, OVERDUE, OPEN)
    if invoice.due_on >= today():
        raise Conflict(f"The invoice is not due before {invoice.due_on}")
    invoice.status = OVERDUE
    announce.invoice_overdue(invoice)
    return invoice


def cancel(invoice_id: int) -> Invoice:
    """Take an invoice that is not overdue or paid out of the books; what was paid on it becomes credit.

    It keeps its number, and its subscription's period: the monthly run does not make it again.
    Raises NotFound or Conflict.
    """
    invoice, account = _of(invoice_id, CANCELLED, DRAFT, OPEN)
    if invoice.status == OPEN:
        settlement.release(account, invoice, invoice.paid, "cancel")
        _take_out(account, invoice)
    invoice.status = CANCELLED
    settlement.conclude(account)
    announce.invoice_cancelled(invoice)
    return invoice


def _take_out(account: CustomerAccount, invoice: Invoice) -> None:
    """Book back what credit notes have left of it."""
    tax = invoice.tax - tax_credited(invoice.id)
    left = invoice.total - invoice.credited
    lines = [(REVENUE, left - tax), (TAX, tax), (RECEIVABLE, -left)]
    book("cancel", account, lines, brand_code=invoice.brand_code, invoice_id=invoice.id)


def _of(invoice_id: int, wanted: str, *states: str) -> tuple[Invoice, CustomerAccount]:
    """The invoice with its account locked, if it may go to `wanted` from where it is."""
    invoice, account = locked_invoice(invoice_id)
    if invoice.status not in states:
        raise _impossible(invoice, wanted)
    return invoice, account


def _impossible(invoice: Invoice, wanted: str) -> Conflict:
    return Conflict(f"An invoice can't go from {invoice.status} to {wanted}")
