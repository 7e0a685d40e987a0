"""Asking the gateway: pages that are wanted are made, those that nobody shall pay at are closed, others looked at.

One link at a time, holding no transaction meanwhile. While the gateway is down everything else goes on, and the links
come later.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from webapp import database
from webapp.billing.links import CLOSED, CLOSING, CREATED, FAILED, WANTED
from webapp.billing.models import Invoice, PaymentLink
from webapp.billing.xendit import (
    EXPIRED,
    PENDING,
    Gateway,
    GatewayDown,
    GatewayRefused,
    Page,
    Wanted,
    account,
)
from webapp.extensions import db, log
from webapp.kit import clock
from webapp.subscribers.models import Brand

OPEN_FOR = timedelta(days=30)
LOOK_AGAIN = timedelta(minutes=30)  # a page whose callback may have been lost
CLAIM = timedelta(minutes=5)  # for so long nobody else asks about a link
LONGEST_WAIT = 3_600  # seconds
BATCH = 100  # links that one run asks about
Told = Callable[[str, Page], None]


def tend(told: Told) -> int:
    """Ask the gateway about the links that are due; how many that were, at most BATCH.

    `told(brand's gateway key, page)` hears of pages that were paid or expired without a callback having said so.
    It ends the current transaction. One account that is down does not hold up the others.
    """
    due = _due()
    database.pause()
    with ExitStack() as open_ones:
        gateways: dict[str, Gateway] = {}
        down: set[str] = set()
        for invoice_id, key in due:
            if key in down or not _claim(invoice_id):
                continue
            if key not in gateways:
                gateways[key] = open_ones.enter_context(Gateway(account(key) or ""))
            if not _tend_one(invoice_id, key, gateways[key], told):
                down.add(key)
    return len(due)


def _due() -> Sequence[tuple[int, str]]:
    """(invoice, gateway key) of the links to ask about, the longest waiting first."""
    statement = (
        select(PaymentLink.invoice_id, Brand.gateway_key)
        .join(Invoice, Invoice.id == PaymentLink.invoice_id)
        .join(Brand, Brand.code == Invoice.brand_code)
        .where(PaymentLink.status.in_((WANTED, CREATED, CLOSING)), PaymentLink.next_try_at <= clock.now())
        .order_by(PaymentLink.next_try_at, PaymentLink.invoice_id)
        .limit(BATCH)
    )
    return [(invoice_id, key) for invoice_id, key in db.session.execute(statement) if account(key)]


def _claim(invoice_id: int) -> bool:
    """Whether this worker is the one to ask about a link now."""
    now = clock.now()
    due = PaymentLink.invoice_id == invoice_id, PaymentLink.next_try_at <= now
    claim = update(PaymentLink).where(*due).values(next_try_at=now + CLAIM)
    claimed = database.rows_changed(claim) == 1
    database.pause()
    return claimed


def _tend_one(invoice_id: int, key: str, gateway: Gateway, told: Told) -> bool:
    """Ask about one link; False when the gateway is down, and the link waits."""
    task = _task(invoice_id)
    database.pause()
    if task is None:
        return True
    try:
        page = _asked(gateway, task)
    except GatewayDown as error:
        _postpone(invoice_id, error)
        return False
    except GatewayRefused as error:
        _give_up(task, str(error))
        return True
    _note(task, page)
    database.pause()
    if page is not None and (page.is_paid or (page.status == EXPIRED and task.status == CREATED)):
        told(key, page)
        database.pause()
    return True


@dataclass(frozen=True)
class _Task:
    """A link as it was when its turn came. `is_new`: nobody has asked the gateway for this page before."""

    invoice_id: int
    status: str
    wanted: Wanted
    page_id: str | None
    is_new: bool


def _task(invoice_id: int) -> _Task | None:
    link = db.session.get(PaymentLink, invoice_id, populate_existing=True)
    if link is None or link.status not in (WANTED, CREATED, CLOSING):
        return None
    link.attempts += 1
    invoice = db.session.get_one(Invoice, invoice_id)
    who, about = invoice.customer, f"{invoice.number} · {invoice.period}"
    wanted = Wanted(invoice.number, link.amount, about, who.name, who.email, who.phone, OPEN_FOR)
    is_new = link.attempts == 1 and link.gateway_id is None
    return _Task(invoice_id, link.status, wanted, link.gateway_id, is_new)


def _asked(gateway: Gateway, task: _Task) -> Page | None:
    """What the gateway has after it was asked for what is wanted."""
    if task.status == CREATED and task.page_id is not None:
        return gateway.get(task.page_id)
    usable = None if task.is_new else _cleared(gateway, task)
    if usable is not None or task.status == CLOSING:
        return usable
    attempt = f"{task.wanted.external_id}:{task.wanted.amount}:{task.page_id or 0}"
    return gateway.create(task.wanted, attempt=attempt)


def _cleared(gateway: Gateway, task: _Task) -> Page | None:
    """Close the open pages of our number but for one that is as wanted; that one, or one that was paid meanwhile."""
    usable = None
    for page in gateway.find(task.wanted.external_id):
        if page.is_paid:
            return page
        if page.status != PENDING:
            continue
        if task.status == WANTED and usable is None and page.amount == task.wanted.amount:
            usable = page
        else:
            gateway.expire(page.id)
    return usable


def _note(task: _Task, page: Page | None) -> None:
    """Write down what the gateway has, unless something else is wanted by now."""
    link = db.session.get(PaymentLink, task.invoice_id, populate_existing=True, with_for_update=True)
    if link is None or link.status != task.status or link.amount != task.wanted.amount:
        return
    link.error, link.next_try_at = "", clock.now() + LOOK_AGAIN
    if task.status == CLOSING:
        link.status = CLOSED
    elif page is not None:
        link.status, link.gateway_id, link.url, link.expires_at = CREATED, page.id, page.url, page.expires_at
        link.amount = page.amount  # one that was paid before it could be closed may be over another amount


def _postpone(invoice_id: int, error: GatewayDown) -> None:
    link = db.session.get_one(PaymentLink, invoice_id, populate_existing=True)
    seconds = max(error.seconds, min(30 * 2 ** min(link.attempts, 7), LONGEST_WAIT))
    link.error, link.next_try_at = str(error), clock.now() + timedelta(seconds=seconds)
    log.warning("gateway_down", invoice=invoice_id, error=str(error))
    database.pause()


def _give_up(task: _Task, reason: str) -> None:
    link = db.session.get_one(PaymentLink, task.invoice_id, populate_existing=True)
    if link.status == task.status:
        link.status, link.error = (CLOSED if task.status == CLOSING else FAILED), reason
    database.pause()
