"""What follows when an invoice is not paid: overdue, suspended, and restored once it is (decision 22).

A service is to be suspended while its customer owes an invoice whose grace has ended, unless somebody promised to pay
it or exempted the customer. `settle` makes it so for everybody, `follow` for one customer at once; what a colleague
suspended by hand stays.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, case, exists, select

from webapp import audit
from webapp.accounts import settings
from webapp.billing import channels, invoices, ledger, messages, wording
from webapp.billing.days import today
from webapp.billing.messages import Kind
from webapp.billing.models import OPEN, OWING, Invoice
from webapp.billing.process_models import PaymentPromise
from webapp.billing.reminders import promised
from webapp.database import pause
from webapp.errors import Conflict, Invalid, NotFound
from webapp.extensions import db
from webapp.notifications.service import notify
from webapp.subscribers import subscriptions
from webapp.subscribers.customers import get_customer
from webapp.subscribers.models import ACTIVE, SUSPENDED, Brand, Customer, Subscription
from webapp.subscribers.subscriptions import BY_HAND, DUNNING

BATCH = 50  # a transaction
LONGEST_PROMISE = timedelta(days=90)


def mark_overdue() -> int:
    """Mark what was due before today; how many invoices that were. Commits batch by batch."""
    marked, after = 0, 0
    while True:
        late = Invoice.status == OPEN, Invoice.due_on < today(), Invoice.id > after
        statement = select(Invoice.id, Invoice.customer_id).where(*late).order_by(Invoice.id).limit(BATCH)
        rows = db.session.execute(statement).all()
        marked += _mark([row.id for row in rows], [row.customer_id for row in rows])
        pause()
        if len(rows) < BATCH:
            return marked
        after = rows[-1].id


def _mark(invoice_ids: Sequence[int], customer_ids: Sequence[int]) -> int:
    """Those of them that are still unpaid once nobody can pay them meanwhile."""
    if not invoice_ids:
        return 0
    ledger.lock_accounts(customer_ids)
    still = select(Invoice.id).where(Invoice.id.in_(invoice_ids), Invoice.status == OPEN)
    ids = db.session.scalars(still.order_by(Invoice.id)).all()
    for invoice_id in ids:
        invoices.mark_overdue(invoice_id)
    return len(ids)


def settle() -> tuple[int, int]:
    """Suspend and restore whom it concerns; how many each. Commits batch by batch."""
    return _each(_to_suspend, _suspend), _each(_to_restore, _restore)


def _each(wanted: Callable[[], Select[int]], act: Callable[[int], bool]) -> int:
    """Act on everybody of a kind, by their ids; on how many it had an effect."""
    done, after = 0, 0
    while True:
        some = wanted().where(Subscription.id > after).order_by(Subscription.id).limit(BATCH)
        ids = db.session.scalars(some).all()
        done += sum(act(subscription_id) for subscription_id in ids)
        pause()
        if len(ids) < BATCH:
            return done
        after = ids[-1]


def follow(customer_id: int) -> None:
    """Restore or suspend one customer's service as what they owe now says. Safe to call at any time."""
    for wanted, act in ((_to_restore, _restore), (_to_suspend, _suspend)):
        for subscription_id in db.session.scalars(wanted().where(Customer.id == customer_id)).all():
            act(subscription_id)


def restore(customer_id: int) -> None:
    """After a payment: let the customer in again, if what they were suspended for is settled."""
    for subscription_id in db.session.scalars(_to_restore().where(Customer.id == customer_id)).all():
        _restore(subscription_id)


def _to_suspend() -> Select[int]:
    wanted = Subscription.status == ACTIVE, Customer.never_suspend.is_(False), _owes_beyond_grace()
    return _subscriptions().where(*wanted)


def _to_restore() -> Select[int]:
    settled = Customer.never_suspend | ~_owes_beyond_grace()
    return _subscriptions().where(
        Subscription.status == SUSPENDED, Subscription.suspended_by == DUNNING, settled
    )


def _subscriptions() -> Select[int]:
    joined = select(Subscription.id).join(Customer, Customer.id == Subscription.customer_id)
    return joined.where(Customer.deleted_at.is_(None))


def _owes_beyond_grace() -> ColumnElement[bool]:
    """Whether the customer owes an invoice whose days of grace are over and for which nobody has promised."""
    late = Invoice.customer_id == Customer.id, Invoice.status.in_(OWING), Invoice.due_on < _grace_limit()
    return exists().where(*late, ~promised()).correlate(Customer)


def _grace_limit() -> ColumnElement[date]:
    """What was due before this day has had its days of grace, as the customer's brand counts them."""
    usual = settings.number("grace_days")
    days = {brand.code: brand.grace_days for brand in db.session.scalars(select(Brand))}
    limits = {code: today() - timedelta(days=usual if own is None else own) for code, own in days.items()}
    return case(limits, value=Customer.brand_code, else_=today() - timedelta(days=usual))


