"""Making, changing and removing accounts."""

import re
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError

from webapp import audit
from webapp.accounts import passwords, queries, sessions, settings
from webapp.accounts.models import Role, User
from webapp.database import lock
from webapp.errors import Conflict, Forbidden, Invalid, NotFound
from webapp.extensions import db
from webapp.kit import clock

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")  # no @: a name must never be somebody else's e-mail
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
LANGUAGES, THEMES = ("id", "en"), ("light", "dark", "auto")
MAX_EMAIL = 254


@dataclass(frozen=True)
class Changes:
    """What may be changed about an account; None leaves it as it is, an empty e-mail takes it away."""

    username: str | None = None
    email: str | None = None
    name: str | None = None
    role: Role | None = None
    is_active: bool | None = None
    password: str | None = None


def create_user(
    username: str, password: str, role: Role = Role.VIEWER, *, email: str | None = None, name: str = ""
) -> User:
    """Raises Conflict when the user name or e-mail is taken, Invalid for unfit values."""
    known = {"username": _username(username), "email": _email(email)}
    digest = passwords.hash_password(password)
    user = User(**known, name=name.strip() or username.strip(), password_hash=digest, role_level=role)
    db.session.add(user)
    _flush()
    return user


def register(email: str, password: str, name: str) -> User:
    """A member's own account (contract 5). Raises Forbidden when registration is switched off, Conflict, Invalid."""
    if not settings.is_on("allow_registration"):
        raise Forbidden("Registration is switched off")
    stem = re.sub(r"[^a-z0-9._-]", "", email.partition("@")[0].lower()).lstrip("._-")[:40] or "member"
    return create_user(f"{stem}-{secrets.token_hex(4)}", password, Role.MEMBER, email=email, name=name)


def get_user(user_id: int) -> User:
    """Raises NotFound, also for a deleted account."""
    user = db.session.get(User, user_id)
    if user is None or user.deleted_at is not None:
        raise NotFound(f"User with id {user_id} not found")
    return user


def update_user(user_id: int, changes: Changes, *, by: User) -> User:
    """Change an account. A new password (an admin's reset) or switching it off ends its sessions.

    Raises NotFound; Invalid; Forbidden for switching off oneself; Conflict when a name is taken or no admin would
    be left.
    """
    digest = passwords.hash_password(changes.password) if changes.password is not None else None
    user = get_user(user_id)
    if changes.is_active is False and user.id == by.id:
        raise Forbidden("You can't switch off your own account")
    if changes.is_active is False or changes.role not in (None, Role.ADMIN):
        _keep_an_admin(user)
    for field, value in _values(changes).items():
        setattr(user, field, value)
    if digest is not None:
        user.password_hash = digest
    if digest is not None or not user.is_active:
        sessions.revoke_all(user)
    _flush()
    return user


def change_password(user_id: int, current: str, new: str, *, session_id: uuid.UUID) -> None:
    """Change one's own password; every other session of the account ends. Raises Invalid."""
    credentials = queries.credentials_of(user_id)
    if not passwords.matches(current, credentials.password_hash if credentials else None):
        raise Invalid({"current_password": "This is not your password"})
    if current == new:
        raise Invalid({"password": "Must differ from the current one"})
    digest = passwords.hash_password(new)
    user = get_user(user_id)
    user.password_hash = digest
    sessions.revoke_all(user, but=session_id)


def set_preferences(user: User, *, language: str | None = None, theme: str | None = None) -> None:
    """Remember how the user likes the pages. Raises Invalid."""
    for field, value, known in (("language", language, LANGUAGES), ("theme", theme, THEMES)):
        if value is None:
            continue
        if value not in known:
            raise Invalid({field: "Must be one of: " + ", ".join(known)})
        setattr(user, field, value)


def delete_user(user_id: int, *, by: User) -> User:
    """Delete an account: its name is free again, its sessions end, what it did stays in the log under its name.

    Raises NotFound, Forbidden for oneself, Conflict for the last admin.
    """
    user = get_user(user_id)
    if user.id == by.id:
        raise Forbidden("You can't delete your own account")
    _keep_an_admin(user)
    sessions.revoke_all(user)
    audit.note("delete", "users", user.id, user.username, email=user.email, role=user.role.word)
    user.name = user.name or user.username
    user.username, user.email = f"{user.username[:40]}#{user.id}", None
    user.is_active, user.deleted_at = False, clock.now()
    return user


def _keep_an_admin(user: User) -> None:
    """Raises Conflict when `user` is the only admin who can still sign in."""
    lock("admins")  # two admins who demote each other at once must not both succeed
    db.session.refresh(user)
    if user.role == Role.ADMIN and user.is_active and queries.count_admins() == 1:
        raise Conflict("The last administrator must stay")


def _values(changes: Changes) -> dict[str, Any]:
    """The plain fields to set, each in its one spelling. Raises Invalid."""
    given: dict[str, Any] = {}
    if changes.username is not None:
        given["username"] = _username(changes.username)
    if changes.email is not None:
        given["email"] = _email(changes.email)
    if changes.name is not None:
        given["name"] = changes.name.strip()
    if changes.role is not None:
        given["role_level"] = changes.role
    if changes.is_active is not None:
        given["is_active"] = changes.is_active
    return given


def _username(text: str) -> str:
    name = text.strip().lower()
    if not _USERNAME.fullmatch(name):
        raise Invalid({"username": "Must be 1 to 64 of a-z, 0-9, dot, dash and underscore"})
    return name


def _email(text: str | None) -> str | None:
    address = (text or "").strip().lower()
    if address and (len(address) > MAX_EMAIL or not address.isprintable() or not _EMAIL.fullmatch(address)):
        raise Invalid({"email": "Must be an e-mail address"})
    return address or None


def _flush() -> None:
    try:
        db.session.flush()
    except IntegrityError:
        raise Conflict("User name or e-mail already taken") from None
