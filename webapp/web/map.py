"""The map: markers in view or, where there are too many to draw, how many stand where; gates; a panel to edit in."""

from typing import Any
from uuid import UUID

import orjson
from flask import Response, make_response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp import config, security
from webapp.accounts.models import User
from webapp.gates import board
from webapp.gates import queries as gates
from webapp.gates.totals import EVERYWHERE
from webapp.identity import MEMBER, VIEWER, current_account
from webapp.markers import queries
from webapp.markers.queries import Wanted
from webapp.web import htmx, lists, web
from webapp.web.forms import Form, Query
from webapp.web.markerforms import MAX_BODY, Listing, MarkerIn, accepted
from webapp.web.markers import CHANGED, change, create, editable, listed, new_form, shown, strain_choices

MAX_POINTS = 1_500  # with these an answer stays under 500 KB, and an old phone still moves the map
MAX_LABEL = 40
CLUSTER_PIXELS = 90
TILE = 256  # pixels of the whole world at zoom 0


@web.page("/map", policy=MEMBER)
def map() -> ResponseReturnValue:  # noqa: A001 - the page's name
    asked, viewer = Query(Listing).data, current_account()
    extent = queries.extent(viewer, asked.wanted(viewer))
    page = render_template(
        "map/index.html",
        strains=strain_choices(),
        extent=extent,
        settings=config.current(),
        **listed(asked),
    )
    response = make_response(page)
    response.headers["Content-Security-Policy"] = security.policy(images=_tile_hosts())
    return response


def _tile_hosts() -> str:
    """Where pictures of the map come from, as the CSP names it; empty without tiles from elsewhere."""
    url = config.current().MAP_TILES_URL
    scheme, _slashes, rest = url.partition("://")
    return f"{scheme}://{rest.split('/')[0].replace('{s}', '*')}" if rest else ""


@web.page("/map/rows", policy=MEMBER)
def map_rows() -> str:
    return render_template("map/_rows.html", **listed(Query(Listing).data))


@web.page("/map/points", policy=MEMBER)
def map_points() -> Response:
    """`{points: [[id, code, name, latitude, longitude]]}`, or `{clusters: [[count, latitude, longitude]]}`."""
    asked, viewer = Query(Listing).data, current_account()
    return _json(_drawn(viewer, asked.wanted(viewer), asked.zoom))


def _drawn(viewer: User, wanted: Wanted, zoom: int) -> dict[str, Any]:
    if queries.count(viewer, wanted, MAX_POINTS + 1) > MAX_POINTS:
        size = 360 * CLUSTER_PIXELS / TILE / 2**zoom
        found = queries.clusters(viewer, wanted, size)
        return {"clusters": [[one.count, round(one.latitude, 5), round(one.longitude, 5)] for one in found]}
    rows = queries.light(viewer, wanted, MAX_POINTS)
    return {
        "points": [
            [id, code, name[:MAX_LABEL], float(latitude), float(longitude)]
            for id, code, name, latitude, longitude in rows
        ]
    }


@web.page("/map/gates", policy=VIEWER)
def map_gates() -> Response:
    """`{gates: [{name, location, latitude, longitude, count, url}]}`: those that have a place, and today's count."""
    today = board.gates(config.today(), EVERYWHERE)
    counts = {(share.location_code, share.gate_code): share.count for share in today}
    found = gates.gates(1, lists.MAX_CHOICES, active=True).items
    return _json({"gates": [_gate(gate, counts) for gate in found if gate.latitude is not None]})


def _gate(gate: Any, counts: dict[tuple[str, str], int]) -> dict[str, Any]:
    return {
        "name": gate.name,
        "location": gate.location.name,
        "latitude": float(gate.latitude),
        "longitude": float(gate.longitude),
        "count": counts.get((gate.location.code, gate.code), 0),
        "path": url_for("web.gates_detail", location_code=gate.location.code, gate_code=gate.code),
    }


def _json(data: Any) -> Response:
    return Response(orjson.dumps(data), mimetype="application/json", headers={"Cache-Control": "no-store"})


@web.page("/map/<uuid:marker_id>/panel", policy=MEMBER)
def map_panel(marker_id: UUID) -> str:
    return render_template("map/_panel.html", **shown(marker_id))


@web.page("/map/new", policy=MEMBER, methods=["GET", "POST"], max_body=MAX_BODY)
def map_new() -> ResponseReturnValue:
    form = new_form()
    if accepted(form, create):
        return _saved(form.result.id, _("Marker registered."))
    return render_template("map/_new.html", form_data=form), form.status


@web.page("/map/<uuid:marker_id>/edit", policy=MEMBER, methods=["GET", "POST"], max_body=MAX_BODY)
def map_edit(marker_id: UUID) -> ResponseReturnValue:
    form = Form(MarkerIn)
    if accepted(form, lambda fields, photo: change(marker_id, fields, photo)):
        return _saved(marker_id, _("Saved."))
    return render_template("map/_edit.html", **editable(marker_id, form)), form.status


def _saved(marker_id: UUID, message: str) -> Response:
    """The panel with the marker as it is now; the map looks again."""
    panel = render_template("map/_panel.html", **shown(marker_id))
    return htmx.trigger(panel, toast={"message": message, "level": "success"}, **{CHANGED: True})
