"""Device keys of one gate: made, shown once, switched off and on."""

from typing import Annotated

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import BaseModel, Field

from webapp.accounts import keys
from webapp.accounts.models import ApiKey
from webapp.gates import service
from webapp.gates.models import Gate
from webapp.identity import OPERATOR, current_account
from webapp.web import keyexamples, web
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
        key, secret = form.result
        return keyexamples.shown("keys/created.html", key, secret, gate, 201)
    return render_template("keys/new.html", form_data=form, gate=gate), form.status


def _issue(gate: Gate, data: KeyIn) -> tuple[ApiKey, str]:
    expires_at = keyexamples.end_of(data.expires_at)
    return keys.issue_gate_key(data.name, gate.id, expires_at=expires_at, by=current_account())


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
