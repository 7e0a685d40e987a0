"""The list of markers as a file: CSV and XLSX whose columns can be imported again, and GeoJSON for other maps."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from flask import Response
from sqlalchemy import Row

from webapp import config
from webapp.identity import MEMBER, current_account
from webapp.markers import queries
from webapp.web import exports, web
from webapp.web.forms import Query
from webapp.web.markerforms import Listing

COLUMNS = tuple(column.key for column in queries.EXPORTED if column.key != "photo")
_CHUNK = 1_000


@web.page("/markers/export.<any(csv, xlsx, geojson):format>", policy=MEMBER)
def markers_export(format: str) -> Response:
    viewer = current_account()
    rows = queries.every(viewer, Query(Listing).data.wanted(viewer))
    if format == "geojson":
        return exports.attached(_collection(rows), "markers", "geojson", "application/geo+json")
    zone = config.current().timezone
    cells = ([_cell(getattr(row, name), zone) for name in COLUMNS] for row in rows)
    return exports.table(format, "markers", COLUMNS, islice(cells, exports.MAX_XLSX))


def _cell(value: Any, zone: ZoneInfo) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return exports.local(value, zone) if isinstance(value, datetime) else value


def _collection(rows: Iterable[Row[Any]]) -> Iterator[bytes]:
    """A FeatureCollection, sent while it is read."""
    features, start = (_feature(row) for row in rows), b""
    yield b'{"type":"FeatureCollection","features":['
    while some := list(islice(features, _CHUNK)):
        yield start + orjson.dumps(some)[1:-1]
        start = b","
    yield b"]}"


def _feature(row: Row[Any]) -> dict[str, Any]:
    properties = {name: getattr(row, name) for name in COLUMNS}
    place = [properties.pop("longitude"), properties.pop("latitude")]
    id = properties.pop("id")
    point = {"type": "Point", "coordinates": place}
    return {"type": "Feature", "id": id, "geometry": point, "properties": properties}
