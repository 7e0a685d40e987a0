"""`GET /`: the one path that two contracts and the browser share (contracts, All surfaces)."""

from datetime import UTC, datetime

import orjson
from flask import Blueprint, Response, redirect, url_for
from flask.typing import ResponseReturnValue

from webapp.api.surface import named
from webapp.identity import PUBLIC, signed_in

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """The dashboard (or sign-in) for browsers, contract 4's status for JSON clients, the documentation for the rest."""
    html, json = named("text/html"), named("application/json")
    if html and html >= json:
        return redirect(url_for("web.dashboard" if signed_in() else "web.sign_in"))
    if json:
        return _status()
    return redirect(url_for("docs.swagger"))


def _status() -> Response:
    body = {
        "success": True,
        "status": 200,
        "message": "Gerbang API is running",
        "path": "/",
        "timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    return Response(orjson.dumps(body), mimetype="application/json")


index.policy = PUBLIC  # type: ignore[attr-defined]
