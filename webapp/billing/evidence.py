"""What must agree in the books: each proof yields (subject, expected, found) of what does not."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Subquery, and_, case, func, literal, or_, select, union_all

from webapp.billing import numbers
from webapp.billing.days import day_of
from webapp.billing.ledger import is_late
from webapp.billing.models import (
    CANCELLED,
    CREDIT,
    DRAFT,
    GATEWAY,
    METHODS,
    OWING,
    PAID,
    RECEIVABLE,
    TAX,
    Allocation,
    CreditNote,
    CustomerAccount,
    DailyCollections,
    DailyInvoices,
    Invoice,
    LedgerEntry,
    LedgerLine,
    NumberSeries,
    Payment,
    PaymentLink,
)
from webapp.billing.process_models import GatewayCallback

Disagreements = Iterator[tuple[Any, Any, Any]]
_AT_ONCE = 5_000  # rows in memory


def _differing(
    connection: Connection, subject: Any, expected: ColumnElement[Any], found: Any, source: Any
) -> Disagreements:
    statement = select(subject, expected, found).select_from(source)
    rows = connection.execute(statement.where(expected.is_distinct_from(found)))
    yield from cast("Any", rows)


def _sum(key: Any, amount: Any, *where: Any) -> Subquery:
    """The sum of `amount` for each `key`."""
    return select(key.label("key"), func.sum(amount).label("amount")).where(*where).group_by(key).subquery()


def _booked(key: Any, *where: Any) -> Subquery:
    """What the ledger says for each `key` of its entries."""
    joined = select(key.label("key"), func.sum(LedgerLine.amount).label("amount"))
    return joined.join(LedgerEntry).where(*where).group_by(key).subquery()


def uneven_entries(connection: Connection) -> Disagreements:
    """Every entry's lines sum to nothing."""
    total = func.sum(LedgerLine.amount)
    statement = select(LedgerLine.entry_id, literal(0), total).group_by(LedgerLine.entry_id)
    yield from cast("Any", connection.execute(statement.having(total != 0)))


def invoices_in_the_ledger(connection: Connection) -> Disagreements:
    """What is left of an issued invoice is what the ledger says is owed for it; of others nothing."""
    booked = _booked(LedgerEntry.invoice_id, LedgerLine.account == RECEIVABLE)
    source = Invoice.__table__.outerjoin(booked, booked.c.key == Invoice.id)
    left = Invoice.total - Invoice.paid - Invoice.credited
    expected = case((Invoice.status.in_((DRAFT, CANCELLED)), 0), else_=left)
    return _differing(connection, Invoice.number, expected, func.coalesce(booked.c.amount, 0), source)


def tax_in_the_ledger(connection: Connection) -> Disagreements:
    """Of an issued invoice's tax the ledger has what credit notes left, and none once all of it was taken back."""
    booked = _booked(LedgerEntry.invoice_id, LedgerLine.account == TAX)
    noted = _sum(CreditNote.invoice_id, CreditNote.tax)
    source = Invoice.__table__.outerjoin(booked, booked.c.key == Invoice.id)
    source = source.outerjoin(noted, noted.c.key == Invoice.id)
    gone = or_(Invoice.status.in_((DRAFT, CANCELLED)), Invoice.credited == Invoice.total)
    expected = case((gone, 0), else_=func.coalesce(noted.c.amount, 0) - Invoice.tax)
    return _differing(connection, Invoice.number, expected, func.coalesce(booked.c.amount, 0), source)


def payments_of_invoices(connection: Connection) -> Disagreements:
    """What paid an invoice adds up to `paid`."""
    allocated = _sum(Allocation.invoice_id, Allocation.amount)
    source = Invoice.__table__.outerjoin(allocated, allocated.c.key == Invoice.id)
    return _differing(connection, Invoice.number, func.coalesce(allocated.c.amount, 0), Invoice.paid, source)


def credits_of_invoices(connection: Connection) -> Disagreements:
    """Its credit notes add up to `credited`."""
    noted = _sum(CreditNote.invoice_id, CreditNote.amount)
    source = Invoice.__table__.outerjoin(noted, noted.c.key == Invoice.id)
    return _differing(connection, Invoice.number, func.coalesce(noted.c.amount, 0), Invoice.credited, source)


