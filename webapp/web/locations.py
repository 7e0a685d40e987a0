"""Locations: the list, making and changing them."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import BaseModel

from webapp.gates import queries, service
from webapp.gates.models import Location
from webapp.identity import ADMIN, OPERATOR, VIEWER
from webapp.kit.paging import Page
from webapp.web import exports, htmx, lists, web
from webapp.web.forms import Code, Form, Kind, Listing, Name, Query


class LocationChange(BaseModel):
    name: Name
    type: Kind


class LocationIn(LocationChange):
    code: Code


@web.page("/locations", policy=VIEWER)
def locations() -> str:
    return render_template("locations/index.html", **_listed())


@web.page("/locations/rows", policy=VIEWER)
def locations_rows() -> ResponseReturnValue:
    return htmx.rows(render_template("locations/_rows.html", **_listed()), "web.locations")


def _listed() -> dict[str, Any]:
    asked = Query(Listing).data
    found = lists.turned(lambda number: _asked_for(asked, number), asked.page)
    return {"page": found, "gate_counts": queries.count_gates(found.items)}


def _asked_for(asked: Listing, number: int, size: int = 20) -> Page[Location]:
    return queries.locations(number, size, search=asked.search, active=asked.active, sort=asked.sort)


@web.page(f"/locations/export.{exports.FORMATS}", policy=VIEWER)
def locations_export(format: str) -> ResponseReturnValue:
    header = [_("Code"), _("Name"), _("Type"), _("State")]
    found = _asked_for(Query(Listing).data, 1, exports.MAX_LIST).items
    rows = [(row.code, row.name, row.type, _("Active") if row.is_active else _("Inactive")) for row in found]
    return exports.table(format, "locations", header, rows)


@web.page("/locations/new", policy=OPERATOR, methods=["GET", "POST"])
def locations_new() -> ResponseReturnValue:
    form = Form(LocationIn, conflict=("code", _("Another location has this code.")))
    if form.accept(lambda data: service.create_location(data.code, data.name, data.type)):
        flash(_("Location created. Now add its gates."), "success")
        return redirect(url_for("web.gates_new", location=form.result.code), 303)
    return render_template("locations/new.html", form_data=form), form.status


@web.page("/locations/<code>/edit", policy=OPERATOR, methods=["GET", "POST"])
def locations_edit(code: str) -> ResponseReturnValue:
    location = service.get_location(code)
    form = Form(LocationChange, name=location.name, type=location.type)
    if form.accept(lambda data: service.update_location(code, name=data.name, type=data.type)):
        return lists.saved(url_for("web.locations"), "locations/_row.html", **_one(location))
    return lists.editing("locations", form, location=location)


@web.page("/locations/<code>/row", policy=VIEWER)
def locations_row(code: str) -> str:
    return render_template("locations/_row.html", **_one(service.get_location(code)))


def _one(location: Location) -> dict[str, Any]:
    return {"location": location, "gate_counts": queries.count_gates([location])}


@web.page("/locations/<code>/deactivate", policy=ADMIN, methods=["POST"])
def locations_deactivate(code: str) -> ResponseReturnValue:
    service.deactivate_location(code)
    flash(_("Location deactivated. Its gates take no more events."), "success")
    return redirect(lists.back_to("web.locations"), 303)


@web.page("/locations/<code>/reactivate", policy=ADMIN, methods=["POST"])
def locations_reactivate(code: str) -> ResponseReturnValue:
    service.update_location(code, is_active=True)
    flash(_("Location reactivated."), "success")
    return redirect(lists.back_to("web.locations"), 303)
