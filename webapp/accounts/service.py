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
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff]")
MAX_EMAIL = 254
MAX_NAME = 100


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
    known = {"username": _username(username), "email": _email(email), "name": _name(name) or username.strip()}
    return _add_user(User(**known, password_hash=passwords.hash_password(password), role_level=role))


def register(email: str, password: str, name: str) -> User:
    """A member's own account (contract 5). Raises Forbidden when registration is switched off, Conflict, Invalid."""
    known = {"email": _email(email), "name": _name(name)}
    faults = {field: "Field is required" for field, value in known.items() if not value}
    if faults:
        raise Invalid(faults)
    digest = passwords.hash_password(password)  # before the first query, which may take the only write lock
    if not settings.is_on("allow_registration"):
        raise Forbidden("Registration is switched off")
    username = _unlike_any(email)
    audit.become(name=username)  # nobody else is behind it
    return _add_user(User(**known, username=username, password_hash=digest, role_level=Role.MEMBER))


def _unlike_any(email: str) -> str:
    """A user name for somebody who gave only an e-mail."""
    stem = re.sub(r"[^a-z0-9._-]", "", email.partition("@")[0].lower()).lstrip("._-")[:40] or "member"
    return f"{stem}-{secrets.token_hex(4)}"


def _add_user(user: User) -> User:
    user.created_at = user.updated_at = clock.now()
    db.session.add(user)
    _flush()
    return user


def get_user(user_id: int) -> User:
    """Raises NotFound, also for a deleted account."""
    user = db.session.get(User, user_id)
    if user is None or user.deleted_at is not None:
        raise NotFound(f"User with id {user_id} not found")
    return user


def update_user(user_id: int, changes: Changes, *, by: User) -> User:
    """Change an account. A new password (an admin's reset) or switching it off ends its sessions.

    Raises NotFound; Invalid; Forbidden for switching off oneself, or for another role when `by` is no admin;
    Conflict when a name is taken or no admin would be left.
    """
    digest = passwords.hash_password(changes.password) if changes.password is not None else None
    user = get_user(user_id)
    if changes.role not in (None, user.role) and by.role < Role.ADMIN:
        raise Forbidden()
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


def reset_password(user_id: int, password: str) -> User:
    """Give somebody a new password (an admin does this); all their sessions end. Raises Invalid, NotFound."""
    digest = passwords.hash_password(password)
    user = get_user(user_id)
    user.password_hash = digest
    sessions.revoke_all(user)
    return user


def prove(user_id: int, password: str) -> None:
    """Make sure that whoever holds a session also knows its password. Raises Invalid."""
    credentials = queries.credentials_of(user_id)
    if not passwords.matches(password, credentials.password_hash if credentials else None):
        raise Invalid({"current_password": "This is not your password"})


def change_password(user_id: int, current: str, new: str, *, session_id: uuid.UUID) -> None:
    """Change one's own password; every other session of the account ends. Raises Invalid."""
    prove(user_id, current)
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
        raise Conflict("The last administrator must stay", field="role")


def _values(changes: Changes) -> dict[str, Any]:
    """The plain fields to set, each in its one spelling. Raises Invalid."""
    given: dict[str, Any] = {}
    if changes.username is not None:
        given["username"] = _username(changes.username)
    if changes.email is not None:
        given["email"] = _email(changes.email)
    if changes.name is not None:
        given["name"] = _name(changes.name)
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


def _name(text: str) -> str:
    name = text.strip()
    if len(name) > MAX_NAME or _UNPRINTABLE.search(name):
        raise Invalid({"name": f"Must have at most {MAX_NAME} characters, none of them a control character"})
    return name


def _email(text: str | None) -> str | None:
    address = (text or "").strip().lower()
    if address and (len(address) > MAX_EMAIL or not address.isprintable() or not _EMAIL.fullmatch(address)):
        raise Invalid({"email": "Must be an e-mail address"})
    return address or None


def _flush() -> None:
    try:
        db.session.flush()
    except IntegrityError as error:
        clash = str(error.orig)  # SQLite names the column, PostgreSQL the constraint
        field = "email" if "users.email" in clash or "uq_users_email" in clash else "username"
        raise Conflict("User name or e-mail already taken", field=field) from None
