"""GET /health: for load balancers and for `make run`."""

import orjson
from flask import Response
from sqlalchemy import text

from webapp.api.retribusi import retribusi, schemas
from webapp.extensions import db
from webapp.identity import PUBLIC
from webapp.kit import clock


@retribusi.operation("GET", "/health", policy=PUBLIC, returns=schemas.Health, errors=[503])
def health() -> Response:
    """Health check: 200 when the database answers."""
    db.session.execute(text("SELECT 1"))
    return Response(orjson.dumps({"status": "ok", "time": clock.unix()}), mimetype="application/json")