def states_of_invoices(connection: Connection) -> Disagreements:
    """Nothing is left of a paid one, something of an owed one."""
    left = Invoice.total - Invoice.paid - Invoice.credited
    wrong = or_(and_(Invoice.status == PAID, left != 0), and_(Invoice.status.in_(OWING), left <= 0))
    yield from cast("Any", connection.execute(select(Invoice.number, Invoice.status, left).where(wrong)))


def payments_in_the_ledger(connection: Connection) -> Disagreements:
    """A payment's money is where it came in, unless it was reversed."""
    booked = _booked(LedgerEntry.payment_id, LedgerLine.account.in_(METHODS))
    source = Payment.__table__.outerjoin(booked, booked.c.key == Payment.id)
    expected = case((Payment.reversed_at.is_(None), Payment.amount), else_=0)
    return _differing(connection, Payment.id, expected, func.coalesce(booked.c.amount, 0), source)


def owed_by_customers(connection: Connection) -> Disagreements:
    """An account owes what the ledger says."""
    return _accounts(connection, RECEIVABLE, 1, CustomerAccount.owed)


def credit_of_customers(connection: Connection) -> Disagreements:
    """An account has the credit that the ledger says."""
    return _accounts(connection, CREDIT, -1, CustomerAccount.credit)


def _accounts(connection: Connection, account: str, sign: int, kept: Any) -> Disagreements:
    booked = _booked(LedgerEntry.customer_id, LedgerLine.account == account)
    source = CustomerAccount.__table__.outerjoin(booked, booked.c.key == CustomerAccount.customer_id)
    expected = sign * func.coalesce(booked.c.amount, 0)
    return _differing(connection, CustomerAccount.customer_id, expected, kept, source)


def oldest_dues(connection: Connection) -> Disagreements:
    """An account knows the oldest due date among what is owed."""
    owing = select(Invoice.customer_id, func.min(Invoice.due_on).label("due")).where(
        Invoice.status.in_(OWING)
    )
    oldest = owing.group_by(Invoice.customer_id).subquery()
    source = CustomerAccount.__table__.outerjoin(oldest, oldest.c.customer_id == CustomerAccount.customer_id)
    kept = CustomerAccount.oldest_due_on
    return _differing(connection, CustomerAccount.customer_id, oldest.c.due, kept, source)


def late_payers(connection: Connection) -> Disagreements:
    """An account says so when an invoice was paid after its due date."""
    statement = select(Invoice.customer_id, Invoice.due_on, Invoice.paid_at, Invoice.paid)
    late = {
        row.customer_id
        for row in _streamed(connection, statement.where(Invoice.status == PAID))
        if is_late(row.due_on, row.paid_at, row.paid)
    }
    kept = set(connection.scalars(select(CustomerAccount.customer_id).where(CustomerAccount.paid_late)))
    for customer_id in sorted(late ^ kept):
        yield customer_id, customer_id in late, customer_id in kept


def _streamed(connection: Connection, statement: Any) -> Any:
    return connection.execute(statement, execution_options={"yield_per": _AT_ONCE})


def expired_links(connection: Connection) -> Disagreements:
    """An account knows how many owed invoices' pages have expired."""
    counted = select(Invoice.customer_id, func.count().label("count")).join(PaymentLink)
    counted = counted.where(Invoice.status.in_(OWING), PaymentLink.status == "expired")
    expired = counted.group_by(Invoice.customer_id).subquery()
    source = CustomerAccount.__table__.outerjoin(
        expired, expired.c.customer_id == CustomerAccount.customer_id
    )
    expected = func.coalesce(expired.c["count"], 0)
    return _differing(connection, CustomerAccount.customer_id, expected, CustomerAccount.expired, source)


Figures = dict[tuple[Any, ...], tuple[int, ...]]


def invoices_by_day(connection: Connection) -> Disagreements:
    """The figures by day are what the invoices come to."""
    key = Invoice.issued_on, Invoice.brand_code, Invoice.status
    sums = (func.sum(column) for column in (Invoice.total, Invoice.paid, Invoice.credited))
    counted = _figures(connection, select(*key, func.count(), *sums).group_by(*key), 3)
    return _unequal(counted, _figures(connection, select(*DailyInvoices.__table__.columns), 3))


