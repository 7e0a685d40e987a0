"""API keys of machines: made, shown, switched off and on, rotated, deleted."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import update

from webapp import audit
from webapp.accounts import queries
from webapp.accounts.models import ApiKey, User
from webapp.database import intent
from webapp.errors import Conflict, Invalid, NotFound
from webapp.extensions import db
from webapp.kit import clock, tokens

SCOPES = ("ingest", "reports")
MAX_KEYS = 1_000
MAX_OVERLAP = timedelta(days=30)


def issue_key(
    name: str,
    *,
    scope: str = "ingest",
    gate_id: int | None = None,
    expires_at: datetime | None = None,
    by: User | None,
) -> tuple[ApiKey, str]:
    """Make a key; the second value is the key itself.

    Raises Invalid for an unknown scope or when it would be born expired, Conflict when there are 1,000.
    """
    if scope not in SCOPES:
        raise Invalid({"scope": "Must be one of: " + ", ".join(SCOPES)})
    if expires_at is not None and expires_at <= clock.now():
        raise Invalid({"expires_at": "Must be in the future"})
    if queries.count_keys() >= MAX_KEYS:
        raise Conflict("There are too many keys")
    secret = tokens.new_api_key()
    key = ApiKey(
        name=name,
        key_hash=tokens.digest(secret),
        encrypted_key=secret,
        hint=f"{secret[:12]}…{secret[-4:]}",
        scope=scope,
        gate_id=gate_id,
        expires_at=expires_at,
        created_by_id=by.id if by else None,
    )
    db.session.add(key)
    db.session.flush()
    return key, secret


def issue_gate_key(
    name: str, gate_id: int, *, expires_at: datetime | None = None, by: User
) -> tuple[ApiKey, str]:
    """A key for one gate's device. Raises as `issue_key` does, and Conflict when the gate has 100."""
    if len(queries.keys_of_gate(gate_id)) >= queries.MAX_GATE_KEYS:
        raise Conflict("This gate has too many keys")
    return issue_key(name, gate_id=gate_id, expires_at=expires_at, by=by)


def get_key(public_id: uuid.UUID) -> ApiKey:
    """Raises NotFound."""
    key = queries.key(public_id)
    if key is None:
        raise NotFound("API key not found")
    return key


def reveal_key(public_id: uuid.UUID) -> str:
    """The key itself; the activity log remembers that it was looked at.

    Raises NotFound; Conflict for a key from before keys could be shown.
    """
    key = get_key(public_id)
    if key.encrypted_key is None:
        raise Conflict("This key was made before keys could be shown. Rotate it to get a new one")
    audit.note("reveal", "api_keys", key.id, key.name)
    return key.encrypted_key


def toggle_key(public_id: uuid.UUID) -> ApiKey:
    """Switch a key off when it is on, and on when it is off. Raises NotFound."""
    key = get_key(public_id)
    key.is_active = not key.is_active
    return key


def set_key_active(key_id: int, active: bool, *, gate_id: int | None = None) -> ApiKey:
    """Switch a key (with `gate_id`: one of that gate's) on or off. Raises NotFound."""
    key = db.session.get(ApiKey, key_id)
    if key is None or gate_id not in (None, key.gate_id):
        raise NotFound()
    key.is_active = active
    return key


def rotate_key(public_id: uuid.UUID, *, overlap: timedelta, by: User) -> tuple[ApiKey, str]:
    """A successor with the same name, scope, gate and end; the old key works on for `overlap` (0 to 30 days).

    Raises NotFound, Invalid, and Conflict for a key that no longer works.
    """
    if not timedelta(0) <= overlap <= MAX_OVERLAP:
        raise Invalid({"overlap": f"Must be 0 to {MAX_OVERLAP.days} days"})
    old = get_key(public_id)
    if not old.is_active or old.is_expired:
        raise Conflict("This key no longer works, so nothing can take over from it")
    new, secret = issue_key(old.name, scope=old.scope, gate_id=old.gate_id, expires_at=old.expires_at, by=by)
    new.replaces_id = old.id
    ends = clock.now() + overlap
    old.expires_at = min(ends, old.expires_at) if old.expires_at else ends
    return new, secret


def touch_key(key_id: int) -> None:
    """Remember that a key is in use: at once, and apart from what the request does."""
    seen = update(ApiKey).where(ApiKey.id == key_id).values(last_used_at=clock.now())
    with intent(write=True), db.engine.begin() as connection:
        connection.execute(seen)


def delete_key(public_id: uuid.UUID) -> None:
    """Forget a key; it stops at once. Raises NotFound."""
    db.session.delete(get_key(public_id))
