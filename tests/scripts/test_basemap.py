"""The map's background: TopoJSON read as its specification says."""

import json
from pathlib import Path
from typing import Any

import basemap

# Two squares that share the side from (1, 0) to (1, 1), in tenths of a degree; the second takes it backwards.
TOPOLOGY: dict[str, Any] = {
    "type": "Topology",
    "transform": {"scale": [0.1, 0.1], "translate": [0, 0]},
    "arcs": [
        [[10, 0], [0, 10]],
        [[10, 10], [-10, 0], [0, -10], [10, 0]],
        [[10, 0], [10, 0], [0, 10], [-10, 0]],
    ],
    "objects": {
        "countries": {
            "type": "GeometryCollection",
            "geometries": [
                {"type": "Polygon", "id": "360", "arcs": [[0, 1]]},
                {"type": "MultiPolygon", "id": "608", "arcs": [[[2, -1]]]},
            ],
        }
    },
}


def test_shared_borders_are_followed_both_ways() -> None:
    first, second = basemap.countries(TOPOLOGY)
    assert first["properties"] == {"id": "360", "home": True}
    assert first["geometry"]["coordinates"] == [[[(1, 0), (1, 1), (0, 1), (0, 0), (1, 0)]]]
    assert second["properties"]["home"] is False
    assert second["geometry"]["coordinates"] == [[[(1, 0), (2, 0), (2, 1), (1, 1), (1, 0)]]]


def test_neighbours_are_fine_and_the_rest_is_coarse(tmp_path: Path) -> None:
    for scale in ("10m", "110m"):
        (tmp_path / f"countries-{scale}.json").write_text(json.dumps(TOPOLOGY))
    target = tmp_path / "made" / "world.json"
    assert basemap.build(tmp_path, target) == 2
    drawn = json.loads(target.read_text())
    assert [one["properties"]["id"] for one in drawn["features"]] == ["608", "360"]
