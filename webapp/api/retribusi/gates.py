"""Gates, and streams as their other name (contract 1, Retribusi - Frontend CRUD)."""

from flask import Response

from webapp.api.retribusi import envelope, presenters, retribusi, schemas
from webapp.gates import queries, service
from webapp.identity import ADMIN, OPERATOR, VIEWER

PATH = "/retribusi/v1/frontend/gates"
ONE = f"{PATH}/<location_code>/<gate_code>"


@retribusi.operation("GET", PATH, policy=VIEWER, query=schemas.Listing, returns=schemas.GateOut, paged=True)
def list_gates(query: schemas.Listing) -> Response:
    """List gates."""
    return _listed(query)


@retribusi.operation(
    "GET",
    "/retribusi/v1/frontend/streams",
    policy=VIEWER,
    query=schemas.Listing,
    returns=schemas.GateOut,
    paged=True,
)
def list_streams(query: schemas.Listing) -> Response:
    """List streams: another name for gates."""
    return _listed(query)


def _listed(query: schemas.Listing) -> Response:
    found = queries.gates(query.page, query.limit, location_code=query.location_code)
    return envelope.page([presenters.gate(row) for row in found.items], found)


@retribusi.operation(
    "POST", PATH, policy=OPERATOR, body=schemas.GateIn, returns=schemas.GateOut, status=201, errors=[404, 409]
)
def create_gate(body: schemas.GateIn) -> Response:
    """Create a gate at a location."""
    gate = service.create_gate(
        body.location_code,
        body.gate_code,
        body.name,
        body.direction,
        body.is_active,
        body.latitude,
        body.longitude,
    )
    return envelope.ok(presenters.gate(gate), 201)


@retribusi.operation(
    "PUT", ONE, policy=OPERATOR, body=schemas.GateChange, returns=schemas.GateOut, errors=[404]
)
def update_gate(location_code: str, gate_code: str, body: schemas.GateChange) -> Response:
    """Update a gate; its codes can't change."""
    changes = body.model_dump(exclude_none=True)
    return envelope.ok(presenters.gate(service.update_gate(location_code, gate_code, **changes)))


@retribusi.operation("DELETE", ONE, policy=ADMIN, returns=schemas.Deleted, errors=[404])
def delete_gate(location_code: str, gate_code: str) -> Response:
    """Soft delete a gate (is_active = 0)."""
    service.deactivate_gate(location_code, gate_code)
    return envelope.ok({"deleted": True})