def collections_by_day(connection: Connection) -> Disagreements:
    """The figures by day are what the payments come to, less what was reversed on its day."""
    columns = Payment.brand_code, Payment.method
    key = (Payment.received_on, *columns)
    statement = select(*key, func.count(), func.sum(Payment.amount)).group_by(*key)
    counted = _figures(connection, statement, 3)
    reversed_ = select(Payment.reversed_at, *columns, Payment.amount).where(Payment.reversed_at.is_not(None))
    for at, brand, method, amount in _streamed(connection, reversed_):
        place = (day_of(at), brand, method)
        count, total = counted.get(place, (0, 0))
        counted[place] = (count - 1, total - amount)
    return _unequal(counted, _figures(connection, select(*DailyCollections.__table__.columns), 3))


def _figures(connection: Connection, statement: Any, size: int) -> Figures:
    """The first `size` columns of each row to the others."""
    return {tuple(row[:size]): tuple(map(int, row[size:])) for row in connection.execute(statement)}


def _unequal(counted: Figures, kept: Figures) -> Disagreements:
    for key in sorted(counted.keys() | kept.keys()):
        nothing = (0,) * len(counted.get(key) or kept[key])
        expected, found = counted.get(key, nothing), kept.get(key, nothing)
        if expected != found:
            yield " ".join(map(_named, key)), expected, found


def _named(part: Any) -> str:
    return part.isoformat() if isinstance(part, date) else str(part)


def numbers_given(connection: Connection) -> Disagreements:
    """A series has given every number up to its last, once."""
    taken = union_all(select(Invoice.number), select(CreditNote.number)).subquery()
    for series, last in connection.execute(select(NumberSeries.prefix, NumberSeries.last)):
        before, _, after = series.partition(numbers.SEQUENCE)
        form = re.compile(re.escape(before) + r"(\d{3,})" + re.escape(after))
        like = taken.c.number.startswith(before, autoescape=True)
        found = _streamed(connection, select(taken.c.number).where(like))
        given = sum(form.fullmatch(number) is not None for (number,) in found)
        if given != last:
            yield series, last, given


def pages_paid(connection: Connection) -> Disagreements:
    """What the gateway says was paid is a payment."""
    paid = GatewayCallback.status == "applied", GatewayCallback.kind.in_(("PAID", "SETTLED"))
    callbacks = select(GatewayCallback.gateway_id.label("page")).where(*paid)
    links = select(PaymentLink.gateway_id.label("page")).where(PaymentLink.status == "paid")
    told = callbacks.union(links.where(PaymentLink.gateway_id.is_not(None))).subquery()
    known = and_(Payment.reference == told.c.page, Payment.method == GATEWAY)
    statement = select(told.c.page, literal("a payment"), literal(None)).select_from(told)
    yield from cast(
        "Any", connection.execute(statement.outerjoin(Payment, known).where(Payment.id.is_(None)))
    )


def payments_at_the_gateway(connection: Connection) -> Disagreements:
    """A payment by the gateway is one that the gateway told of."""
    told = select(GatewayCallback.id).where(
        GatewayCallback.gateway_id == Payment.reference, GatewayCallback.status == "applied"
    )
    alone = select(Payment.reference, literal("a callback"), literal(None))
    yield from cast("Any", connection.execute(alone.where(Payment.method == GATEWAY, ~told.exists())))


PROOFS: Mapping[str, Callable[[Connection], Disagreements]] = {
    "uneven_entry": uneven_entries,
    "invoice_ledger": invoices_in_the_ledger,
    "invoice_tax": tax_in_the_ledger,
    "invoice_paid": payments_of_invoices,
    "invoice_credited": credits_of_invoices,
    "invoice_status": states_of_invoices,
    "payment_ledger": payments_in_the_ledger,
    "account_owed": owed_by_customers,
    "account_credit": credit_of_customers,
    "account_oldest_due": oldest_dues,
    "account_paid_late": late_payers,
    "account_expired": expired_links,
    "daily_invoices": invoices_by_day,
    "daily_collections": collections_by_day,
    "numbers": numbers_given,
    "gateway_page": pages_paid,
    "gateway_payment": payments_at_the_gateway,
}
