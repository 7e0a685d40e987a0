"""Money that comes in, and money that turns out not to have come."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp import audit
from webapp.billing import announce, settlement
from webapp.billing.amounts import MOST
from webapp.billing.days import day_of
from webapp.billing.ledger import account_of, book
from webapp.billing.models import CREDIT, METHODS, CustomerAccount, Invoice, Payment
from webapp.errors import Conflict, Invalid, NotFound
from webapp.extensions import db
from webapp.kit import clock
from webapp.subscribers.models import Customer

_CLOCKS_DIFFER = timedelta(minutes=5)


def record_payment(
    customer_id: int,
    amount: int,
    method: str,
    *,
    reference: str | None = None,
    received_at: datetime | None = None,
    invoice_id: int | None = None,
    note: str = "",
) -> Payment:
    """Take in `amount` rupiah: it pays the named invoice first, then the oldest due; what is over becomes credit.

    Money that came is money: a named invoice that owes nothing (any more) does not refuse it. `method` is one of
    METHODS; `reference` is the bank's or the gateway's, of which each method has every one only once.
    Raises NotFound for customer or invoice, Conflict for a known reference, Invalid for what can't be so.
    """
    _check(amount, method, received_at)
    account = account_of(customer_id)
    invoice = _named(invoice_id, customer_id)
    payment = Payment(customer_id=customer_id, method=method, amount=amount, note=note.strip()[:200])
    payment.brand_code = (invoice or db.session.get_one(Customer, customer_id)).brand_code
    payment.reference = _unused(method, reference)
    payment.received_at = received_at or clock.now()
    payment.received_on = day_of(payment.received_at)
    payment.created_by = audit.current().name[:150]
    _store(payment)
    first = _spread(account, payment, invoice)
    settlement.conclude(account)
    announce.payment_received(payment, first)
    return payment


def reverse_payment(payment_id: int, reason: str) -> Payment:
    """It has not come after all (bounced, typed wrongly): what it paid is owed again, and the credit it left is gone.

    Credit of it that has paid other invoices is taken back from those that it paid last.
    Raises NotFound; Conflict when it is reversed already; Invalid without a reason.
    """
    payment, account = _locked(payment_id)
    if payment.reversed_at is not None:
        raise Conflict("The payment is reversed already")
    if not reason.strip():
        raise Invalid({"reason": "Field is required"})
    payment.reversed_at, payment.reversal_reason = clock.now(), reason.strip()[:200]
    rest = payment.amount - settlement.withdraw(account, payment, "reversal")
    settlement.unspend(account, max(0, rest - account.credit), "reversal")
    lines = [(CREDIT, rest), (payment.method, -rest)]
    book("reversal", account, lines, brand_code=payment.brand_code, payment_id=payment.id)
    settlement.conclude(account)
    announce.payment_reversed(payment)
    return payment


def apply_credit(customer_id: int) -> None:
    """Let the customer's credit pay what is owed. Raises NotFound."""
    settlement.conclude(account_of(customer_id))


def get_payment(payment_id: int) -> Payment:
    """Raises NotFound."""
    payment = db.session.get(Payment, payment_id)
    if payment is None:
        raise NotFound("Payment not found")
    return payment


def _check(amount: int, method: str, received_at: datetime | None) -> None:
    if not 0 < amount <= MOST:
        raise Invalid({"amount": f"Must be from 1 to {MOST}"})
    if method not in METHODS:
        raise Invalid({"method": f"Must be one of: {', '.join(METHODS)}"})
    if received_at is not None and received_at > clock.now() + _CLOCKS_DIFFER:
        raise Invalid({"received_at": "Must not be in the future"})


def _named(invoice_id: int | None, customer_id: int) -> Invoice | None:
    if invoice_id is None:
        return None
    invoice = db.session.get(Invoice, invoice_id, populate_existing=True)
    if invoice is None:
        raise NotFound("Invoice not found")
    if invoice.customer_id != customer_id:
        raise Invalid({"invoice_id": "Belongs to another customer"})
    return invoice


def _unused(method: str, reference: str | None) -> str | None:
    reference = (reference or "").strip() or None
    known = select(Payment.id).where(Payment.method == method, Payment.reference == reference)
    if reference is not None and db.session.scalar(known) is not None:
        raise _known_reference()
    return reference


def _store(payment: Payment) -> None:
    db.session.add(payment)
    try:
        db.session.flush()
    except IntegrityError:  # of another customer, at the same moment
        raise _known_reference() from None


def _known_reference() -> Conflict:
    return Conflict("A payment with this reference is recorded already", field="reference")


def _spread(account: CustomerAccount, payment: Payment, named: Invoice | None) -> Invoice | None:
    """The first invoice that it pays."""
    left = payment.amount
    owed = sorted(settlement.owed_invoices(account.customer_id), key=lambda one: one is not named)
    for invoice in owed:
        amount = min(left, invoice.balance)
        if amount:
            settlement.pay(account, invoice, amount, payment)
            left -= amount
    lines = [(payment.method, left), (CREDIT, -left)]
    book("payment", account, lines, brand_code=payment.brand_code, payment_id=payment.id)
    return owed[0] if owed else None


def _locked(payment_id: int) -> tuple[Payment, CustomerAccount]:
    account = account_of(get_payment(payment_id).customer_id)
    return db.session.get_one(Payment, payment_id, populate_existing=True), account
