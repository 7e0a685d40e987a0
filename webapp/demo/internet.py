"""Demo subscribers: forty households of two brands, with lines, and four months of invoices that most have paid.

The months are billed as the monthly run bills them, on the days on which it would have; a seeded generator decides who
pays when. It is one transaction, after the gates'.
"""

import random
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from webapp import config
from webapp.accounts.models import User
from webapp.billing import bulk, days, invoices, payments, selection
from webapp.billing.models import CASH, OPEN, TRANSFER, Invoice
from webapp.database import transaction
from webapp.demo.people import OFFERS, Person, people
from webapp.extensions import db
from webapp.kit import clock, months
from webapp.notifications import service as notifications
from webapp.subscribers import catalogue, customers, lines
from webapp.subscribers.models import Customer, Subscription
from webapp.subscribers.subscriptions import Terms

HOUSEHOLDS = 40
MONTHS = 4
BEFORE_DUE = timedelta(days=5)
GARUTNET = {
    "code": "GARUTNET",
    "name": "Garut Net",
    "tax_percent": 11,
    "bank_account": "BJB 0012345678 a.n. Garut Net",
}
NEVER_PAY, PAY_LATE = 0.05, 0.15  # of the households


def fill() -> None:
    """Make the demo subscribers, unless there is a customer already."""
    with transaction():
        if db.session.scalar(select(Customer.id).limit(1)) is not None:
            return
        draw = random.Random(1945)  # noqa: S311 - believable, not secret
        today = days.today()
        packages = _sell()
        for number, person in enumerate(people(HOUSEHOLDS, until=today - timedelta(days=20))):
            _move_in(number, person, packages)
        for month in months.between(months.ahead(today, 1 - MONTHS), today):
            _bill(month, today)
        _pay(draw, today)
    with transaction():  # what happened long ago is no news
        for user_id in db.session.scalars(select(User.id)):
            notifications.mark_all_read(user_id)


def _sell() -> dict[tuple[str, str], int]:
    """The packages' ids by brand and name."""
    catalogue.create_brand(GARUTNET)
    known = {(one.brand_code, one.name): one.id for one in catalogue.packages()[0]}
    for offer in OFFERS:
        if (offer.brand, offer.package) not in known:
            values = {"brand_code": offer.brand, "name": offer.package, "speed_mbps": offer.speed}
            made = catalogue.create_package(values | {"price": offer.price, "profile": f"{offer.speed}M"})
            known[offer.brand, offer.package] = made.id
    return known


def _move_in(number: int, person: Person, packages: dict[tuple[str, str], int]) -> None:
    values = {
        "name": person.name,
        "national_id": person.national_id,
        "email": person.email,
        "phone": person.phone,
        "address": person.address,
        "installed_on": person.installed_on,
        "brand_code": person.offer.brand,
    }
    package = packages[person.offer.brand, person.offer.package]
    terms = Terms(package, person.installed_on, due_day=(5, 10, 20)[number % 3])
    customer = customers.create_customer(values, subscription=terms)
    line = {"vlan": 100 + number % 4, "ont_serial": f"ALCL{number:08X}"}
    port = f"ODP-{number // 8 + 1:02}/P{number % 8 + 1:02}"
    lines.create_line(customer, line | {"odp_port": port, "olt_port": f"1/GP{number // 32 + 1}"})


def _bill(period: str, today: date) -> None:
    """What the runs of a month made, each five days before its due date."""
    first = date.fromisoformat(f"{period}-01")
    due_days = dict(db.session.execute(select(Subscription.id, Subscription.due_day)).all())
    found = [bill.invoice for judged in selection.everyone(selection.whole(period)) for bill in judged.bills]
    due = [(bill, first.replace(day=due_days[bill.subscription_id])) for bill in found]
    dated = [replace(bill, due_on=day, issued_on=day - BEFORE_DUE) for bill, day in due]
    bulk.insert_many(bill for bill in dated if bill.issued_on <= today)


def _pay(draw: random.Random, today: date) -> None:
    """Every household pays in its own way; what nobody paid is overdue by now."""
    ways = {one: draw.random() for one in db.session.scalars(select(Customer.id).order_by(Customer.id))}
    for invoice in db.session.scalars(select(Invoice).order_by(Invoice.issued_on, Invoice.id)).all():
        way = ways[invoice.customer_id]
        late = draw.randrange(1, 12) if way < PAY_LATE else -draw.randrange(0, 5)
        paid_on = invoice.due_on + timedelta(days=late)
        if way >= NEVER_PAY and paid_on < today:
            method = CASH if draw.random() < 0.4 else TRANSFER
            payments.record_payment(
                invoice.customer_id,
                invoice.balance,
                method,
                received_at=_noon(paid_on),
                invoice_id=invoice.id,
            )
        elif invoice.due_on < today and invoice.status == OPEN:
            invoices.mark_overdue(invoice.id)


def _noon(day: date) -> datetime:
    return min(datetime.combine(day, time(12), config.current().timezone), clock.now())
