"""What people of the house write down about a customer."""

import re
from collections.abc import Sequence

from sqlalchemy import select

from webapp import audit
from webapp.database import MAX_ID
from webapp.errors import Invalid, NotFound
from webapp.extensions import db
from webapp.subscribers.customers import get_customer
from webapp.subscribers.models import CustomerNote

MAX_LENGTH = 2_000
MAX_SHOWN = 200
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def notes_of(customer_id: int) -> Sequence[CustomerNote]:
    """The newest 200, the newest first."""
    mine = select(CustomerNote).where(CustomerNote.customer_id == customer_id)
    return db.session.scalars(mine.order_by(CustomerNote.id.desc()).limit(MAX_SHOWN)).all()


def add_note(customer_id: int, body: str) -> CustomerNote:
    """Write a note in the name of who acts; `body` may have several lines. Raises NotFound, Invalid."""
    customer = get_customer(customer_id)
    note = CustomerNote(customer_id=customer.id, author=audit.current().name[:150], body=_checked(body))
    db.session.add(note)
    db.session.flush()
    return note


def delete_note(customer_id: int, note_id: int) -> None:
    """The activity log keeps what it said. Raises NotFound."""
    customer = get_customer(customer_id)
    note = db.session.get(CustomerNote, note_id) if 0 < note_id <= MAX_ID else None
    if note is None or note.customer_id != customer.id:
        raise NotFound("Note not found")
    db.session.delete(note)
    db.session.flush()


def _checked(body: str) -> str:
    text = "\n".join(line.rstrip() for line in body.splitlines()).strip()
    if not text:
        raise Invalid({"body": "Must not be blank"})
    if _UNPRINTABLE.search(text):
        raise Invalid({"body": "Must not contain control characters"})
    if len(text) > MAX_LENGTH:
        raise Invalid({"body": "Must have at most 2000 characters"})
    return text
