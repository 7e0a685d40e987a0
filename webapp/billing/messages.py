"""Messages to customers: written in the transaction of what they tell of, sent afterwards, each once.

A worker claims a message before it sends it. One that dies in between leaves it to be sent again after LEASE, with the
same key (channels.py). What can't be sent is tried again with growing pauses, and given up with its reason kept.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple, cast

from babel.dates import format_date
from sqlalchemy import Row, Table, delete, select, update

from webapp import config
from webapp.billing import channels, wording
from webapp.billing.channels import Letter, NotSent
from webapp.billing.models import OWING, Invoice, PaymentLink
from webapp.billing.process_models import OutboxMessage
from webapp.billing.upserts import insert_into
from webapp.database import pause, rows_changed
from webapp.errors import Conflict, DomainError, NotFound
from webapp.extensions import db
from webapp.kit import clock, money
from webapp.kit.chunks import chunks
from webapp.queue import enqueue
from webapp.subscribers.models import Brand, Customer, Package, Subscription

WAITING, SENT, FAILED, DROPPED = "waiting", "sent", "failed", "dropped"
STATES = (WAITING, SENT, FAILED, DROPPED)
REMINDER = "reminder"  # how `once` begins for what is only sent while the invoice is owed
LEASE = timedelta(minutes=10)
KEPT_FOR = timedelta(days=730)
PAUSES = (60, 300, 1_800, 7_200, 21_600)  # seconds, after each failed attempt but the last
NOT_CONFIGURED = "This way of sending is not configured"
SETTLED = "There is nothing to pay any more"
OPTED_OUT = "The customer wants no messages"
AnyRow = Row[*tuple[Any, ...]]
_CHUNK = 500
_TABLE = cast("Table", OutboxMessage.__table__)
Once = Callable[[int], str]  # invoice's id → what the message is about


class Kind(NamedTuple):
    """What is written: a text of wording.py, and whether the invoice goes with it as a PDF."""

    key: str
    channel: str
    attach: bool = False


def write(kind: Kind, invoice_ids: Sequence[int], once: Once) -> int:
    """Write to the customers of these invoices, with the current transaction; how many messages there are of it now.

    Who opted out, was deleted or can't be reached by the channel is left out; what has been written before is not
    written again. Without the channel's settings messages are dropped at once, with the reason.
    """
    from webapp.billing.run_jobs import send_messages

    texts, written = wording.words(), 0
    for some in chunks(invoice_ids, _CHUNK):
        rows = [_row(kind, one, texts, once) for one in _about(some)]
        fit = [row for row in rows if row["recipient"]]
        if fit:
            db.session.execute(insert_into(_TABLE).on_conflict_do_nothing(), fit)
        written += len(fit)
    if written and channels.is_configured(kind.channel):
        enqueue(send_messages)
    return written


def _about(invoice_ids: Sequence[int]) -> Iterable[AnyRow]:
    """Invoices with all that a text may say of them."""
    statement = (
        select(Invoice, Customer, Brand, PaymentLink.url, Package.name.label("package"))
        .join(Customer, Customer.id == Invoice.customer_id)
        .join(Brand, Brand.code == Invoice.brand_code)
        .outerjoin(PaymentLink, PaymentLink.invoice_id == Invoice.id)
        .outerjoin(Subscription, Subscription.id == Invoice.subscription_id)
        .outerjoin(Package, Package.id == Subscription.package_id)
        .where(Invoice.id.in_(invoice_ids), Customer.deleted_at.is_(None), Customer.no_messages.is_(False))
    )
    return db.session.execute(statement.order_by(Invoice.id)).all()


def _row(kind: Kind, about: AnyRow, texts: wording.Words, once: Once) -> dict[str, Any]:
    invoice, customer = about.Invoice, about.Customer
    text = wording.in_language(texts, kind.key, kind.channel, customer.language)
    filled = wording.fill(text, _values(about))
    now, ready = clock.now(), channels.is_configured(kind.channel)
    return {
        "once": once(invoice.id),
        "channel": kind.channel,
        "recipient": channels.address(kind.channel, customer.email, customer.phone),
        "subject": filled.subject,
        "body": filled.body,
        "attach_invoice": kind.attach,
        "customer_id": customer.id,
        "invoice_id": invoice.id,
        "status": WAITING if ready else DROPPED,
        "attempts": 0,
        "next_try_at": now,
        "error": "" if ready else NOT_CONFIGURED,
        "created_at": now,
    }


def _values(about: AnyRow) -> Mapping[str, str]:
    invoice, customer, brand = about.Invoice, about.Customer, about.Brand
    return {
        "name": customer.name,
        "brand": brand.name,
        "number": invoice.number,
        "period": invoice.period,
        "amount": money.rupiah(invoice.balance),
        "due_on": written_day(invoice.due_on, customer.language),
        "package": about.package or "Internet",
        "bank_account": " ".join(brand.bank_account.split()),
        "link": pay_address(invoice.token) or about.url or "",
    }


def written_day(day: date, language: str) -> str:
    """`20 Januari 2024`, `20 January 2024`."""
    return str(format_date(day, "d MMMM yyyy", locale=language if language in wording.LANGUAGES else "id"))


def pay_address(token: str) -> str:
    """An invoice's public payment page; empty where the settings name no address that customers could open."""
    base = config.current().DEEP_LINK_BASE_URL
    return f"{base}/pay/{token}" if base else ""


