"""What the embedded user interface loads before it starts (contract 3, UI Configuration)."""

import orjson
from flask import Response

from webapp.api.datalane import datalane
from webapp.identity import PUBLIC

SETTINGS = {"API_BASE_URL": "/api"}


@datalane.operation("GET", "/config.js", policy=PUBLIC, returns=str, media_type="text/javascript")
def config_js() -> Response:
    """Runtime configuration as a script: `API_BASE_URL`, by itself and in `APP_CONFIG`."""
    assigned = {**SETTINGS, "APP_CONFIG": SETTINGS}
    lines = [f"window.{name} = {orjson.dumps(value).decode()};\n" for name, value in assigned.items()]
    response = Response("".join(lines), mimetype="text/javascript")
    response.headers["Cache-Control"] = "public, max-age=300"
    return response
