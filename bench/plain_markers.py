"""Gerbang with one view more: the rows of the light list as the driver gives them, dumped by orjson in one piece."""

import orjson
from flask import Response

from webapp import create_app
from webapp.api.bamboo import envelope
from webapp.api.surface import Surface
from webapp.extensions import db
from webapp.identity import MEMBER

FIELDS = ("id", "short_code", "name", "latitude", "longitude")
SQL = f"SELECT {', '.join(FIELDS)} FROM markers ORDER BY created_at DESC LIMIT 10000"

app = create_app()
plain = Surface("plain", __name__, prefixes=("/plain",), dialect=envelope)


@plain.operation("GET", "/plain/markers", policy=MEMBER, returns=str)
def markers() -> Response:
    """The rows as they are."""
    cursor = db.session.connection().connection.cursor()
    rows = [dict(zip(FIELDS, row, strict=True)) for row in cursor.execute(SQL).fetchall()]
    return Response(orjson.dumps(rows, default=float), mimetype="application/json")


app.register_blueprint(plain)
