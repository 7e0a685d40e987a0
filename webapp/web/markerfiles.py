"""The list of markers as a file: CSV and XLSX whose columns can be imported again, and GeoJSON for other maps."""

from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response
from sqlalchemy import Row

from webapp import config
from webapp.identity import MEMBER, current_account
from webapp.kit import geojson
from webapp.markers import queries
from webapp.web import exports, web
from webapp.web.forms import Query
from webapp.web.markerforms import Listing

COLUMNS = tuple(column.key for column in queries.EXPORTED if column.key != "photo")


@web.page("/markers/export.<any(csv, xlsx, geojson):format>", policy=MEMBER)
def markers_export(format: str) -> Response:
    viewer = current_account()
    rows = queries.every(viewer, Query(Listing).data.wanted(viewer))
    if format == "geojson":
        return exports.attached(
            geojson.collection(map(_feature, rows)), "markers", "geojson", "application/geo+json"
        )
    zone = config.current().timezone
    cells = ([_cell(getattr(row, name), zone) for name in COLUMNS] for row in rows)
    return exports.table(format, "markers", COLUMNS, islice(cells, exports.MAX_XLSX))


def _cell(value: Any, zone: ZoneInfo) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return exports.local(value, zone) if isinstance(value, datetime) else value


def _feature(row: Row[Any]) -> dict[str, Any]:
    properties = {name: getattr(row, name) for name in COLUMNS}
    id, longitude, latitude = (properties.pop(name) for name in ("id", "longitude", "latitude"))
    return geojson.feature(id, longitude, latitude, properties)
