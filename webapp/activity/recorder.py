"""Writes the activity log: every row that a session inserts, changes or deletes, in the same transaction.

A bulk UPDATE or DELETE doesn't pass here row by row, so on a table that the log tells of it is refused unless its
author says `UNLOGGED` and leaves a `note` of what it does.
"""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import event, insert, inspect
from sqlalchemy.orm import ColumnProperty, InstanceState, Mapper, ORMExecuteState, Session, SessionTransaction

from webapp import audit
from webapp.activity.models import Activity
from webapp.audit import NOTES, Actor, Note
from webapp.database import Base
from webapp.kit import clock

HIDDEN = "•••"  # in place of a secret
UNINTERESTING = {"id", "cell", "search_text", "created_at", "updated_at", "last_used_at", "moved_at"}
MAX_TEXT = 1_000  # characters of one value
Changes = dict[str, list[Any]]


@event.listens_for(Mapper, "after_configured")
def _know_before() -> None:
    """Have a field's old value read before it is replaced, though its row was loaded in an earlier transaction."""
    for mapper in Base.registry.mappers:
        for attribute in mapper.column_attrs if mapper.class_.in_activity_log else ():
            if not attribute.columns[0].info.get("secret"):
                event.listen(getattr(mapper.class_, attribute.key), "set", _keep, active_history=True)


def _keep(_row: Base, _value: Any, _before: Any, _initiator: Any) -> None:
    """Nothing to do: that somebody listens is what makes the old value known."""


@event.listens_for(Session, "after_flush")
def _record(session: Session, _context: Any) -> None:
    actor = audit.current()
    lines = [_line(actor, action, row, changes) for action, row, changes in _touched(session)]
    if lines:
        session.execute(insert(Activity), lines)


@event.listens_for(Session, "before_commit")
def _record_notes(session: Session) -> None:
    notes: list[Note] = session.info.pop(NOTES, [])
    if notes:
        session.execute(insert(Activity), [_noted(note) for note in notes])


@event.listens_for(Session, "after_soft_rollback")
def _forget_notes(session: Session, previous: SessionTransaction) -> None:
    notes: list[Note] = session.info.pop(NOTES, [])
    if previous.parent is not None:
        session.info[NOTES] = [note for note in notes if note.savepoint is not previous]


@event.listens_for(Session, "do_orm_execute")
def _refuse_unseen(state: ORMExecuteState) -> None:
    writes = state.is_update or state.is_delete or state.is_insert
    if not writes or state.execution_options.get("unlogged") or state.bind_mapper is None:
        return
    if state.bind_mapper.class_.in_activity_log:
        raise RuntimeError(f"bulk write to {state.bind_mapper.local_table} would escape the activity log")


def _touched(session: Session) -> Iterator[tuple[str, Base, Changes]]:
    for row in session.new:
        if row.in_activity_log:
            yield "create", row, {name: [None, value] for name, value in _values(row) if value is not None}
    for row in session.dirty:
        if row.in_activity_log and session.is_modified(row) and (changes := dict(_differences(row))):
            yield "update", row, changes
    for row in session.deleted:
        if row.in_activity_log:
            yield "delete", row, {name: [value, None] for name, value in _values(row) if value is not None}


def _values(row: Base) -> Iterator[tuple[str, Any]]:
    """The row's fields as far as they are loaded."""
    state: InstanceState[Base] = inspect(row)
    for name, column in _fields(state):
        if name in state.dict:
            yield name, _shown(state.dict[name], column.info)


def _differences(row: Base) -> Iterator[tuple[str, list[Any]]]:
    state: InstanceState[Base] = inspect(row)
    for name, column in _fields(state):
        history = state.attrs[name].history
        if history.has_changes():
            before = next(iter(history.deleted), None)
            after = next(iter(history.added), None)
            if (
                before is not None or after is not None
            ):  # a secret that nobody had read may go from nothing to nothing
                yield name, [_shown(before, column.info), _shown(after, column.info)]


def _fields(state: InstanceState[Base]) -> Iterator[tuple[str, Any]]:
    for attribute in state.mapper.column_attrs:
        if isinstance(attribute, ColumnProperty) and attribute.key not in UNINTERESTING:
            yield attribute.key, attribute.columns[0]


def _shown(value: Any, info: dict[str, Any]) -> Any:
    """The value as JSON, or that there is one when it is a secret."""
    if value is None or isinstance(value, bool | int | float):
        return HIDDEN if info.get("secret") and value is not None else value
    if info.get("secret") or isinstance(value, bytes):
        return HIDDEN
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    return value.value if isinstance(value, Enum) else str(value)[:MAX_TEXT]


def _line(actor: Actor, action: str, row: Base, changes: Changes) -> dict[str, Any]:
    state: InstanceState[Base] = inspect(row)
    key = "/".join(str(part) for part in state.mapper.primary_key_from_instance(row))
    label = getattr(row, row.label_field, "") or key
    return _written_by(actor) | {
        "action": action,
        "object_type": state.mapper.local_table.description,
        "object_id": key[:80],
        "object_label": str(label)[:150],
        "changes": changes,
    }


def _noted(note: Note) -> dict[str, Any]:
    return _written_by(note.actor) | {
        "action": note.action,
        "object_type": note.object_type,
        "object_id": note.object_id[:80],
        "object_label": note.label[:150],
        "changes": note.changes,
    }


def _written_by(actor: Actor) -> dict[str, Any]:
    return {
        "at": clock.now(),
        "door": actor.door,
        "user_id": actor.user_id,
        "key_id": actor.key_id,
        "actor_name": actor.name[:150],
        "ip_address": actor.address[:45],
        "request_id": actor.request_id,
    }