def send_waiting(most: int = 2_000) -> int:
    """Send what is due, the longest waiting first; how many messages were taken up. Commits after each."""
    taken = 0
    while taken < most:
        ids = _due()
        for message_id in ids:
            letter = _claimed(message_id)
            if letter is not None:
                _end(message_id, _attempt(message_id, letter))
                pause()
        taken += len(ids)
        if not ids:
            break
    return taken


def _due() -> Sequence[int]:
    due = select(OutboxMessage.id).where(
        OutboxMessage.status == WAITING, OutboxMessage.next_try_at <= clock.now()
    )
    ids = db.session.scalars(due.order_by(OutboxMessage.next_try_at, OutboxMessage.id).limit(100)).all()
    pause()
    return ids


def _claimed(message_id: int) -> Letter | None:
    """The letter to send, if this worker is the one to do it and it is still to be sent."""
    now = clock.now()
    mine = OutboxMessage.id == message_id, OutboxMessage.status == WAITING, OutboxMessage.next_try_at <= now
    claim = update(OutboxMessage).where(*mine)
    changed = {"attempts": OutboxMessage.attempts + 1, "next_try_at": now + LEASE}
    claimed = rows_changed(claim.values(changed).execution_options(synchronize_session=False)) == 1
    letter = _letter(message_id) if claimed else None
    pause()
    return letter


def _letter(message_id: int) -> Letter | None:
    message = db.session.get_one(OutboxMessage, message_id, populate_existing=True)
    reason = _obsolete(message)
    if reason:
        message.status, message.error = DROPPED, reason
        return None
    text = message.channel, message.recipient, message.subject, message.body
    return Letter(f"gerbang-{message.id}", *text)


def _obsolete(message: OutboxMessage) -> str:
    """Why it need not be sent any more, if so."""
    if not channels.is_configured(message.channel):
        return NOT_CONFIGURED
    customer = db.session.get_one(Customer, message.customer_id)
    if customer.no_messages or customer.deleted_at is not None:
        return OPTED_OUT
    is_reminder = message.once.startswith(f"{REMINDER}:")
    if is_reminder and message.invoice is not None and message.invoice.status not in OWING:
        return SETTLED
    return ""


def _attempt(message_id: int, letter: Letter) -> str:
    """Nothing, or why it could not be sent."""
    try:
        channels.send(replace(letter, attachment=_attachment(message_id)))
    except (NotSent, DomainError) as reason:
        return str(reason)
    return ""


def _attachment(message_id: int) -> tuple[str, bytes] | None:
    """The invoice as it is now, where it goes with the message. Ends the transaction."""
    from webapp.billing import papers  # the press takes a while to load

    message = db.session.get_one(OutboxMessage, message_id)
    if not message.attach_invoice or message.invoice is None:
        pause()
        return None
    name = f"{message.invoice.number}.pdf"
    return name, papers.invoice_pdf(message.invoice, config.current().DEEP_LINK_BASE_URL)


def _end(message_id: int, error: str) -> None:
    """Write down what came of an attempt; after the last one it has failed."""
    message = db.session.get_one(OutboxMessage, message_id, populate_existing=True)
    now = clock.now()
    if not error:
        message.status, message.sent_at, message.error = SENT, now, ""
    elif message.attempts > len(PAUSES):
        message.status, message.error = FAILED, error
    else:
        message.error = error
        message.next_try_at = now + timedelta(seconds=PAUSES[message.attempts - 1])


def retry(message_id: int) -> OutboxMessage:
    """Send one that failed or was dropped after all. Raises NotFound, Conflict when it waits or was sent."""
    from webapp.billing.run_jobs import send_messages

    message = db.session.get(OutboxMessage, message_id, with_for_update=True)
    if message is None:
        raise NotFound("Message not found")
    if message.status not in (FAILED, DROPPED):
        raise Conflict("Only a message that was not sent can be tried again")
    message.status, message.attempts, message.next_try_at, message.error = WAITING, 0, clock.now(), ""
    enqueue(send_messages)
    return message


def sweep() -> None:
    """Delete messages that are two years old, oldest first (they have the lowest ids). It ends the transaction."""
    old = clock.now() - KEPT_FOR
    first = select(OutboxMessage.id, OutboxMessage.created_at).order_by(OutboxMessage.id).limit(_CHUNK)
    while ids := [row.id for row in db.session.execute(first) if row.created_at < old]:
        db.session.execute(delete(OutboxMessage).where(OutboxMessage.id.in_(ids)))
        pause()
