"""`/docs`: Swagger UI, served from this machine, and the document it shows."""

import orjson
from flask import Blueprint, Response, current_app, render_template

from webapp.api import openapi
from webapp.identity import PUBLIC

blueprint = Blueprint("docs", __name__)


@blueprint.get("/docs")
def swagger() -> str:
    return render_template("docs.html")


@blueprint.get("/docs/openapi.json")
def openapi_json() -> Response:
    return Response(orjson.dumps(openapi.document(current_app)), mimetype="application/json")


swagger.policy = openapi_json.policy = PUBLIC  # type: ignore[attr-defined]
