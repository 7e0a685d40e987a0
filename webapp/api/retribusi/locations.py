"""Locations (contract 1, Retribusi - Frontend CRUD)."""

from flask import Response

from webapp.api.retribusi import envelope, presenters, retribusi, schemas
from webapp.gates import queries, service
from webapp.identity import ADMIN, OPERATOR, VIEWER

PATH = "/retribusi/v1/frontend/locations"


@retribusi.operation(
    "GET", PATH, policy=VIEWER, query=schemas.Listing, returns=schemas.LocationOut, paged=True
)
def list_locations(query: schemas.Listing) -> Response:
    """List locations."""
    found = queries.locations(query.page, query.limit, code=query.location_code)
    return envelope.page([presenters.location(row) for row in found.items], found)


@retribusi.operation(
    "POST",
    PATH,
    policy=OPERATOR,
    body=schemas.LocationIn,
    returns=schemas.LocationOut,
    status=201,
    errors=[409],
)
def create_location(body: schemas.LocationIn) -> Response:
    """Create a location."""
    location = service.create_location(body.code, body.name, body.type, body.is_active)
    return envelope.ok(presenters.location(location), 201)


@retribusi.operation(
    "PUT",
    f"{PATH}/<code>",
    policy=OPERATOR,
    body=schemas.LocationChange,
    returns=schemas.LocationOut,
    errors=[404],
)
def update_location(code: str, body: schemas.LocationChange) -> Response:
    """Update a location; its code can't change."""
    changes = body.model_dump(exclude_none=True)
    return envelope.ok(presenters.location(service.update_location(code, **changes)))


@retribusi.operation("DELETE", f"{PATH}/<code>", policy=ADMIN, returns=schemas.Deleted, errors=[404])
def delete_location(code: str) -> Response:
    """Soft delete a location (is_active = 0)."""
    service.deactivate_location(code)
    return envelope.ok({"deleted": True})