def _suspend(subscription_id: int) -> bool:
    """Whether it was active and is not any more."""
    subscription = db.session.get_one(Subscription, subscription_id)
    customer, oldest = subscription.customer, _oldest_owed(subscription.customer_id)
    if oldest is None or subscription.status != ACTIVE:
        return False
    subscriptions.suspend(subscription_id, by=DUNNING, reason=f"{oldest.number} {oldest.due_on}")
    told = {
        "pelanggan_id": customer.id,
        "pelanggan_nama": customer.name,
        "invoice_id": oldest.id,
        "nomor_invoice": oldest.number,
    }
    notify("service_suspended", "Layanan pelanggan ditangguhkan", told)
    _tell(wording.SUSPENDED, subscription, oldest)
    return True


def _restore(subscription_id: int) -> bool:
    """Whether dunning had suspended it and it is active again."""
    subscription = db.session.get_one(Subscription, subscription_id)
    if subscription.status != SUSPENDED or subscription.suspended_by != DUNNING:
        return False
    subscriptions.resume(subscription_id, by=DUNNING)
    newest = (
        select(Invoice).where(Invoice.customer_id == subscription.customer_id).order_by(Invoice.id.desc())
    )
    invoice = db.session.scalar(newest.limit(1))
    if invoice is not None:
        _tell(wording.RESTORED, subscription, invoice)
    return True


def _oldest_owed(customer_id: int) -> Invoice | None:
    owed = select(Invoice).where(Invoice.customer_id == customer_id, Invoice.status.in_(OWING))
    return db.session.scalar(owed.order_by(Invoice.due_on, Invoice.id).limit(1))


def _tell(key: str, subscription: Subscription, invoice: Invoice) -> None:
    """By every way there is; once a day, whatever happens to the service."""
    for channel in filter(channels.is_configured, channels.CHANNELS):
        about = f"{key}:{subscription.id}:{today()}:{channel}"
        messages.write(Kind(key, channel), [invoice.id], _always(about))


def _always(about: str) -> Callable[[int], str]:
    return lambda _invoice_id: about


# What people decide


def promise(invoice_id: int, until: date, note: str = "") -> PaymentPromise:
    """Write down that the customer will pay by `until`: no reminders and no suspension before.

    An earlier promise for the invoice gives way. Raises NotFound; Conflict when nothing is owed; Invalid for a day that
    has passed or is more than 90 days away.
    """
    invoice = invoices.get_invoice(invoice_id)
    if invoice.status not in OWING:
        raise Conflict("There is nothing to pay any more")
    if not today() <= until <= today() + LONGEST_PROMISE:
        raise Invalid({"until": "Must be from today to 90 days ahead"})
    for earlier in _promises(invoice_id):
        db.session.delete(earlier)
    made = PaymentPromise(invoice_id=invoice_id, until=until, note=note.strip()[:200])
    made.created_by = audit.current().name[:150]
    db.session.add(made)
    db.session.flush()
    follow(invoice.customer_id)
    return made


def withdraw(promise_id: int) -> None:
    """The promise no longer counts. Raises NotFound."""
    found = db.session.get(PaymentPromise, promise_id)
    if found is None:
        raise NotFound("Promise not found")
    customer_id = invoices.get_invoice(found.invoice_id).customer_id
    db.session.delete(found)
    db.session.flush()
    follow(customer_id)


def promise_all(customer_id: int, until: date, note: str = "") -> int:
    """A promise for each invoice that the customer owes and that is due; how many those are. Raises Invalid."""
    owed = Invoice.customer_id == customer_id, Invoice.status.in_(OWING), Invoice.due_on <= today()
    ids = db.session.scalars(select(Invoice.id).where(*owed).order_by(Invoice.id).limit(500)).all()
    for invoice_id in ids:
        promise(invoice_id, until, note)
    return len(ids)


def exempt(customer_id: int, never_suspend: bool = True) -> Customer:
    """Never suspend the customer, or do as everywhere. Raises NotFound."""
    customer = get_customer(customer_id)
    customer.never_suspend = never_suspend
    db.session.flush()
    follow(customer_id)
    return customer


def suspend_now(customer_id: int, reason: str = "") -> bool:
    """Cut the customer off by hand, however little they owe; whether there was anything to cut off."""
    current = subscriptions.current(get_customer(customer_id).id)
    if current is None or current.status != ACTIVE:
        return False
    subscriptions.suspend(current.id, by=BY_HAND, reason=reason)
    return True


def resume_now(customer_id: int, reason: str = "") -> bool:
    """Let the customer in again by hand; whether they were cut off. Unpaid, they are suspended again tonight."""
    current = subscriptions.current(get_customer(customer_id).id)
    if current is None or current.status != SUSPENDED:
        return False
    subscriptions.resume(current.id, by=BY_HAND, reason=reason)
    return True


def _promises(invoice_id: int) -> Sequence[PaymentPromise]:
    mine = select(PaymentPromise).where(PaymentPromise.invoice_id == invoice_id)
    return db.session.scalars(mine.limit(100)).all()
