"""The gateway's callbacks: kept as they came, answered at once, applied once (contracts, 2 ftth, Xendit).

A callback that can't be applied (an unknown number, another amount, another brand) stays in the inbox with the reason,
and can be applied again from there.
"""

import hmac
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import func, select

from webapp import config, database
from webapp.billing import links, xendit
from webapp.billing.ledger import standing
from webapp.billing.models import GATEWAY, Invoice, Payment, PaymentLink
from webapp.billing.payments import record_payment
from webapp.billing.process_models import GatewayCallback
from webapp.errors import Conflict, DomainError, Malformed, NotFound, Unauthorized
from webapp.extensions import db, log
from webapp.kit import clock
from webapp.notifications.service import notify
from webapp.queue import enqueue
from webapp.subscribers.models import Brand

WAITING, APPLIED, IGNORED, REJECTED = "waiting", "applied", "ignored", "failed"
EXPIRED, PAYING = "EXPIRED", ("PAID", "SETTLED")
BATCH = 100


class _Unfit(Exception):
    """It can't be applied, and a person should see why."""


def receive(token: str, body: bytes) -> GatewayCallback:
    """Keep a callback as it came. Raises Unauthorized for a token that is no brand's, Malformed for what is no JSON."""
    key = _owner(token)
    try:
        told = xendit.parse(body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise Malformed({"body": "Must be a JSON object"})
    callback = keep(key, told, body.decode())
    _wake(callback)
    return callback


def _wake(callback: GatewayCallback) -> None:
    """Have it applied, unless one before it has woken a worker a moment ago, which takes all that waits."""
    from webapp.billing.gateway_jobs import apply_callbacks

    moment_ago = callback.received_at - timedelta(seconds=10)
    waiting = GatewayCallback.status == WAITING, GatewayCallback.id < callback.id
    recent = select(GatewayCallback.id).where(*waiting, GatewayCallback.received_at > moment_ago)
    if db.session.scalar(recent.limit(1)) is None:
        enqueue(apply_callbacks)


def keep(key: str, told: dict[str, Any], body: str) -> GatewayCallback:
    """Put what the gateway told about an account (by its key's name) into the inbox."""
    callback = GatewayCallback(
        brand_code=key,
        external_id=_text(told.get("external_id"), 100),
        gateway_id=_text(told.get("id"), 100),
        kind=_text(told.get("status"), 20),
        body=body,
    )
    db.session.add(callback)
    db.session.flush()
    return callback


def _owner(token: str) -> str:
    """The name of the account whose callbacks carry this token. All are compared, whichever it is."""
    known = config.current().XENDIT_CALLBACK_TOKEN
    given = token.encode("utf-8", "surrogateescape")
    owners = [name for name, value in known.items() if hmac.compare_digest(value.encode(), given)]
    if not owners:
        raise Unauthorized("Invalid callback token")
    return owners[0]


def _text(value: Any, longest: int) -> str:
    """What a database can hold of a value that should be a short text."""
    text = value if isinstance(value, str) else ""
    return text[:longest] if text.isprintable() else ""


def apply_waiting() -> int:
    """Apply what waits, oldest first, each in a transaction of its own; how many of at most BATCH that were.

    It ends the current transaction.
    """
    waiting = select(GatewayCallback.id).where(GatewayCallback.status == WAITING)
    ids = db.session.scalars(waiting.order_by(GatewayCallback.id).limit(BATCH)).all()
    database.pause()
    applied = 0
    for callback_id in ids:
        try:
            began = time.monotonic()
            apply(callback_id)
            database.pause()
            applied += 1
            database.let_others_write(time.monotonic() - began)
        except Exception:  # noqa: BLE001 - one that breaks must not hold up the others; it waits for the next round
            db.session.rollback()
            log.exception("callback_not_applied", callback=callback_id)
    return applied


def apply(callback_id: int, *, again: bool = False) -> GatewayCallback:
    """Do what a waiting callback says, once; with `again` also one that failed before. Raises NotFound."""
    statement = select(GatewayCallback).where(GatewayCallback.id == callback_id).with_for_update()
    callback = db.session.scalar(statement.execution_options(populate_existing=True))
    if callback is None:
        raise NotFound("Callback not found")
    if callback.status == WAITING or (again and callback.status == REJECTED):
        try:
            with db.session.begin_nested():
                callback.status, callback.detail = _applied(callback)
        except (_Unfit, DomainError) as error:
            _reject(callback, str(error))
        callback.applied_at = clock.now()
    return callback


def replay(callback_id: int) -> GatewayCallback:
    """Apply one that failed, by hand. Raises NotFound; Conflict for one that was applied or ignored."""
    if get(callback_id).status not in (WAITING, REJECTED):
        raise Conflict("The callback was dealt with already")
    return apply(callback_id, again=True)


def _reject(callback: GatewayCallback, reason: str) -> None:
    callback.status, callback.detail = REJECTED, reason[:300]
    told = {"callback_id": callback.id, "nomor_invoice": callback.external_id, "alasan": callback.detail}
    notify("system", "Callback Xendit tidak dapat diterapkan", told)


def _applied(callback: GatewayCallback) -> tuple[str, str]:
    """(status, detail) after doing what it says. Raises _Unfit or a DomainError."""
    invoice = _invoice_of(callback)
    callback.invoice_id = invoice.id
    if callback.kind in PAYING:
        return _pay(callback, invoice)
    if callback.kind == EXPIRED:
        return _expire(callback, invoice)
    return IGNORED, f"Nothing to do for {callback.kind or 'a callback without a status'}"


def _invoice_of(callback: GatewayCallback) -> Invoice:
    invoice = db.session.scalar(select(Invoice).where(Invoice.number == callback.external_id))
    if invoice is None:
        raise _Unfit(f"There is no invoice {callback.external_id}")
    tokens = config.current().XENDIT_CALLBACK_TOKEN
    brand = db.session.get_one(Brand, invoice.brand_code)
    if tokens.get(brand.gateway_key) != tokens.get(callback.brand_code):
        raise _Unfit(f"The invoice is of {brand.code}, the callback came with another brand's token")
    return invoice


def _pay(callback: GatewayCallback, invoice: Invoice) -> tuple[str, str]:
    """A page that was paid is a payment, once: its reference is the page's id."""
    standing(invoice.customer_id)  # locks the account: another callback of the same page waits here
    known = select(Payment.id).where(Payment.method == GATEWAY, Payment.reference == callback.gateway_id)
    if db.session.scalar(known) is not None:
        return IGNORED, "The payment is recorded already"
    told = xendit.parse(callback.body)
    amount = _amount(told)
    link = db.session.get(PaymentLink, invoice.id)
    _check_amount(told, amount, invoice, callback)
    record_payment(
        invoice.customer_id,
        amount,
        GATEWAY,
        reference=callback.gateway_id,
        received_at=_moment(told.get("paid_at")),
        invoice_id=invoice.id,
        note=_text(told.get("payment_channel"), 50) or _text(told.get("payment_method"), 50),
    )
    if link is not None and link.gateway_id == callback.gateway_id:
        link.status = links.PAID
    return APPLIED, f"Paid {amount}"


def _amount(told: dict[str, Any]) -> int:
    """What was paid, in rupiah. Raises _Unfit."""
    amount = _rupiah(told, "paid_amount" if told.get("paid_amount") is not None else "amount")
    if amount == 0:
        raise _Unfit("Has no amount that was paid")
    return amount


def _rupiah(told: dict[str, Any], name: str) -> int:
    """An amount that the callback names, whatever else may stand there. Raises _Unfit."""
    try:
        return xendit.rupiah(told[name])
    except (KeyError, ValueError, ArithmeticError):
        raise _Unfit("Has no amount that was paid") from None


def _check_amount(told: dict[str, Any], amount: int, invoice: Invoice, callback: GatewayCallback) -> None:
    """What was paid must be what the page was for, by the gateway's word and by ours. Raises _Unfit."""
    if not callback.gateway_id:
        raise _Unfit("Has no id")
    if told.get("amount") is not None and _rupiah(told, "amount") != amount:
        raise _Unfit(f"Paid {amount}, but the page was for {told['amount']}")
    expected = _expected(invoice, callback.gateway_id)
    if expected and amount not in expected:
        raise _Unfit(f"Paid {amount}, but {expected[0]} was asked for")


def _expected(invoice: Invoice, gateway_id: str) -> list[int]:
    """What may have been asked for on a page; nothing where only the gateway knows: another is wanted."""
    link = db.session.get(PaymentLink, invoice.id)
    if link is None or link.gateway_id != gateway_id:
        return [invoice.balance, invoice.total]
    return [link.amount] if link.status in (links.CREATED, links.EXPIRED) else []


def _expire(callback: GatewayCallback, invoice: Invoice) -> tuple[str, str]:
    """A page of which nobody has paid. Only the one that the invoice has now counts."""
    standing(invoice.customer_id)
    link = db.session.get(PaymentLink, invoice.id, populate_existing=True)
    if link is None or link.gateway_id != callback.gateway_id or link.status != links.CREATED:
        return IGNORED, "It is not the invoice's page (any more)"
    link.status = links.EXPIRED
    standing(invoice.customer_id)
    return APPLIED, "The page expired"


def _moment(text: Any) -> datetime | None:
    """When it was paid; None (now) when the gateway does not say, or says what can't be."""
    try:
        paid_at = xendit.moment(text)
    except (TypeError, ValueError):
        return None
    return paid_at if paid_at is not None and paid_at <= clock.now() else None


def told_by_poll(key: str, page: xendit.Page) -> None:
    """A page that was found paid or expired without a callback goes the same way."""
    told = {"id": page.id, "external_id": page.external_id, "status": page.status, "amount": page.amount}
    if page.paid_amount is not None:
        told["paid_amount"] = page.paid_amount
    if page.paid_at is not None:
        told["paid_at"] = page.paid_at.isoformat()
    apply(keep(key, told, orjson.dumps(told).decode()).id)


def get(callback_id: int) -> GatewayCallback:
    """Raises NotFound."""
    callback = db.session.get(GatewayCallback, callback_id)
    if callback is None:
        raise NotFound("Callback not found")
    return callback


def inbox(
    status: str | None, number: str = "", *, skip: int, limit: int
) -> tuple[Sequence[GatewayCallback], int]:
    """The callbacks with a status (None: any) about an invoice's number (empty: any), newest first from the `skip`th
    on, and how many there are."""
    chosen = [] if status is None else [GatewayCallback.status == status]
    if number:
        chosen.append(GatewayCallback.external_id == number)
    total = db.session.scalar(select(func.count()).select_from(GatewayCallback).where(*chosen)) or 0
    found = select(GatewayCallback).where(*chosen).order_by(GatewayCallback.id.desc())
    return db.session.scalars(found.offset(skip).limit(limit)).all(), total
