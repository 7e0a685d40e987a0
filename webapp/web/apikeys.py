"""API keys: all of them; made, revealed, switched, rotated and deleted. Those of one gate are in keys.py."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import BaseModel, BeforeValidator, Field

from webapp.accounts import keylist, keys
from webapp.accounts import queries as accounts
from webapp.accounts.models import ApiKey
from webapp.errors import Conflict, Invalid, NotFound
from webapp.gates import queries, service
from webapp.gates.models import Gate
from webapp.identity import ADMIN, current_account
from webapp.kit.paging import Page
from webapp.web import exports, htmx, keyexamples, lists, web
from webapp.web.forms import Day, Form, Listing, Query, Text, Word

ONE = "/keys/<uuid:public_id>"
Overlap = Literal["0", "1", "24", "168"]  # hours


def _known(*words: str) -> BeforeValidator:
    """A filter that is one of `words`; any other counts as none."""
    return BeforeValidator(lambda text: text if text in words else None)


class KeyListing(Listing):
    scope: Annotated[str | None, _known(*keys.SCOPES)] = None
    state: Annotated[keylist.State | None, _known("active", "off", "expired")] = None


class ApiKeyIn(BaseModel):
    name: Annotated[Text, Field(max_length=100)]
    scope: Literal["ingest", "reports"]
    gate: Word | None = None
    expires_at: Day | None = None  # the last day on which it works


class RotationIn(BaseModel):
    overlap: Overlap


@web.app_template_global()
def scope_name(scope: str) -> str:
    return {"ingest": _("Devices: send events"), "reports": _("Partners: reports")}.get(scope, scope)


@web.app_template_global()
def key_state(key: ApiKey) -> tuple[str, str]:
    """What a key's state is called, and how its badge looks."""
    return {
        "active": (_("Active"), "success"),
        "off": (_("Off"), "neutral"),
        "expired": (_("Expired"), "warning"),
    }[keylist.state_of(key)]


@web.page("/keys", policy=ADMIN)
def apikeys() -> str:
    return render_template("apikeys/index.html", scopes=_scopes(), **_listed())


@web.page("/apikeys/rows", policy=ADMIN)
def apikeys_rows() -> ResponseReturnValue:
    return htmx.rows(render_template("apikeys/_rows.html", **_listed()), "web.apikeys")


def _scopes() -> list[tuple[str, str]]:
    return [(scope, scope_name(scope)) for scope in keys.SCOPES]


def _listed() -> dict[str, Any]:
    asked = Query(KeyListing).data
    found = lists.turned(lambda number: _asked_for(asked, number), asked.page)
    return {"page": found, **_around(found.items)}


def _asked_for(asked: KeyListing, number: int, size: int = 20) -> Page[ApiKey]:
    return keylist.page(number, size, search=asked.search, scope=asked.scope or "", state=asked.state)


def _around(found: Sequence[ApiKey]) -> dict[str, Any]:
    """What a page says of keys beside themselves: gates, makers, and the keys before and after them."""
    relatives = keylist.relatives(found)
    return {
        "gates": queries.gates_by_id(key.gate_id for key in found),
        "people": accounts.names(key.created_by_id for key in found),
        "relatives": relatives,
        "successors": keylist.successors(relatives.values()),
    }


@web.page("/keys/export.csv", policy=ADMIN)
def apikeys_export() -> Response:
    """Never the keys themselves."""
    header = _("Name"), _("Key"), _("Scope"), _("Location"), _("Gate"), _("State")
    more = _("Last used"), _("Expires"), _("Created by"), _("Created")
    found = _asked_for(Query(KeyListing).data, 1, keys.MAX_KEYS).items
    around = _around(found)
    rows = [_exported(key, around["gates"], around["people"]) for key in found]
    return exports.csv("api-keys", [*header, *more], rows)


def _exported(key: ApiKey, gates: dict[int, Gate], people: dict[int, str]) -> tuple[object, ...]:
    gate = gates.get(key.gate_id or 0)
    place = (gate.location.code, gate.code) if gate else ("", "")
    times = exports.local(key.last_used_at), exports.local(key.expires_at)
    made = people.get(key.created_by_id or 0, ""), exports.local(key.created_at)
    return key.name, key.hint, key.scope, *place, key_state(key)[0], *times, *made


