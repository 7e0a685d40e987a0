"""`/docs`: Swagger UI, served from this machine, the document it shows, and the same as a Postman collection."""

import orjson
from flask import Blueprint, Response, current_app, render_template

from webapp.api import openapi, postman
from webapp.identity import PUBLIC

blueprint = Blueprint("docs", __name__)


@blueprint.get("/docs")
def swagger() -> str:
    return render_template("docs.html")


@blueprint.get("/docs/openapi.json")
def openapi_json() -> Response:
    return Response(orjson.dumps(openapi.document(current_app)), mimetype="application/json")


@blueprint.get("/docs/postman.json")
def postman_json() -> Response:
    return Response(postman.text(openapi.document(current_app)), mimetype="application/json")


swagger.policy = openapi_json.policy = postman_json.policy = PUBLIC  # type: ignore[attr-defined]
