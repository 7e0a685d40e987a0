"""Copy the files the browser needs from node_modules to static/vendor, and nothing else.

node_modules holds a hundred megabytes of sources, maps and formats; these few files are the ones served.
"""

import shutil
from pathlib import Path

import basemap

ROOT = Path(__file__).resolve().parent.parent

# folder under static/vendor: (npm package, its files; each keeps its path, less a leading dist/)
ASSETS: dict[str, tuple[str, tuple[str, ...]]] = {
    "tabler": ("@tabler/core", ("dist/css/tabler.min.css",)),
    "inter": (
        "@fontsource-variable/inter",
        ("files/inter-latin-wght-normal.woff2",),
    ),
    "htmx": ("htmx.org", ("dist/htmx.min.js",)),
    "chart.js": ("chart.js", ("dist/chart.umd.min.js",)),
    "leaflet": (
        "leaflet",
        ("dist/leaflet.js", "dist/leaflet.css", "dist/images/layers.png", "dist/images/layers-2x.png"),
    ),
    "leaflet.markercluster": (
        "leaflet.markercluster",
        ("dist/leaflet.markercluster.js", "dist/MarkerCluster.css"),
    ),
    "swagger-ui": ("swagger-ui-dist", ("swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png")),
    # for the accessibility tests: no page links to it
    "axe": ("axe-core", ("axe.min.js",)),
}


def vendor(packages: Path, target: Path) -> int:
    """Fill `target` anew from the folder `packages`; answers how many files it then holds."""
    shutil.rmtree(target, ignore_errors=True)
    count = 0
    for folder, (package, names) in ASSETS.items():
        for name in names:
            copy = target / folder / name.removeprefix("dist/")
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(packages / package / name, copy)
            count += 1
    return count


if __name__ == "__main__":
    count = vendor(ROOT / "node_modules", ROOT / "static" / "vendor")
    basemap.build(
        ROOT / "node_modules" / "world-atlas", ROOT / "static" / "vendor" / "basemap" / "world.json"
    )
    print(f"Copied {count} browser assets to static/vendor.")
