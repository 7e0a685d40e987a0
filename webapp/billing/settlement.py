"""Which money pays which invoice. An invoice's sources (payments, or the customer's credit) always add up to `paid`.

Credit waits only while nothing is owed: whatever happens, `conclude` lets it pay the oldest due first.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from webapp.billing import announce, links
from webapp.billing.days import today
from webapp.billing.ledger import book, is_late, restate
from webapp.billing.models import (
    CREDIT,
    OPEN,
    OVERDUE,
    OWING,
    PAID,
    RECEIVABLE,
    Allocation,
    CustomerAccount,
    Invoice,
    Payment,
)
from webapp.extensions import db
from webapp.kit import clock


def owed_invoices(customer_id: int) -> Sequence[Invoice]:
    """What the customer has to pay, the oldest due first. Call it with the account locked."""
    statement = select(Invoice).where(Invoice.customer_id == customer_id, Invoice.status.in_(OWING))
    fresh = statement.order_by(Invoice.due_on, Invoice.id).execution_options(populate_existing=True)
    return db.session.scalars(fresh).all()


def pay(account: CustomerAccount, invoice: Invoice, amount: int, payment: Payment | None = None) -> None:
    """Pay `amount` (at most the balance) of an owed invoice from a payment, or from the customer's credit."""
    source, kind = (payment.method, "payment") if payment else (CREDIT, "credit")
    payment_id = payment.id if payment else None
    _allocate(invoice, amount, payment_id)
    lines = [(source, amount), (RECEIVABLE, -amount)]
    book(kind, account, lines, brand_code=invoice.brand_code, invoice_id=invoice.id, payment_id=payment_id)
    if invoice.balance == 0:
        settle(account, invoice, payment.received_at if payment else clock.now())


def settle(account: CustomerAccount, invoice: Invoice, at: datetime) -> None:
    """Nothing is left of an owed invoice since `at`: it is paid."""
    invoice.status, invoice.paid_at = PAID, at
    account.paid_late = account.paid_late or is_late(invoice.due_on, at, invoice.paid)
    announce.invoice_paid(invoice)


def release(account: CustomerAccount, invoice: Invoice, amount: int, kind: str) -> None:
    """Turn `amount` of what paid an invoice into the customer's credit, the last to pay first."""
    sources = _sources(Allocation.invoice_id == invoice.id)
    for _, payment_id, paid in sources:
        taken = min(paid, amount)
        if taken:
            _release(account, invoice, taken, payment_id, kind)
            amount -= taken


def unspend(account: CustomerAccount, amount: int, kind: str) -> None:
    """Take `amount` of credit back from the invoices that it paid, the last first; they are owed again."""
    of_customer = select(Invoice.id).where(Invoice.customer_id == account.customer_id)
    paid_by_credit = _sources(Allocation.payment_id.is_(None), Allocation.invoice_id.in_(of_customer))
    for invoice_id, _, paid in paid_by_credit:
        taken = min(paid, amount)
        if taken:
            invoice = db.session.get_one(Invoice, invoice_id)
            _release(account, invoice, taken, None, kind)
            reopen(invoice)
            amount -= taken


def withdraw(account: CustomerAccount, payment: Payment, kind: str) -> int:
    """Take a payment's money back out of all that it paid, which is owed again; how much that was, in rupiah."""
    sources = _sources(Allocation.payment_id == payment.id)
    for invoice_id, _, paid in sources:
        invoice = db.session.get_one(Invoice, invoice_id)
        _allocate(invoice, -paid, payment.id)
        lines = [(RECEIVABLE, paid), (payment.method, -paid)]
        book(
            kind, account, lines, brand_code=invoice.brand_code, invoice_id=invoice_id, payment_id=payment.id
        )
        reopen(invoice)
    return sum(paid for _, _, paid in sources)


def reopen(invoice: Invoice) -> None:
    """A paid invoice of which something is owed again waits for payment, or is overdue, as its due date says."""
    if invoice.status == PAID and invoice.balance > 0:
        invoice.status = OVERDUE if invoice.due_on < today() else OPEN
        invoice.paid_at = None


def conclude(account: CustomerAccount) -> None:
    """The end of every booking: credit pays what is owed, links follow, the account says where the customer stands."""
    for invoice in owed_invoices(account.customer_id) if account.credit else ():
        amount = min(account.credit, invoice.balance)
        if amount:
            pay(account, invoice, amount)
    links.follow(account.customer_id)
    restate(account)


def _release(
    account: CustomerAccount, invoice: Invoice, amount: int, payment_id: int | None, kind: str
) -> None:
    _allocate(invoice, -amount, payment_id)
    lines = [(RECEIVABLE, amount), (CREDIT, -amount)]
    book(kind, account, lines, brand_code=invoice.brand_code, invoice_id=invoice.id, payment_id=payment_id)


def _allocate(invoice: Invoice, amount: int, payment_id: int | None) -> None:
    db.session.add(Allocation(payment_id=payment_id, invoice_id=invoice.id, amount=amount))
    invoice.paid += amount


def _sources(*where: object) -> list[tuple[int, int | None, int]]:
    """(invoice, payment, rupiah) of the allocations that still stand, the last first."""
    net = func.sum(Allocation.amount)
    statement = select(Allocation.invoice_id, Allocation.payment_id, net).where(*where)  # type: ignore[arg-type]
    statement = statement.group_by(Allocation.invoice_id, Allocation.payment_id).having(net > 0)
    rows = db.session.execute(statement.order_by(func.max(Allocation.id).desc()))
    return [(invoice_id, payment_id, int(amount)) for invoice_id, payment_id, amount in rows]
