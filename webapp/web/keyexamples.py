"""Commands to copy beside a key that was just made or revealed: each works as it stands."""

import json
import shlex
from datetime import date, datetime

from flask import Response, make_response, render_template, request

from webapp import config
from webapp.accounts.models import ApiKey
from webapp.gates import queries
from webapp.gates.models import Gate
from webapp.kit import clock


def ingest_command(secret: str, gate: Gate | None) -> str:
    """Posts one event of the gate (or, for a key of all gates, of one of them) to this very server."""
    shown = gate or next(iter(queries.gates(1, 1, active=True).items), None)
    location, code = (shown.location.code, shown.code) if shown else ("kerkof_01", "gate01")
    prices = queries.tariffs(1, 1, location_code=location, gate_code=code).items
    event = {
        "timestamp": clock.unix(),
        "location_code": location,
        "gate_code": code,
        "category": prices[0].category.code if prices else "motor",
        "event_id": f"{code}-{clock.unix()}-1",
    }
    return _lines(
        f"curl -X POST {shlex.quote(request.host_url + 'retribusi/v1/ingest')}",
        f"-H {shlex.quote('X-API-KEY: ' + secret)}",
        "-H 'Content-Type: application/json'",
        f"-d {shlex.quote(json.dumps(event))}",
    )


def report_command(secret: str) -> str:
    """Asks for yesterday's report; openssl signs the body with the key, as every body of the report API must be."""
    body = {"branch_id": 1, "gate_id": 1, "station_id": 1, "filter": {"date_mode": "yesterday"}}
    assignments = (
        f"KEY={shlex.quote(secret)}",
        f"BODY={shlex.quote(json.dumps(body))}",
        'SIGNATURE=$(printf %s "$BODY" | openssl dgst -sha256 -hmac "$KEY" -r | cut -d" " -f1)',
    )
    call = _lines(
        f"curl -X POST {shlex.quote(request.host_url + 'api/queue')}",
        '-H "X-API-KEY: $KEY"',
        '-H "X-Signature: $SIGNATURE"',
        "-H 'Content-Type: application/json'",
        '-d "$BODY"',
    )
    return "\n".join((*assignments, call))


def _lines(*parts: str) -> str:
    return " \\\n  ".join(parts)


def shown(
    template: str, key: ApiKey, secret: str, gate: Gate | None, status: int, **context: object
) -> Response:
    """The page with the key itself and a command to try it; nothing on the way may keep it."""
    command = report_command(secret) if key.scope == "reports" else ingest_command(secret, gate)
    page = render_template(template, key=key, secret=secret, curl=command, gate=gate, **context)
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def end_of(day: date | None) -> datetime | None:
    """When a key ends whose last (business) day this is."""
    return clock.from_unix(clock.day_bounds(day, config.current().timezone)[1]) if day else None
