"""Tariffs (contract 1, Retribusi - Frontend CRUD; reading them is beyond the document)."""

from flask import Response

from webapp.api.retribusi import envelope, presenters, retribusi, schemas
from webapp.gates import queries, service
from webapp.identity import ADMIN, OPERATOR, VIEWER, current_account

PATH = "/retribusi/v1/frontend/tariffs"
ONE = f"{PATH}/<location_code>/<gate_code>/<category>"


@retribusi.operation(
    "GET", PATH, policy=VIEWER, query=schemas.TariffListing, returns=schemas.TariffOut, paged=True
)
def list_tariffs(query: schemas.TariffListing) -> Response:
    """List the prices in force now."""
    found = queries.tariffs(
        query.page,
        query.limit,
        location_code=query.location_code,
        gate_code=query.gate_code,
        category=query.category,
    )
    return envelope.page([presenters.tariff(row) for row in found.items], found)


@retribusi.operation(
    "POST",
    PATH,
    policy=OPERATOR,
    body=schemas.TariffIn,
    returns=schemas.TariffOut,
    status=201,
    errors=[404, 409],
)
def create_tariff(body: schemas.TariffIn) -> Response:
    """Create a tariff."""
    key = service.TariffKey(body.location_code, body.gate_code, body.category)
    tariff = service.create_tariff(key, body.price, effective_from=body.effective_from, by=current_account())
    return envelope.ok(presenters.tariff(tariff), 201)


@retribusi.operation(
    "PUT", ONE, policy=OPERATOR, body=schemas.TariffChange, returns=schemas.TariffOut, errors=[404]
)
def update_tariff(location_code: str, gate_code: str, category: str, body: schemas.TariffChange) -> Response:
    """Change a price from now, or from a given time, on."""
    key = service.TariffKey(location_code, gate_code, category)
    tariff = service.change_tariff(key, body.price, effective_from=body.effective_from, by=current_account())
    return envelope.ok(presenters.tariff(tariff))


@retribusi.operation("DELETE", ONE, policy=ADMIN, returns=schemas.Deleted, errors=[404, 422])
def delete_tariff(location_code: str, gate_code: str, category: str) -> Response:
    """Delete a tariff for good; what it priced keeps its price."""
    service.delete_tariff(service.TariffKey(location_code, gate_code, category))
    return envelope.ok({"deleted": True})
