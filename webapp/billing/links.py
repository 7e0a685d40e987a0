"""Payment links: what page at the gateway each invoice needs. Written with the invoice; gateway.py brings it about."""

from collections.abc import Iterable, Sequence
from typing import cast

from sqlalchemy import Table, or_, select

from webapp.billing.models import OWING, Invoice, PaymentLink
from webapp.billing.upserts import insert_into
from webapp.billing.xendit import account
from webapp.errors import Conflict
from webapp.extensions import db
from webapp.kit import clock
from webapp.subscribers.models import Brand

WANTED, CREATED, CLOSING = "wanted", "created", "closing"  # what there is to do something about
PAID, EXPIRED, CLOSED, FAILED = "paid", "expired", "closed", "failed"
_TABLE = cast("Table", PaymentLink.__table__)


def follow(customer_id: int) -> None:
    """After a booking of the customer (whose account is locked): each invoice wants the page that it needs now."""
    db.session.flush()
    of_customer = (
        select(Invoice, PaymentLink).outerjoin(PaymentLink).where(Invoice.customer_id == customer_id)
    )
    concerned = or_(Invoice.status.in_(OWING), PaymentLink.status.in_((WANTED, CREATED)))
    for invoice, link in db.session.execute(of_customer.where(concerned)).all():
        if invoice.status in OWING and invoice.balance > 0:
            _want(invoice, link)
        elif link is not None:
            _unwant(link)


def _want(invoice: Invoice, link: PaymentLink | None) -> None:
    if link is None:
        if _has_account(invoice.brand_code):
            db.session.add(
                PaymentLink(invoice_id=invoice.id, amount=invoice.balance, next_try_at=clock.now())
            )
    elif link.amount != invoice.balance or link.status in (CLOSED, CLOSING, PAID):
        _ask_anew(link, invoice)


def _unwant(link: PaymentLink) -> None:
    """A page that may have been made though its answer was lost is looked for and closed as well."""
    link.status = CLOSED if link.status == WANTED and not link.attempts else CLOSING
    link.next_try_at = clock.now()


def _ask_anew(link: PaymentLink, invoice: Invoice) -> None:
    link.status, link.amount, link.attempts = WANTED, invoice.balance, 0
    link.error, link.next_try_at = "", clock.now()


def want_many(brand_code: str, owed: Iterable[tuple[int, int]]) -> None:
    """Want a page for each (invoice, rupiah to pay) of a brand that were just issued together."""
    now = clock.now()
    rows = [
        {"invoice_id": invoice_id, "amount": amount, "next_try_at": now}
        | _NEW
        | {"created_at": now, "updated_at": now}
        for invoice_id, amount in owed
        if amount > 0
    ]
    if rows and _has_account(brand_code):
        db.session.execute(insert_into(_TABLE).on_conflict_do_nothing(), rows)


_NEW = {"status": WANTED, "url": "", "attempts": 0, "error": ""}


def _has_account(brand_code: str) -> bool:
    return account(db.session.get_one(Brand, brand_code).gateway_key) is not None


def renew(invoice_id: int) -> PaymentLink:
    """A new page for an invoice whose page expired or failed. Raises Conflict when there is nothing to pay or renew."""
    link = db.session.get(PaymentLink, invoice_id, with_for_update=True)
    invoice = db.session.get(Invoice, invoice_id)
    if link is None or invoice is None or invoice.status not in OWING or link.status not in (EXPIRED, FAILED):
        raise Conflict("The invoice has no payment link to renew")
    _ask_anew(link, invoice)
    return link


def stuck() -> Sequence[tuple[str, PaymentLink]]:
    """(number, link) of at most a hundred links that the gateway refused, or that it could not be asked for yet."""
    statement = (
        select(Invoice.number, PaymentLink)
        .join(PaymentLink, PaymentLink.invoice_id == Invoice.id)
        .where(PaymentLink.status.in_((WANTED, CLOSING, FAILED)), PaymentLink.error != "")
    )
    rows = db.session.execute(statement.order_by(PaymentLink.updated_at.desc()).limit(100))
    return [(number, link) for number, link in rows]
