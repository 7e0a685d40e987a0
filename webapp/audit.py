"""Who is behind a write, and what the activity log should know beside the rows that change.

Whoever lets a caller in says so here once (`acting`, `become`); `activity/recorder.py` reads it when rows are flushed,
so no service has to remember to log.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from webapp.extensions import db

NOTES = "notes_for_the_activity_log"
SECRET = {"secret": True}  # `info` of a column: the log says that it changed, never from what to what
UNLOGGED = {"unlogged": True}  # execution option of a bulk write whose author leaves a `note` instead


@dataclass(frozen=True)
class Actor:
    """Who acts, and how they came in. `door` is a surface, `web`, `job`, `command` or `system`."""

    door: str
    user_id: int | None = None
    key_id: int | None = None
    name: str = ""
    address: str = ""
    request_id: str = ""


@dataclass(frozen=True)
class Note:
    """Something worth remembering that changes no row of its own: a sign-in, a key that was looked at."""

    action: str
    object_type: str
    object_id: str
    label: str
    changes: dict[str, Any]
    actor: Actor
    savepoint: object = None  # a note goes when what it speaks of is rolled back


SYSTEM = Actor("system")
_current: ContextVar[Actor] = ContextVar("actor", default=SYSTEM)


def current() -> Actor:
    return _current.get()


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """What is written in this block is `actor`'s doing."""
    token = _current.set(actor)
    try:
        yield
    finally:
        _current.reset(token)


def become(**known: Any) -> None:
    """Say more about the actor of the surrounding `acting` block, once it is known; outside of one nobody acts."""
    if _current.get() is SYSTEM:
        return
    _current.set(replace(_current.get(), **known))


def note(action: str, object_type: str, object_id: object = "", label: str = "", **details: Any) -> None:
    """Put an entry into the activity log with the current transaction. `details` must be JSON and hold no secret."""
    changes = {name: [None, value] for name, value in details.items()}
    savepoint = db.session().get_nested_transaction()
    entry = Note(action, object_type, str(object_id), label, changes, current(), savepoint)
    db.session.info.setdefault(NOTES, []).append(entry)
