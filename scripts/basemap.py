"""Draw the map's background from world-atlas (Natural Earth, public domain): GeoJSON of the world's countries.

Indonesia and its neighbours as finely as there is, the rest coarsely, because all of it goes to a phone.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HOME = "360"  # Indonesia, by its number in ISO 3166
NEAR = {HOME, "096", "458", "598", "626", "702"}  # Brunei, Malaysia, Papua New Guinea, Timor, Singapore
DECIMALS = 3  # about 100 m, finer than the source
Ring = list[tuple[float, float]]


def build(atlas: Path, target: Path) -> int:
    """Write the map to `target` from the folder of world-atlas; answers how many countries it shows."""
    fine = (one for one in countries(_read(atlas, "10m")) if one["properties"]["id"] in NEAR)
    coarse = (one for one in countries(_read(atlas, "110m")) if one["properties"]["id"] not in NEAR)
    features = [*coarse, *fine]
    target.parent.mkdir(parents=True, exist_ok=True)
    collection = {"type": "FeatureCollection", "features": features}
    target.write_text(json.dumps(collection, separators=(",", ":")))
    return len(features)


def _read(atlas: Path, scale: str) -> dict[str, Any]:
    topology: dict[str, Any] = json.loads((atlas / f"countries-{scale}.json").read_text())
    return topology


def countries(topology: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The countries of a TopoJSON file as GeoJSON features; HOME has `home` among its properties."""
    arcs = list(_arcs(topology))
    for geometry in topology["objects"]["countries"]["geometries"]:
        known = str(geometry.get("id", ""))
        parts = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        shape = [[_ring(arcs, numbers) for numbers in polygon] for polygon in parts]
        properties = {"id": known, "home": known == HOME}
        drawn = {"type": "MultiPolygon", "coordinates": shape}
        yield {"type": "Feature", "properties": properties, "geometry": drawn}


def _arcs(topology: dict[str, Any]) -> Iterator[Ring]:
    """Lines in degrees; the file has whole numbers, each point as its distance from the one before."""
    (wide, high), (west, south) = topology["transform"]["scale"], topology["transform"]["translate"]
    for arc in topology["arcs"]:
        x = y = 0
        line: Ring = []
        for right, up in arc:
            x, y = x + right, y + up
            line.append((round(x * wide + west, DECIMALS), round(y * high + south, DECIMALS)))
        yield line


def _ring(arcs: list[Ring], numbers: list[int]) -> Ring:
    """A closed line of arcs one after the other; a number below zero is an arc backwards."""
    ring: Ring = []
    for number in numbers:
        line = arcs[number] if number >= 0 else arcs[~number][::-1]
        ring += line[1:] if ring else line
    return _unbroken(ring)


def _unbroken(ring: Ring) -> Ring:
    """The line drawn on across the date line, rather than back around the whole earth."""
    drawn: Ring = ring[:1]
    for x, y in ring[1:]:
        turns = round((drawn[-1][0] - x) / 360)
        drawn.append((round(x + 360 * turns, DECIMALS), y))
    return drawn
