"""The browser's files: our styles and scripts bundled, every URL with a version, so that browsers may keep them."""

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from flask_assets import Bundle

from webapp import extensions

A_YEAR = 31_536_000
COMPRESSED = {"text/css", "text/javascript", "application/javascript", "application/json", "image/svg+xml"}

APP_CSS = Bundle(
    Bundle("vendor/tabler/css/tabler.min.css", filters="cssrewrite"),
    Bundle(
        "css/base.css",
        "css/shell.css",
        "css/parts.css",
        "css/dashboard.css",
        "css/manage.css",
        "css/markers.css",
        "css/reports.css",
        "css/accounts.css",
        "css/admin.css",
        "css/notices.css",
        "css/billing.css",
        "css/customers.css",
        "css/invoices.css",
        filters="cssrewrite",
    ),
    output="gen/app.css",
)
MAP_CSS = Bundle(
    Bundle(
        "vendor/leaflet/leaflet.css",
        "vendor/leaflet.markercluster/MarkerCluster.css",
        "css/map.css",
        filters="cssrewrite",
    ),
    output="gen/map.css",
)
MAP_JS = Bundle(
    "vendor/leaflet/leaflet.js",
    "vendor/leaflet.markercluster/leaflet.markercluster.js",
    "js/map.js",
    output="gen/map.js",
)
APP_JS = Bundle(
    "vendor/htmx/htmx.min.js",
    "js/toasts.js",
    "js/shell.js",
    "js/forms.js",
    "js/places.js",
    "js/notifications.js",
    output="gen/app.js",
)
CHARTS_JS = Bundle("vendor/chart.js/chart.umd.min.js", "js/charts.js", output="gen/charts.js")


def init_app(app: Flask) -> None:
    extensions.assets.init_app(app)
    app.after_request(compress)
    app.config["ASSETS_AUTO_BUILD"] = app.config["GERBANG"].GERBANG_ENV != "production"
    app.config["ASSETS_URL_EXPIRE"] = False  # add_version below does it for every file
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = A_YEAR
    if "app_css" not in extensions.assets:  # the instance outlives an application; tests make several
        bundles = {"app_css": APP_CSS, "app_js": APP_JS, "charts_js": CHARTS_JS}
        extensions.assets.register(bundles | {"map_css": MAP_CSS, "map_js": MAP_JS})

    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "v" not in values:
            file = Path(app.static_folder or "") / values["filename"]
            if file.is_file():
                values["v"] = _version(file, file.stat().st_mtime_ns)


def compress(response: Response) -> Response:
    """Style sheets and scripts travel packed. Only files: pages carry secrets (BREACH), streams must flow."""
    wanted = response.mimetype in COMPRESSED and request.accept_encodings["gzip"] > 0
    if request.endpoint == "static" and response.status_code == 200 and wanted:
        response.direct_passthrough = False
        packed = _packed(response.get_data())
        response.close()  # the file; its bytes are replaced
        response.set_data(packed)
        response.headers["Content-Encoding"] = "gzip"
        response.vary.add("Accept-Encoding")
    return response


@lru_cache(maxsize=50)
def _packed(data: bytes) -> bytes:
    return gzip.compress(data)


@lru_cache(maxsize=500)
def _version(file: Path, _changed: int) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10]
