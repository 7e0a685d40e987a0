"""Stations: the lanes that reports are printed for, by their numbers."""

from typing import Annotated, Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import BaseModel, Field

from webapp.documents import stations as service
from webapp.documents.models import Station
from webapp.errors import NotFound
from webapp.identity import ADMIN, VIEWER
from webapp.kit.paging import Page
from webapp.web import htmx, lists, web
from webapp.web.forms import Form, Listing, Query, Text

ONE = "/stations/<int:number>"
PAGE_SIZE = 50


class StationChange(BaseModel):
    name: Annotated[Text, Field(max_length=100)]


class StationIn(StationChange):
    id: Annotated[int, Field(ge=1, le=999_999)]


@web.page("/stations", policy=VIEWER)
def stations() -> str:
    return render_template("stations/index.html", **_listed())


@web.page("/stations/rows", policy=VIEWER)
def stations_rows() -> ResponseReturnValue:
    return htmx.rows(render_template("stations/_rows.html", **_listed()), "web.stations")


def _listed() -> dict[str, Any]:
    asked = Query(Listing).data
    wanted = asked.search.lower()
    found = [one for one in service.listed() if wanted in f"{one.id:02} {one.name}".lower()]
    return {"page": lists.turned(lambda number: _cut(found, number), asked.page)}


def _cut(found: list[Station], number: int) -> Page[Station]:
    first = (number - 1) * PAGE_SIZE
    return Page(found[first : first + PAGE_SIZE], number, PAGE_SIZE, len(found))


@web.page("/stations/new", policy=ADMIN, methods=["GET", "POST"])
def stations_new() -> ResponseReturnValue:
    form = Form(StationIn, conflict=("id", _("Another station has this number.")), id=_free())
    if form.accept(lambda data: service.create([(data.id, data.name)])):
        flash(_("Station created."), "success")
        return redirect(url_for("web.stations"), 303)
    return render_template("stations/new.html", form_data=form), form.status


def _free() -> int:
    """The number after the highest."""
    return max((one.id for one in service.listed()), default=0) + 1


@web.page(f"{ONE}/edit", policy=ADMIN, methods=["GET", "POST"])
def stations_edit(number: int) -> ResponseReturnValue:
    station = _get(number)
    form = Form(StationChange, name=station.name)
    if form.accept(lambda data: service.rename([(number, data.name)])):
        return lists.saved(url_for("web.stations"), "stations/_row.html", station=station)
    return lists.editing("stations", form, station=station)


@web.page(f"{ONE}/row", policy=VIEWER)
def stations_row(number: int) -> str:
    return render_template("stations/_row.html", station=_get(number))


def _get(number: int) -> Station:
    found = next((one for one in service.listed() if one.id == number), None)
    if found is None:
        raise NotFound("Station not found")
    return found


@web.page(f"{ONE}/delete", policy=ADMIN, methods=["POST"])
def stations_delete(number: int) -> ResponseReturnValue:
    service.delete([number])
    flash(_("Station deleted. Its reports stay."), "success")
    return redirect(lists.back_to("web.stations"), 303)
