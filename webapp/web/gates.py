"""Gates: the list, making and changing them, and the page of one gate."""

from decimal import Decimal
from typing import Any, Literal

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import BaseModel, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from webapp import config
from webapp.accounts import queries as accounts
from webapp.gates import queries, service, totals
from webapp.gates.models import Gate
from webapp.identity import ADMIN, OPERATOR, VIEWER
from webapp.kit.paging import Page
from webapp.web import exports, htmx, lists, web
from webapp.web.forms import Code, Form, Latitude, Listing, Longitude, Name, Query


class GateChange(BaseModel):
    name: Name
    direction: Literal["in", "out", "both"]
    latitude: Latitude | None = None
    longitude: Longitude | None = Field(None, validate_default=True)

    @field_validator("longitude")
    @classmethod
    def _both_or_neither(cls, longitude: Decimal | None, info: ValidationInfo) -> Decimal | None:
        if "latitude" in info.data and (info.data["latitude"] is None) != (longitude is None):
            raise PydanticCustomError("half_a_place", "half a place")
        return longitude


class GateIn(GateChange):
    location: Code
    code: Code


@web.page("/gates", policy=VIEWER)
def gates() -> str:
    return render_template("gates/index.html", locations=_locations(), **_listed())


@web.page("/gates/rows", policy=VIEWER)
def gates_rows() -> ResponseReturnValue:
    return htmx.rows(render_template("gates/_rows.html", **_listed()), "web.gates")


def _listed() -> dict[str, Any]:
    asked = Query(Listing).data
    found = lists.turned(lambda number: _asked_for(asked, number), asked.page)
    return {"page": found, "heard": queries.last_heard(found.items)}


def _asked_for(asked: Listing, number: int, size: int = 20) -> Page[Gate]:
    chosen = {"location_code": asked.location, "search": asked.search, "active": asked.active}
    return queries.gates(number, size, sort=asked.sort, **chosen)  # type: ignore[arg-type]


def _locations() -> list[tuple[str, str]]:
    return [(row.code, row.name) for row in queries.locations(1, lists.MAX_CHOICES).items]


@web.page(f"/gates/export.{exports.FORMATS}", policy=VIEWER)
def gates_export(format: str) -> ResponseReturnValue:
    names = _("Location"), _("Gate"), _("Name"), _("Direction"), _("Latitude"), _("Longitude")
    found = _asked_for(Query(Listing).data, 1, exports.MAX_LIST).items
    heard = queries.last_heard(found)
    rows = [_exported(gate, heard.get(gate.id)) for gate in found]
    return exports.table(format, "gates", [*names, _("Last heard"), _("State")], rows)


def _exported(gate: Gate, heard: int | None) -> tuple[object, ...]:
    state = _("Active") if gate.is_active else _("Inactive")
    place = gate.latitude, gate.longitude
    return gate.location.code, gate.code, gate.name, gate.direction, *place, exports.local(heard), state


@web.page("/gates/new", policy=OPERATOR, methods=["GET", "POST"])
def gates_new() -> ResponseReturnValue:
    clash = "code", _("This location has a gate with this code.")
    form = Form(GateIn, conflict=clash, location=request.args.get("location", ""), direction="in")
    if form.accept(_create):
        flash(_("Gate created. Set its tariffs, then give its device a key."), "success")
        return redirect(_address(form.result), 303)
    return render_template("gates/new.html", form_data=form, locations=_locations()), form.status


def _create(data: GateIn) -> Gate:
    place = data.latitude, data.longitude
    return service.create_gate(data.location, data.code, data.name, data.direction, True, *place)


@web.page("/gates/<location_code>/<gate_code>/edit", policy=OPERATOR, methods=["GET", "POST"])
def gates_edit(location_code: str, gate_code: str) -> ResponseReturnValue:
    gate = service.get_gate(location_code, gate_code)
    fields = ("name", "direction", "latitude", "longitude")
    form = Form(GateChange, **{field: getattr(gate, field) for field in fields})
    if form.accept(lambda data: service.update_gate(location_code, gate_code, **data.model_dump())):
        return lists.saved(_address(gate), "gates/_row.html", **_one(gate))
    return lists.editing("gates", form, gate=gate)


@web.page("/gates/<location_code>/<gate_code>/row", policy=VIEWER)
def gates_row(location_code: str, gate_code: str) -> str:
    return render_template("gates/_row.html", **_one(service.get_gate(location_code, gate_code)))


def _one(gate: Gate) -> dict[str, Any]:
    return {"gate": gate, "heard": queries.last_heard([gate])}


@web.page("/gates/<location_code>/<gate_code>/deactivate", policy=ADMIN, methods=["POST"])
def gates_deactivate(location_code: str, gate_code: str) -> ResponseReturnValue:
    service.deactivate_gate(location_code, gate_code)
    flash(_("Gate deactivated. It takes no more events."), "success")
    return redirect(lists.back_to("web.gates"), 303)


@web.page("/gates/<location_code>/<gate_code>/reactivate", policy=ADMIN, methods=["POST"])
def gates_reactivate(location_code: str, gate_code: str) -> ResponseReturnValue:
    service.update_gate(location_code, gate_code, is_active=True)
    flash(_("Gate reactivated."), "success")
    return redirect(lists.back_to("web.gates"), 303)


@web.page("/gates/<location_code>/<gate_code>", policy=VIEWER)
def gates_detail(location_code: str, gate_code: str) -> str:
    gate = service.get_gate(location_code, gate_code)
    return render_template("gates/detail.html", **_today(gate), **_one(gate), **_equipment(gate))


def _today(gate: Gate) -> dict[str, Any]:
    """What has passed since midnight, from the totals."""
    day = config.today()
    here = totals.Where(gate.location.code, gate.code)
    return {"day": day, "today": totals.summary(day, here), "hours": totals.hourly(day, here)}


def _equipment(gate: Gate) -> dict[str, Any]:
    """What devices there need: prices and keys."""
    prices = queries.tariffs(1, 50, location_code=gate.location.code, gate_code=gate.code).items
    keys = accounts.keys_of_gate(gate.id)
    names = {category.code: lists.category_name(category) for category in queries.categories()}
    return {"tariffs": prices, "changes": queries.next_changes(prices), "keys": keys, "category_names": names}


def _address(gate: Gate) -> str:
    return url_for("web.gates_detail", location_code=gate.location.code, gate_code=gate.code)
