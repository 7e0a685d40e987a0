"""The rows of a table of markers, whatever kind of file they come in: CSV, XLSX or GeoJSON."""

from collections.abc import Iterator
from typing import Any

import orjson

from webapp.errors import Invalid
from webapp.kit import tables as kit_tables
from webapp.kit.tables import NotATable, Records, Table


def read(data: bytes) -> Table:
    """The kind of a file is what it holds, not how it is called. Raises Invalid, also while the rows are read."""
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return Table(_of_geojson(data), commas=False)
    table = kit_tables.read(data)
    return Table(_refusing(table.records), table.commas)


def _refusing(records: Records) -> Iterator[tuple[int, list[str]]]:
    try:
        yield from records
    except NotATable as error:
        raise Invalid({"file": str(error)}) from None


def _of_geojson(data: bytes) -> Records:
    """Points as rows: their properties are the columns, the first feature is row 2."""
    features = _features(data)
    names = list(dict.fromkeys(name for one in features for name in one["properties"]))
    yield 1, names
    for row, one in enumerate(features, start=2):
        yield row, [_told(one["properties"].get(name)) for name in names]


def _features(data: bytes) -> list[dict[str, Any]]:
    try:
        found = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
        return [{"properties": _flat(feature)} for feature in found["features"]]
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        raise Invalid({"file": "Is not a GeoJSON FeatureCollection of points"}) from None


def _flat(feature: dict[str, Any]) -> dict[str, Any]:
    if feature["geometry"]["type"] != "Point":
        raise ValueError("not a point")
    longitude, latitude, *_ = feature["geometry"]["coordinates"]
    properties = {str(name).lower(): value for name, value in (feature.get("properties") or {}).items()}
    return properties | {"id": feature.get("id"), "longitude": longitude, "latitude": latitude}


def _told(value: Any) -> str:
    if value is None:
        return ""
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else kit_tables.written(value)
