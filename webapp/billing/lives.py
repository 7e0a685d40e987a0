"""An invoice's life: what the books, the gateway, its letters and its customer's promises say of it, in order."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import case, func, select

from webapp import config
from webapp.billing.models import CANCELLED, DRAFT, RECEIVABLE, Invoice, LedgerEntry, LedgerLine
from webapp.billing.process_models import GatewayCallback, OutboxMessage, PaymentPromise
from webapp.extensions import db
from webapp.kit import clock

MOST = 100  # letters and callbacks of one invoice that are told of
LETTER, PROMISE, CALLBACK, DUE = "letter", "promise", "callback", "overdue"


class Moment(NamedTuple):
    """A turn in an invoice's life, of a ledger entry's kind or one of those above.

    `amount` is what it added to what is owed (rupiah); `memo` its reason, a letter's channel, what the gateway said,
    or the day until which payment was promised.
    """

    at: datetime
    kind: str
    amount: int = 0
    payment_id: int | None = None
    memo: str = ""
    actor_name: str = ""


def life_of(invoice: Invoice) -> list[Moment]:
    """Oldest first, from its issue on."""
    moments = [
        *_booked(invoice.id),
        *_letters(invoice.id),
        *_promises(invoice.id),
        *_told(invoice.id),
        *_due(invoice),
    ]
    return sorted(moments, key=lambda moment: moment.at)


def _booked(invoice_id: int) -> Iterator[Moment]:
    owed = func.sum(case((LedgerLine.account == RECEIVABLE, LedgerLine.amount), else_=0))
    columns = LedgerEntry.payment_id, LedgerEntry.memo, LedgerEntry.actor_name
    statement = select(LedgerEntry.at, LedgerEntry.kind, owed, *columns).join(LedgerLine)
    statement = statement.where(LedgerEntry.invoice_id == invoice_id).group_by(LedgerEntry.id)
    for at, kind, amount, *rest in db.session.execute(statement.order_by(LedgerEntry.id)):
        yield Moment(at, kind, int(amount), *rest)


def _letters(invoice_id: int) -> Iterator[Moment]:
    sent = OutboxMessage.invoice_id == invoice_id, OutboxMessage.sent_at.is_not(None)
    statement = select(OutboxMessage).where(*sent).order_by(OutboxMessage.id).limit(MOST)
    for letter in db.session.scalars(statement):
        yield Moment(letter.sent_at or letter.created_at, LETTER, memo=letter.channel)


def _promises(invoice_id: int) -> Iterator[Moment]:
    statement = select(PaymentPromise).where(PaymentPromise.invoice_id == invoice_id).limit(MOST)
    for promise in db.session.scalars(statement):
        yield Moment(
            promise.created_at, PROMISE, memo=promise.until.isoformat(), actor_name=promise.created_by
        )


def _told(invoice_id: int) -> Iterator[Moment]:
    statement = select(GatewayCallback).where(GatewayCallback.invoice_id == invoice_id)
    for callback in db.session.scalars(statement.order_by(GatewayCallback.id).limit(MOST)):
        yield Moment(callback.received_at, CALLBACK, memo=callback.kind)


def _due(invoice: Invoice) -> Iterator[Moment]:
    """The midnight after its due date, if something was still owed then."""
    midnight = datetime.combine(invoice.due_on + timedelta(days=1), time(), config.current().timezone)
    was_owed = invoice.paid_at is None or invoice.paid_at >= midnight
    if (
        invoice.created_at <= midnight <= clock.now()
        and was_owed
        and invoice.status not in (DRAFT, CANCELLED)
    ):
        yield Moment(midnight, DUE)
