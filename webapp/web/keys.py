"""Device keys of one gate: made, shown once, switched off and on."""

import json
import shlex
from typing import Annotated

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import BaseModel, Field

from webapp import config
from webapp.accounts import keys
from webapp.accounts.models import ApiKey
from webapp.gates import queries, service
from webapp.gates.models import Gate
from webapp.identity import OPERATOR, current_account
from webapp.kit import clock
from webapp.web import web
from webapp.web.forms import Day, Form, Text

PATH = "/gates/<location_code>/<gate_code>/keys"


class KeyIn(BaseModel):
    name: Annotated[Text, Field(max_length=100)]
    expires_at: Day | None = None  # the last day on which it works


@web.page(f"{PATH}/new", policy=OPERATOR, methods=["GET", "POST"])
def keys_new(location_code: str, gate_code: str) -> ResponseReturnValue:
    """Answers with the key itself: once, and nothing on the way may keep it."""
    gate = service.get_gate(location_code, gate_code)
    form = Form(KeyIn, name=_("Device at %(gate)s", gate=gate.name))
    if form.accept(lambda data: _issue(gate, data)):
        return _shown_once(gate, *form.result)
    return render_template("keys/new.html", form_data=form, gate=gate), form.status


def _issue(gate: Gate, data: KeyIn) -> tuple[ApiKey, str]:
    zone = config.current().timezone
    ends = clock.day_bounds(data.expires_at, zone)[1] if data.expires_at else None
    expires_at = clock.from_unix(ends) if ends else None
    return keys.issue_gate_key(data.name, gate.id, expires_at=expires_at, by=current_account())


def _shown_once(gate: Gate, key: ApiKey, secret: str) -> Response:
    page = render_template("keys/created.html", gate=gate, key=key, secret=secret, curl=_curl(gate, secret))
    response = make_response(page, 201)
    response.headers["Cache-Control"] = "no-store"
    return response


def _curl(gate: Gate, secret: str) -> str:
    """A command that posts one event to this very server, gate and key."""
    prices = queries.tariffs(1, 1, location_code=gate.location.code, gate_code=gate.code).items
    event = {
        "timestamp": clock.unix(),
        "location_code": gate.location.code,
        "gate_code": gate.code,
        "category": prices[0].category.code if prices else "motor",
        "event_id": f"{gate.code}-{clock.unix()}-1",
    }
    lines = [
        f"curl -X POST {shlex.quote(request.host_url + 'retribusi/v1/ingest')}",
        f"  -H {shlex.quote('X-API-KEY: ' + secret)}",
        "  -H 'Content-Type: application/json'",
        f"  -d {shlex.quote(json.dumps(event))}",
    ]
    return " \\\n".join(lines)


@web.page(f"{PATH}/<int:key_id>/disable", policy=OPERATOR, methods=["POST"])
def keys_disable(location_code: str, gate_code: str, key_id: int) -> ResponseReturnValue:
    _switch(location_code, gate_code, key_id, False)
    flash(_("Key disabled. Devices that use it are refused from now on."), "success")
    return _to_gate(location_code, gate_code)


@web.page(f"{PATH}/<int:key_id>/enable", policy=OPERATOR, methods=["POST"])
def keys_enable(location_code: str, gate_code: str, key_id: int) -> ResponseReturnValue:
    _switch(location_code, gate_code, key_id, True)
    flash(_("Key enabled."), "success")
    return _to_gate(location_code, gate_code)


def _switch(location_code: str, gate_code: str, key_id: int, active: bool) -> None:
    keys.set_key_active(key_id, active, gate_id=service.get_gate(location_code, gate_code).id)


def _to_gate(location_code: str, gate_code: str) -> ResponseReturnValue:
    return redirect(
        url_for("web.gates_detail", location_code=location_code, gate_code=gate_code) + "#keys", 303
    )
