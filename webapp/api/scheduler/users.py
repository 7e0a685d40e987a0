"""Administration of accounts (contract 4, User Management; GET and PATCH of one are beyond the document)."""

from flask import Response

from webapp.accounts import queries, service
from webapp.accounts.models import Role
from webapp.accounts.service import Changes
from webapp.api.scheduler import envelope, presenters, scheduler, schemas
from webapp.identity import ADMIN, current_account

ONE = "/user/<int:id>"


@scheduler.operation("GET", "/user", policy=ADMIN, query=schemas.Listing, returns=schemas.User, paged=True)
def list_users(query: schemas.Listing) -> Response:
    """List all users, oldest first; the header X-Total-Count says how many there are."""
    found = queries.users_page(query.page, query.limit, sort="created_at")
    response = envelope.ok("List of all users", [presenters.user(row) for row in found.items])
    response.headers["X-Total-Count"] = str(found.total)
    return response


@scheduler.operation(
    "POST", "/user", policy=ADMIN, body=schemas.NewUser, returns=schemas.User, status=201, errors=[409]
)
def create_user(body: schemas.NewUser) -> Response:
    """Create a user."""
    role = body.wanted(Role.VIEWER) or Role.VIEWER
    user = service.create_user(body.username, body.password, role, email=body.email)
    return envelope.ok(f"User {user.username} has been created successfully!", presenters.user(user), 201)


@scheduler.operation("GET", ONE, policy=ADMIN, returns=schemas.UserDetail, errors=[404])
def show_user(id: int) -> Response:
    """Get a user."""
    user = service.get_user(id)
    return envelope.ok(f"Detail of user {user.username}", presenters.detail(user))


@scheduler.operation(
    "PATCH", ONE, policy=ADMIN, body=schemas.Account, returns=schemas.UserDetail, errors=[404, 409]
)
def update_user(id: int, body: schemas.Account) -> Response:
    """Update a user; nobody switches themself off, and the last superuser stays one."""
    role = body.wanted(service.get_user(id).role)
    changes = Changes(body.username, body.email, role=role, is_active=body.is_active)
    user = service.update_user(id, changes, by=current_account())
    return envelope.ok(f"User {user.username} has been updated successfully!", presenters.detail(user))


@scheduler.operation("DELETE", ONE, policy=ADMIN, errors=[404, 409])
def delete_user(id: int) -> Response:
    """Delete a user; nobody deletes themself, and the last superuser stays."""
    service.delete_user(id, by=current_account())
    return envelope.ok(f"User with id {id} has been deleted successfully!")
