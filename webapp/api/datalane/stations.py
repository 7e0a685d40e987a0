"""Stations (contract 3, H)."""

from flask import Response

from webapp.api.datalane import datalane, envelope, report_presenters, report_schemas
from webapp.documents import stations
from webapp.identity import PROTECTED, SHARED

PATH = "/api/stations"
ONE = f"{PATH}/<int:id>"


@datalane.operation("GET", PATH, policy=PROTECTED, returns=report_schemas.StationsOut)
def list_stations() -> Response:
    """List stations, by number."""
    return envelope.ok({"stations": [report_presenters.station(row) for row in stations.listed()]})


@datalane.operation(
    "POST",
    PATH,
    policy=SHARED,
    body=report_schemas.NewStations,
    returns=report_schemas.StationOut | report_schemas.Counted,
    errors=[409],
)
def create_stations(body: report_schemas.NewStations) -> Response:
    """Create one station, or an array of them: all or none."""
    made = stations.create(body.pairs)
    return envelope.ok({"count": len(made)} if body.is_batch else report_presenters.station(made[0]))


@datalane.operation(
    "PUT",
    PATH,
    policy=SHARED,
    body=report_schemas.StationList,
    returns=report_schemas.Counted,
    errors=[404, 409],
)
def update_stations(body: report_schemas.StationList) -> Response:
    """Update stations: all or none."""
    return envelope.ok({"count": len(stations.rename(body.pairs))})


@datalane.operation(
    "PUT",
    ONE,
    policy=SHARED,
    body=report_schemas.StationName,
    returns=report_schemas.RenamedStation,
    errors=[404],
)
def update_station(id: int, body: report_schemas.StationName) -> Response:
    """Update a station."""
    [station] = stations.rename([(id, body.name)])
    return envelope.ok({"id": station.id, "name": station.name})


@datalane.operation(
    "DELETE",
    PATH,
    policy=SHARED,
    body=report_schemas.StationNumbers,
    returns=report_schemas.Counted,
    errors=[404],
)
def delete_stations(body: report_schemas.StationNumbers) -> Response:
    """Delete stations by an array of their numbers: all or none."""
    return envelope.ok({"count": stations.delete(body.root)})


@datalane.operation("DELETE", ONE, policy=SHARED, returns=report_schemas.Deleted, errors=[404])
def delete_station(id: int) -> Response:
    """Delete a station."""
    return envelope.ok({"deleted": stations.delete([id])})
