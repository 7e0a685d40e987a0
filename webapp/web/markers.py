"""Markers: the list, the page of one, registering, changing and deleting them."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from htmx_flask import request

from webapp.identity import MEMBER, current_account
from webapp.kit.paging import Page
from webapp.markers import queries, service
from webapp.markers.models import Marker
from webapp.web import htmx, lists, web
from webapp.web.forms import Form, Query
from webapp.web.labels import inline_qr
from webapp.web.markerforms import MAX_BODY, Listing, MarkerIn, accepted, values_of

CLOSE = 17  # the map's zoom
CHANGED = "markers-changed"  # the event that tells the map to look again


@web.page("/markers", policy=MEMBER)
def markers() -> str:
    return render_template("markers/index.html", strains=strain_choices(), **listed(Query(Listing).data))


def strain_choices() -> list[tuple[str, str]]:
    """What a filter offers: the strains that the reader sees."""
    return [(strain, strain) for strain in queries.strains(current_account())]


@web.page("/markers/rows", policy=MEMBER)
def markers_rows() -> ResponseReturnValue:
    return htmx.rows(render_template("markers/_rows.html", **listed(Query(Listing).data)), "web.markers")


def listed(asked: Listing, size: int = 20) -> dict[str, Any]:
    """A page of what the address asks for."""
    viewer = current_account()

    def turn(number: int) -> Page[Marker]:
        return queries.page(viewer, asked.wanted(viewer), number, size, **order(asked.sort))

    return {"page": lists.turned(turn, asked.page), "may_change": lambda row: service.may_change(row, viewer)}


def order(sort: str) -> dict[str, Any]:
    """`name` or `-name` as queries.page takes it; newest first when that says nothing."""
    column = sort.removeprefix("-")
    if column not in queries.SORTS:
        return {}
    return {"sort": column, "descending": sort.startswith("-")}


@web.page("/markers/<uuid:marker_id>", policy=MEMBER)
def markers_detail(marker_id: UUID) -> str:
    return render_template("markers/detail.html", **shown(marker_id))


def shown(marker_id: UUID) -> dict[str, Any]:
    """One marker and what the reader may do with it. Raises NotFound."""
    viewer = current_account()
    marker = service.get_marker(marker_id, viewer=viewer)
    return {"marker": marker, "may_change": service.may_change(marker, viewer), "qr": inline_qr(marker)}


@web.page("/markers/new", policy=MEMBER, methods=["GET", "POST"], max_body=MAX_BODY)
def markers_new() -> ResponseReturnValue:
    form = new_form()
    if accepted(form, create):
        flash(_("Marker registered. Print its label and stick it on."), "success")
        return redirect(url_for("web.markers_detail", marker_id=form.result.id), 303)
    return render_template("markers/new.html", form_data=form), form.status


def new_form() -> Form[MarkerIn]:
    """An empty form, at the place that the address names."""
    return Form(MarkerIn, **{axis: request.args.get(axis, "") for axis in ("latitude", "longitude")})


def create(fields: Any, photo: str | None) -> Marker:
    return service.create_marker(fields, by=current_account(), photo=photo)[0]


@web.page("/markers/<uuid:marker_id>/edit", policy=MEMBER, methods=["GET", "POST"], max_body=MAX_BODY)
def markers_edit(marker_id: UUID) -> ResponseReturnValue:
    form = Form(MarkerIn)
    if accepted(form, lambda fields, photo: change(marker_id, fields, photo)):
        flash(_("Saved."), "success")
        return redirect(url_for("web.markers_detail", marker_id=marker_id), 303)
    return render_template("markers/edit.html", **editable(marker_id, form)), form.status


def change(marker_id: UUID, fields: Any, photo: str | None) -> Marker:
    return service.update_marker(marker_id, fields, by=current_account(), photo=photo)


def editable(marker_id: UUID, form: Form[MarkerIn]) -> dict[str, Any]:
    """A marker and the form to change it, with what it says now. Raises NotFound, Forbidden."""
    marker = service.changeable_marker(marker_id, by=current_account())
    form.values = form.values or values_of(marker)
    return {"marker": marker, "form_data": form}


@web.page("/markers/<uuid:marker_id>/delete", policy=MEMBER, methods=["POST"])
def markers_delete(marker_id: UUID) -> ResponseReturnValue:
    service.delete_marker(marker_id, by=current_account())
    message = _("Marker deleted.")
    if request.htmx:
        said = {"message": message, "level": "success"}
        return htmx.trigger("", toast=said, **{CHANGED: True})
    flash(message, "success")
    return redirect(lists.back_to("web.markers"), 303)


@web.page("/markers/<uuid:marker_id>/photo/delete", policy=MEMBER, methods=["POST"])
def markers_photo_delete(marker_id: UUID) -> ResponseReturnValue:
    service.remove_photo(marker_id, by=current_account())
    flash(_("Photo deleted."), "success")
    return redirect(url_for("web.markers_detail", marker_id=marker_id), 303)


@web.app_template_filter()
def place(marker: Marker) -> str:
    """`-7.215833, 107.900833`."""
    return f"{marker.latitude:.6f}, {marker.longitude:.6f}"


@web.app_template_filter()
def geo_link(marker: Marker) -> str:
    """A link that phones open with their own map."""
    where = f"{marker.latitude:.6f},{marker.longitude:.6f}"
    return f"geo:{where}?q={where}"


@web.app_template_filter()
def at(marker: Marker) -> str:
    """Where the map looks to show the marker."""
    return f"{marker.latitude:.6f},{marker.longitude:.6f},{CLOSE}"
