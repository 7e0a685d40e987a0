"""The books: double entry, append-only, and where each customer stands by them.

Who books for a customer locks the customer's account first (`account_of`), then takes numbers, and the figures by day
come last: in that order, nobody waits for anybody in a circle. For several customers, lock all of them at once.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, cast

from sqlalchemy import Table, func, select

from webapp import audit
from webapp.billing.days import day_of, today
from webapp.billing.models import (
    CREDIT,
    OWING,
    PAID,
    RECEIVABLE,
    CustomerAccount,
    Invoice,
    LedgerEntry,
    LedgerLine,
    PaymentLink,
)
from webapp.billing.upserts import insert_into
from webapp.errors import NotFound
from webapp.extensions import db
from webapp.kit.chunks import chunks
from webapp.subscribers.models import Customer

Lines = Sequence[tuple[str, int]]  # (account, rupiah: debit positive, credit negative)
_ACCOUNTS = cast("Table", CustomerAccount.__table__)
_CHUNK = 500


def account_of(customer_id: int) -> CustomerAccount:
    """The customer's account, fresh and locked until the commit. Raises NotFound when nobody has this id."""
    account = _locked(customer_id)
    if account is None:
        if db.session.get(Customer, customer_id) is None:
            raise NotFound("Customer not found")
        _open([customer_id])
        account = _locked(customer_id)
    assert account is not None
    return account


def lock_accounts(customer_ids: Iterable[int]) -> dict[int, int]:
    """Lock the accounts of many customers at once, in their order; what credit each has, in rupiah."""
    ids = sorted(set(customer_ids))
    known = _locked_credit(ids)
    if new := [one for one in ids if one not in known]:
        _open(new)
        known |= _locked_credit(new)
    return known


def _locked_credit(customer_ids: Sequence[int]) -> dict[int, int]:
    statement = select(_ACCOUNTS.c.customer_id, _ACCOUNTS.c.credit).order_by(_ACCOUNTS.c.customer_id)
    found: dict[int, int] = {}
    for some in chunks(customer_ids, _CHUNK):
        rows = db.session.execute(statement.where(_ACCOUNTS.c.customer_id.in_(some)).with_for_update())
        found |= {row.customer_id: row.credit for row in rows}
    return found


def _locked(customer_id: int) -> CustomerAccount | None:
    statement = select(CustomerAccount).where(CustomerAccount.customer_id == customer_id).with_for_update()
    return db.session.scalar(statement.execution_options(populate_existing=True))


def _open(customer_ids: Sequence[int]) -> None:
    statement = insert_into(_ACCOUNTS).on_conflict_do_nothing()
    empty = {"credit": 0, "owed": 0, "paid_late": False, "expired": 0}
    db.session.execute(statement, [{"customer_id": one, **empty} for one in customer_ids])


def get_invoice(invoice_id: int) -> Invoice:
    """Any invoice there is, of deleted customers too. Raises NotFound."""
    invoice = db.session.get(Invoice, invoice_id)
    if invoice is None:
        raise NotFound("Invoice not found")
    return invoice


def locked_invoice(invoice_id: int) -> tuple[Invoice, CustomerAccount]:
    """An invoice as it is once its customer's account is locked, and that account. Raises NotFound."""
    account = account_of(get_invoice(invoice_id).customer_id)
    return db.session.get_one(Invoice, invoice_id, populate_existing=True), account


def book(
    kind: str,
    account: CustomerAccount,
    lines: Lines,
    *,
    brand_code: str,
    invoice_id: int | None = None,
    payment_id: int | None = None,
    memo: str = "",
) -> None:
    """Write an entry of the customer whose (locked) account this is; the account follows.

    `kind` is one of LedgerEntry's. Lines of nothing are left out. Raises ValueError when the lines don't sum to 0.
    """
    if sum(amount for _, amount in lines):
        raise ValueError(f"an entry must sum to nothing: {lines}")
    written = [LedgerLine(account=name, amount=amount) for name, amount in lines if amount]
    if not written:
        return
    entry = LedgerEntry(kind=kind, customer_id=account.customer_id, brand_code=brand_code, lines=written)
    entry.invoice_id, entry.payment_id, entry.booked_on = invoice_id, payment_id, today()
    entry.memo, entry.actor_name = memo, audit.current().name[:150]
    db.session.add(entry)
    account.owed += sum(amount for name, amount in lines if name == RECEIVABLE)
    account.credit -= sum(amount for name, amount in lines if name == CREDIT)


def standing(customer_id: int) -> CustomerAccount:
    """The customer's account, locked and brought up to date (after a payment link expired, say)."""
    return restate(account_of(customer_id))


def restate(account: CustomerAccount) -> CustomerAccount:
    """Work out anew what an account says beside its sums: since when, whether ever late, how many links expired."""
    db.session.flush()
    owing = Invoice.customer_id == account.customer_id, Invoice.status.in_(OWING)
    account.oldest_due_on = db.session.scalar(select(func.min(Invoice.due_on)).where(*owing))
    expired: Any = select(func.count()).select_from(Invoice).join(PaymentLink)
    account.expired = db.session.scalar(expired.where(*owing, PaymentLink.status == "expired")) or 0
    if account.paid_late:
        account.paid_late = _has_paid_late(account.customer_id)
    return account


def _has_paid_late(customer_id: int) -> bool:
    """Whether one of the invoices that are paid now was paid late: what was reversed has not been paid at all."""
    paid = select(Invoice.due_on, Invoice.paid_at, Invoice.paid)
    rows = db.session.execute(paid.where(Invoice.customer_id == customer_id, Invoice.status == PAID))
    return any(is_late(*row) for row in rows)


def is_late(due_on: date, paid_at: Any, paid: int) -> bool:
    """Whether money settled an invoice after its due date, by the days of APP_TIMEZONE (contracts, 2 ftth)."""
    return paid > 0 and paid_at is not None and day_of(paid_at) > due_on
