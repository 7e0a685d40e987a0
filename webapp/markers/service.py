"""Registering, changing and removing markers (contract 5)."""

import secrets
import string
import uuid
from collections.abc import Mapping
from typing import Any

from webapp.accounts.models import Role, User
from webapp.database import lock
from webapp.errors import Conflict, Forbidden, NotFound
from webapp.extensions import db
from webapp.kit.geo import cell
from webapp.markers import photos, queries
from webapp.markers.models import Marker

ALPHABET = string.digits + string.ascii_uppercase  # contract 5: 8 of 0-9A-Z
CODE_LENGTH = 8


def random_code() -> str:
    """A short code that nobody guesses."""
    number, code = secrets.randbelow(len(ALPHABET) ** CODE_LENGTH), ""
    for _ in range(CODE_LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        code += ALPHABET[digit]
    return code


def new_code() -> str:
    """A short code that nobody has."""
    while True:
        code = random_code()
        if queries.by_code(code) is None:
            return code


def create_marker(
    fields: Mapping[str, Any], *, by: User, marker_id: uuid.UUID | None = None, photo: str | None = None
) -> tuple[Marker, bool]:
    """Register a marker; the second value is whether it is new.

    With `marker_id`, made by the client, sending the same again answers with the marker that is there; it gets the
    photo when it has none, because the store was away the first time. `fields` are columns of Marker that were
    validated; `photo` is what photos.store answered. Raises Conflict when somebody else's marker has that id.
    """
    if marker_id is not None:
        lock(f"marker {marker_id}")  # two that come at the same moment are one after the other
        known = queries.by_id(marker_id)
        if known is not None:
            return _registered_before(known, by, photo), False
    marker = Marker(
        **fields, id=marker_id or uuid.uuid4(), short_code=new_code(), creator=by, photo=photo, cell=0
    )
    marker.cell = cell(marker.latitude, marker.longitude)
    db.session.add(marker)
    db.session.flush()
    return marker, True


def _registered_before(known: Marker, by: User, photo: str | None) -> Marker:
    if known.creator_id != by.id:
        raise Conflict("This id belongs to another marker")
    if photo is not None and known.photo is not None:
        photos.forget(photo)
    elif photo is not None:
        known.photo = photo
        db.session.flush()
    return known


def get_marker(marker_id: uuid.UUID, *, viewer: User) -> Marker:
    """Raises NotFound, also for a marker that the viewer may not see."""
    marker = queries.by_id(marker_id)
    if marker is None or (viewer.role < Role.VIEWER and marker.creator_id != viewer.id):
        raise NotFound("Marker not found")
    return marker


def get_by_code(short_code: str) -> Marker:
    """What a label leads to; anyone may see it. Raises NotFound."""
    marker = queries.by_code(short_code)
    if marker is None:
        raise NotFound("Marker not found")
    return marker


def may_change(marker: Marker, user: User) -> bool:
    """Its creator, an operator or an admin (contracts, 5 bamboo)."""
    return may_change_of(marker.creator_id, user)


def may_change_of(creator_id: int, user: User) -> bool:
    return creator_id == user.id or user.role >= Role.OPERATOR


def update_marker(
    marker_id: uuid.UUID, fields: Mapping[str, Any], *, by: User, photo: str | None = None
) -> Marker:
    """Change what `fields` names; a new `photo` takes the old one's place. Raises NotFound, Forbidden."""
    marker = changeable_marker(marker_id, by=by)
    for name, value in fields.items():
        setattr(marker, name, value)
    marker.cell = cell(marker.latitude, marker.longitude)
    if photo is not None:
        _replace_photo(marker, photo)
    db.session.flush()
    return marker


def remove_photo(marker_id: uuid.UUID, *, by: User) -> Marker:
    """Raises NotFound, Forbidden."""
    marker = changeable_marker(marker_id, by=by)
    _replace_photo(marker, None)
    return marker


def delete_marker(marker_id: uuid.UUID, *, by: User) -> None:
    """Remove a marker and its photo. Raises NotFound, Forbidden."""
    marker = changeable_marker(marker_id, by=by)
    _replace_photo(marker, None)
    db.session.delete(marker)


def changeable_marker(marker_id: uuid.UUID, *, by: User) -> Marker:
    """Raises NotFound; Forbidden when somebody else has to change it."""
    marker = get_marker(marker_id, viewer=by)
    if not may_change(marker, by):
        raise Forbidden()
    return marker


def _replace_photo(marker: Marker, photo: str | None) -> None:
    if marker.photo is not None:
        photos.forget(marker.photo)
    marker.photo = photo
