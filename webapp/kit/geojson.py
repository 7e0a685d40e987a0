"""GeoJSON (RFC 7946) as bytes, sent while the rows are still being read."""

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from webapp.kit.chunks import chunks


def feature(id: object, longitude: object, latitude: object, properties: dict[str, Any]) -> dict[str, Any]:
    """A place and what is known of it."""
    point = {"type": "Point", "coordinates": (longitude, latitude)}
    return {"type": "Feature", "id": id, "geometry": point, "properties": properties}


def collection(features: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """A FeatureCollection, a thousand features at a time."""
    start = b'{"type":"FeatureCollection","features":['
    for some in chunks(features):
        yield start + orjson.dumps(some)[1:-1]
        start = b","
    yield b"]}" if start == b"," else start + b"]}"
