"""API keys (contract 3, E; beyond it: scope, gate and end of a key, and rotation)."""

from datetime import timedelta
from uuid import UUID

from flask import Response

from webapp.accounts import keys, queries
from webapp.api.datalane import datalane, envelope, presenters, schemas
from webapp.gates import service as gates
from webapp.identity import ADMIN, current_account

PATH = "/api/api-keys"
ONE = f"{PATH}/<uuid:id>"


@datalane.operation("GET", PATH, policy=ADMIN, query=schemas.Listing, returns=schemas.KeyOut, paged=True)
def list_keys(query: schemas.Listing) -> Response:
    """List API keys, newest first."""
    found = queries.keys_page(query.page, query.limit)
    return envelope.page([presenters.key(row) for row in found.items], found)


@datalane.operation(
    "POST", PATH, policy=ADMIN, body=schemas.KeyIn, returns=schemas.NewKeyOut, errors=[404, 409]
)
def create_key(body: schemas.KeyIn) -> Response:
    """Create an API key; by name alone it is one for reports."""
    by = current_account()
    if body.location_code and body.gate_code:
        gate = gates.get_gate(body.location_code, body.gate_code)
        made = keys.issue_gate_key(body.name, gate.id, expires_at=body.expires_at, by=by)
    else:
        made = keys.issue_key(body.name, scope=body.scope, expires_at=body.expires_at, by=by)
    return envelope.secret(presenters.new_key(*made))


@datalane.operation("GET", f"{ONE}/show", policy=ADMIN, returns=schemas.ShownKey, errors=[404, 409])
def show_key(id: UUID) -> Response:
    """Show an API key; the activity log remembers who looked."""
    return envelope.secret({"id": str(id), "api_key": keys.reveal_key(id)})


@datalane.operation("PUT", f"{ONE}/toggle", policy=ADMIN, returns=schemas.ToggledKey, errors=[404])
def toggle_key(id: UUID) -> Response:
    """Toggle an API key's status."""
    return envelope.ok({"id": str(id), "active": keys.toggle_key(id).is_active})


@datalane.operation(
    "POST",
    f"{ONE}/rotate",
    policy=ADMIN,
    body=schemas.RotationIn,
    returns=schemas.NewKeyOut,
    errors=[404, 409],
)
def rotate_key(id: UUID, body: schemas.RotationIn) -> Response:
    """Rotate an API key: a successor, and some hours in which the old one still works."""
    made = keys.rotate_key(id, overlap=timedelta(hours=body.overlap_hours), by=current_account())
    return envelope.secret(presenters.new_key(*made))


@datalane.operation("DELETE", ONE, policy=ADMIN, errors=[404])
def delete_key(id: UUID) -> Response:
    """Delete an API key."""
    keys.delete_key(id)
    return envelope.ok(None)