@web.page("/keys/new", policy=ADMIN, methods=["GET", "POST"])
def apikeys_new() -> ResponseReturnValue:
    """Answers with the key itself."""
    form = Form(ApiKeyIn, conflict=("gate", ""), scope="ingest")
    if form.accept(_issue):
        key, secret, gate = form.result
        return keyexamples.shown("apikeys/shown.html", key, secret, gate, 201, title=_("Key created"))
    gates = lists.gate_choices(queries.gates(1, lists.MAX_CHOICES).items)
    return render_template("apikeys/new.html", form_data=form, scopes=_scopes(), gates=gates), form.status


def _issue(data: ApiKeyIn) -> tuple[ApiKey, str, Gate | None]:
    ends, by = keyexamples.end_of(data.expires_at), current_account()
    if not data.gate:
        return *keys.issue_key(data.name, scope=data.scope, expires_at=ends, by=by), None
    if data.scope != "ingest":
        raise Invalid({"gate": "Only a device's key is bound to a gate"})
    gate = _gate(data.gate)
    return *keys.issue_gate_key(data.name, gate.id, expires_at=ends, by=by), gate


def _gate(path: str) -> Gate:
    location, _slash, code = path.partition("/")
    try:
        return service.get_gate(location, code)
    except NotFound:
        raise Invalid({"gate": _("Choose one of the list.")}) from None


@web.page(ONE, policy=ADMIN)
def apikeys_detail(public_id: uuid.UUID) -> str:
    return _detail(keys.get_key(public_id))


def _detail(key: ApiKey) -> str:
    overlaps = ("0", _("at once")), ("1", _("in 1 hour")), ("24", _("in 24 hours")), ("168", _("in 7 days"))
    shown = keylist.can_be_shown(key)
    context = {"overlaps": overlaps, "can_be_shown": shown, "state": keylist.state_of(key)}
    return render_template("apikeys/detail.html", key=key, **context, **_around([key]))


@web.page(f"{ONE}/reveal", policy=ADMIN, methods=["POST"])
def apikeys_reveal(public_id: uuid.UUID) -> ResponseReturnValue:
    key = keys.get_key(public_id)
    try:
        secret = keys.reveal_key(public_id)
    except Conflict as refusal:
        flash(_(refusal.message), "danger")
        return _to(key)
    gate = queries.gates_by_id([key.gate_id]).get(key.gate_id or 0)
    return keyexamples.shown("apikeys/shown.html", key, secret, gate, 200, title=key.name)


@web.page(f"{ONE}/rotate", policy=ADMIN, methods=["POST"])
def apikeys_rotate(public_id: uuid.UUID) -> ResponseReturnValue:
    """Answers with the successor itself."""
    form = Form(RotationIn)
    try:
        if form.accept(lambda data: _rotate(public_id, data)):
            key, secret = form.result
            gate = queries.gates_by_id([key.gate_id]).get(key.gate_id or 0)
            return keyexamples.shown("apikeys/shown.html", key, secret, gate, 201, title=_("Key rotated"))
        flash(_("Choose one of the list."), "danger")
    except Conflict as refusal:
        flash(_(refusal.message), "danger")
    return _to(keys.get_key(public_id))


def _rotate(public_id: uuid.UUID, data: RotationIn) -> tuple[ApiKey, str]:
    return keys.rotate_key(public_id, overlap=timedelta(hours=int(data.overlap)), by=current_account())


@web.page(f"{ONE}/disable", policy=ADMIN, methods=["POST"])
def apikeys_disable(public_id: uuid.UUID) -> ResponseReturnValue:
    key = keys.set_key_active(keys.get_key(public_id).id, False)
    flash(_("Key disabled. Whoever uses it is refused from now on."), "success")
    return _to(key)


@web.page(f"{ONE}/enable", policy=ADMIN, methods=["POST"])
def apikeys_enable(public_id: uuid.UUID) -> ResponseReturnValue:
    key = keys.set_key_active(keys.get_key(public_id).id, True)
    flash(_("Key enabled."), "success")
    return _to(key)


@web.page(f"{ONE}/delete", policy=ADMIN, methods=["POST"])
def apikeys_delete(public_id: uuid.UUID) -> ResponseReturnValue:
    keys.delete_key(public_id)
    flash(_("Key deleted. Its past stays in the activity log."), "success")
    return redirect(url_for("web.apikeys"), 303)


def _to(key: ApiKey) -> Response:
    return redirect(url_for("web.apikeys_detail", public_id=key.public_id), 303)  # type: ignore[return-value]
