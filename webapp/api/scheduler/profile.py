"""One's own account (contract 4, User Management)."""

from flask import Response

from webapp.accounts import service
from webapp.accounts.service import Changes
from webapp.api.scheduler import envelope, presenters, scheduler, schemas
from webapp.errors import Invalid
from webapp.identity import MEMBER, current_account, current_visit
from webapp.throttle import count_proof

PATH = "/user/me"


@scheduler.operation("GET", PATH, policy=MEMBER, returns=schemas.User)
def show_profile() -> Response:
    """Get one's own profile."""
    user = current_account()
    return envelope.ok(f"Welcome {user.username}!", presenters.user(user))


@scheduler.operation("PATCH", PATH, policy=MEMBER, body=schemas.Profile, returns=schemas.User, errors=[409])
def update_profile(body: schemas.Profile) -> Response:
    """Update one's own profile; only a superuser changes a role, and the last one keeps theirs."""
    me = current_account()
    changes = Changes(body.username, body.email, role=body.wanted(me.role))
    return envelope.ok(
        "Profile updated successfully!", presenters.user(service.update_user(me.id, changes, by=me))
    )


@scheduler.operation("POST", f"{PATH}/password", policy=MEMBER, body=schemas.PasswordChange, errors=[429])
def change_password(body: schemas.PasswordChange) -> Response:
    """Change one's own password; every other session of the account ends."""
    visit = current_visit()
    count_proof(visit.user_id)
    try:
        service.change_password(
            visit.user_id, body.current_password, body.new_password, session_id=visit.session_id
        )
    except Invalid as error:
        raise Invalid({_FIELDS.get(name, name): fault for name, fault in error.fields.items()}) from None
    return envelope.ok("Password changed successfully!")


_FIELDS = {"password": "new_password"}  # as this body calls it
