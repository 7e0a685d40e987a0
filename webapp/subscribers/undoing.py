"""Taking an import back, as long as nothing depends on its customers."""

import uuid
from typing import cast

from sqlalchemy import Table, delete, select

from webapp import audit
from webapp.database import Base
from webapp.errors import Conflict
from webapp.extensions import db
from webapp.queue import enqueue
from webapp.subscribers.imports import AT_ONCE, get_import
from webapp.subscribers.models import Customer, CustomerImport, Subscription, SubscriptionChange

DEPENDS = "Its customers have invoices, lines, notes or changed subscriptions by now"
_CUSTOMERS, _SUBSCRIPTIONS, _CHANGES = (
    cast("Table", model.__table__) for model in (Customer, Subscription, SubscriptionChange)
)


def undo(import_id: uuid.UUID) -> CustomerImport:
    """Take all customers of an import away: at once, or, of over 2,000, by a job.

    Raises NotFound, and Conflict unless it is done and nothing depends on them.
    """
    from webapp.subscribers.import_jobs import undo_import

    started = get_import(import_id)
    db.session.refresh(started, with_for_update=True)
    if started.status != "done":
        raise Conflict("Only an import that is done can be undone")
    if is_depended_on(started.id):
        raise Conflict(DEPENDS)
    if started.created > AT_ONCE:
        started.status = "undoing"
        enqueue(undo_import, str(started.id))
    else:
        _take_away(started)
    return started


def finish(started: CustomerImport) -> None:
    """What `undo` left to a job; if something has come to depend on the customers, they stay."""
    if is_depended_on(started.id):
        started.status = "done"
    else:
        _take_away(started)


def is_depended_on(import_id: uuid.UUID) -> bool:
    """Whether anything but their first subscription speaks of the import's customers."""
    mine = _CUSTOMERS.c.import_id == import_id
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column is _CUSTOMERS.c.id and table is not _SUBSCRIPTIONS:
                theirs = select(key.parent).join(_CUSTOMERS, _CUSTOMERS.c.id == key.parent).where(mine)
                if db.session.execute(theirs.limit(1)).first():
                    return True
    changes = (
        select(_CHANGES.c.id)
        .join(_SUBSCRIPTIONS, _SUBSCRIPTIONS.c.id == _CHANGES.c.subscription_id)
        .join(_CUSTOMERS, _CUSTOMERS.c.id == _SUBSCRIPTIONS.c.customer_id)
    )
    return db.session.execute(changes.where(mine, _CHANGES.c.kind != "start").limit(1)).first() is not None


def _take_away(started: CustomerImport) -> None:
    customers = select(_CUSTOMERS.c.id).where(_CUSTOMERS.c.import_id == started.id)
    theirs = select(_SUBSCRIPTIONS.c.id).where(_SUBSCRIPTIONS.c.customer_id.in_(customers))
    db.session.execute(delete(_CHANGES).where(_CHANGES.c.subscription_id.in_(theirs)))
    db.session.execute(delete(_SUBSCRIPTIONS).where(_SUBSCRIPTIONS.c.customer_id.in_(customers)))
    db.session.execute(delete(_CUSTOMERS).where(_CUSTOMERS.c.import_id == started.id))
    started.status = "undone"
    audit.note("undo", "customers", started.id, started.file_name, count=started.created)
