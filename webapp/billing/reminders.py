"""When customers are reminded of an invoice: rules by days from its due date, for a brand or for all (decision 22)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, exists, func, select

from webapp.billing import messages
from webapp.billing.channels import CHANNELS
from webapp.billing.days import today
from webapp.billing.messages import REMINDER, Kind
from webapp.billing.models import OWING, Invoice
from webapp.billing.process_models import DunningRule, PaymentPromise
from webapp.billing.wording import REMINDERS
from webapp.database import pause
from webapp.errors import Conflict, Invalid, NotFound
from webapp.extensions import db
from webapp.subscribers.models import Brand, Customer

MOST_DAYS = 90
MAX_RULES = 200
CATCH_UP = timedelta(days=2)  # a reminder that was missed is sent so much later, not after
BATCH = 200


class RuleIn(NamedTuple):
    """`offset_days` from -90 to 90; `brand_code` None is every brand without rules of its own."""

    brand_code: str | None
    offset_days: int
    channel: str
    template: str
    is_active: bool = True


@dataclass(frozen=True)
class Upcoming:
    """How many invoices a rule will have reminders for on a day, as things stand now."""

    day: date
    rule: DunningRule
    count: int


def rules() -> Sequence[DunningRule]:
    """All of them: of all brands first, by day."""
    order = DunningRule.brand_code.is_not(None), DunningRule.brand_code, DunningRule.offset_days
    return db.session.scalars(select(DunningRule).order_by(*order, DunningRule.id).limit(MAX_RULES)).all()


def of_brands(everyones: Sequence[DunningRule]) -> Mapping[str, list[DunningRule]]:
    """The active rules of each brand: its own where it has any, else those of all."""
    codes = db.session.scalars(select(Brand.code).order_by(Brand.code)).all()
    own = {rule.brand_code for rule in everyones}
    return {
        code: [
            rule
            for rule in everyones
            if rule.is_active and rule.brand_code == (code if code in own else None)
        ]
        for code in codes
    }


def get_rule(rule_id: int) -> DunningRule:
    """Raises NotFound."""
    rule = db.session.get(DunningRule, rule_id)
    if rule is None:
        raise NotFound("Reminder rule not found")
    return rule


def add_rule(wanted: RuleIn) -> DunningRule:
    """Raises Invalid, Conflict when there is one of that day and channel."""
    if len(rules()) >= MAX_RULES:
        raise Conflict("There are too many rules")
    rule = DunningRule()
    db.session.add(_filled(rule, wanted))
    db.session.flush()
    return rule


def change_rule(rule_id: int, wanted: RuleIn) -> DunningRule:
    """Raises NotFound, Invalid, Conflict when there is another of that day and channel."""
    rule = _filled(get_rule(rule_id), wanted)
    db.session.flush()
    return rule


def delete_rule(rule_id: int) -> None:
    """Raises NotFound."""
    db.session.delete(get_rule(rule_id))


def _filled(rule: DunningRule, wanted: RuleIn) -> DunningRule:
    _check(wanted)
    same = select(DunningRule.id).where(
        DunningRule.brand_code.is_(None)
        if wanted.brand_code is None
        else DunningRule.brand_code == wanted.brand_code,
        DunningRule.offset_days == wanted.offset_days,
        DunningRule.channel == wanted.channel,
    )
    with db.session.no_autoflush:
        if db.session.scalar(same) not in (None, rule.id):
            raise Conflict("There is a rule of this day and channel already", field="offset_days")
    for name, value in wanted._asdict().items():
        setattr(rule, name, value)
    return rule


def _check(wanted: RuleIn) -> None:
    wrong = {}
    if not -MOST_DAYS <= wanted.offset_days <= MOST_DAYS:
        wrong["offset_days"] = f"Must be from -{MOST_DAYS} to {MOST_DAYS}"
    if wanted.channel not in CHANNELS:
        wrong["channel"] = f"Must be one of: {', '.join(CHANNELS)}"
    if wanted.template not in REMINDERS:
        wrong["template"] = f"Must be one of: {', '.join(REMINDERS)}"
    if wanted.brand_code is not None and db.session.get(Brand, wanted.brand_code) is None:
        wrong["brand_code"] = "There is no such brand"
    if wrong:
        raise Invalid(wrong)


def write_due() -> int:
    """Write the reminders of today, and those that were missed yesterday; commits batch by batch."""
    written = 0
    for brand_code, rules_of_brand in of_brands(rules()).items():
        for rule in rules_of_brand:
            kind, days = Kind(rule.template, rule.channel), rule.offset_days
            for ids in _due(brand_code, days):
                written += messages.write(kind, ids, once(days, kind.channel))
                pause()
    return written


def once(offset_days: int, channel: str) -> Callable[[int], str]:
    """What makes a reminder the same: its invoice, day and channel, whichever rule it comes from."""
    return lambda invoice_id: f"{REMINDER}:{invoice_id}:{offset_days}:{channel}"


def _due(brand_code: str, offset_days: int) -> Iterator[Sequence[int]]:
    """The invoices to remind of today, by their ids, some at a time."""
    latest, after = today() - timedelta(days=offset_days), 0
    wanted = (
        Invoice.brand_code == brand_code,
        Invoice.due_on.between(latest - CATCH_UP, latest),
        *remindable(),
    )
    while True:
        some = select(Invoice.id).where(*wanted, Invoice.id > after).order_by(Invoice.id).limit(BATCH)
        ids = db.session.scalars(some).all()
        if ids:
            yield ids
        if len(ids) < BATCH:
            return
        after = ids[-1]


def remindable() -> tuple[ColumnElement[bool], ...]:
    """Invoices that somebody owes, and for which there is no promise that still holds."""
    return Invoice.status.in_(OWING), ~promised()


def promised() -> ColumnElement[bool]:
    """Whether the customer has given their word for the invoice, and the day has not passed."""
    return exists().where(PaymentPromise.invoice_id == Invoice.id, PaymentPromise.until >= today())


def upcoming(days: int = 7) -> list[Upcoming]:
    """What the rules will send from today on, for the dunning board."""
    active = of_brands(rules())
    offsets = {rule.offset_days for some in active.values() for rule in some}
    if not offsets:
        return []
    start = today()
    first, last = start - timedelta(days=max(offsets)), start + timedelta(days=days - min(offsets))
    due = _owed_by_day(first, last)
    found: dict[tuple[date, int], Upcoming] = {}
    for ahead in range(days):
        day = start + timedelta(days=ahead)
        for brand_code, some in active.items():
            for rule in some:
                count = due.get((brand_code, day - timedelta(days=rule.offset_days)), 0)
                before = found.get((day, rule.id))
                if count:
                    found[day, rule.id] = Upcoming(day, rule, count + (before.count if before else 0))
    return list(found.values())


def _owed_by_day(first: date, last: date) -> Mapping[tuple[str, date], int]:
    """How many invoices of a brand are due on a day and would be reminded of."""
    columns = Invoice.brand_code, Invoice.due_on
    statement = select(*columns, func.count()).join(Customer, Customer.id == Invoice.customer_id)
    statement = statement.where(Invoice.due_on.between(first, last), *remindable())
    statement = statement.where(Customer.no_messages.is_(False), Customer.deleted_at.is_(None))
    rows = db.session.execute(statement.group_by(*columns))
    return {(brand_code, due_on): count for brand_code, due_on, count in rows}
