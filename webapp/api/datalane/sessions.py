"""Live sessions of all accounts and doors (contract 3, F)."""

from uuid import UUID

from flask import Response

from webapp.accounts import queries, sessions
from webapp.api.datalane import datalane, envelope, presenters, schemas
from webapp.identity import ADMIN

PATH = "/api/sessions"


@datalane.operation("GET", PATH, policy=ADMIN, query=schemas.Listing, returns=schemas.SessionOut, paged=True)
def list_sessions(query: schemas.Listing) -> Response:
    """List active sessions, newest first."""
    found = queries.sessions_page(query.page, query.limit)
    return envelope.page([presenters.session(row) for row in found.items], found)


@datalane.operation("DELETE", f"{PATH}/<uuid:id>", policy=ADMIN, errors=[404])
def revoke_session(id: UUID) -> Response:
    """Revoke a session; its token stops at once."""
    sessions.revoke_session(id)
    return envelope.ok(None)
