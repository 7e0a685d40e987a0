"""The form for the field: it works without a network and sends what was noted once there is one (js/field.js)."""

from typing import Any
from uuid import UUID

import orjson
from flask import Response, make_response, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf

from webapp.errors import Invalid, Unavailable
from webapp.identity import MEMBER, PUBLIC, current_account, current_visit, signed_in
from webapp.markers import photos, service, uploads
from webapp.markers.models import Marker
from webapp.web import web
from webapp.web.forms import Form, validated
from webapp.web.markerforms import IMAGE, MAX_BODY, MarkerIn, sent_photo


@web.page("/field", policy=MEMBER)
def field() -> ResponseReturnValue:
    account = str(current_account().public_id)
    response = make_response(render_template("field/index.html", form_data=Form(MarkerIn), account=account))
    response.headers["Cache-Control"] = "no-cache"
    return response


@web.page("/field/worker.js", policy=PUBLIC)
def field_worker() -> Response:
    """The service worker; from here it may serve /field, and nothing else."""
    response = send_file("../static/js/field-worker.js", "text/javascript", max_age=0)
    response.headers["Service-Worker-Allowed"] = url_for("web.field")
    return response


@web.page("/field/manifest.webmanifest", policy=PUBLIC)
def field_manifest() -> Response:
    """What a phone needs to install the form as an application."""
    start = url_for("web.field")
    sizes = ("192x192", "512x512")
    icons = [{"src": _icon(size), "sizes": size, "type": "image/png"} for size in sizes]
    manifest = {
        "name": _("Gerbang field form"),
        "short_name": _("Field form"),
        "id": start,
        "start_url": start,
        "scope": start,
        "display": "standalone",
        "background_color": "#f6f8f7",
        "theme_color": "#0f766e",
        "icons": icons,
    }
    return Response(orjson.dumps(manifest), mimetype="application/manifest+json")


def _icon(size: str) -> str:
    return url_for("static", filename=f"img/icon-{size.partition('x')[0]}.png")


@web.page("/field/session", policy=PUBLIC)
def field_session() -> Response:
    """`{account, csrf_token}`: who is signed in now (null: nobody) and the token to send with."""
    account = str(current_account().public_id) if signed_in() else None
    return _json({"account": account, "csrf_token": generate_csrf()})


@web.page("/field/entries", policy=MEMBER, methods=["POST"])
def field_entries() -> Response:
    """Take an entry; sent again, it answers with the marker that is there. Bad fields are 422 with `fields`."""
    try:
        fields = validated(MarkerIn, request.form)
    except Invalid as refusal:
        return _json({"fields": refusal.fields}, 422)
    marker, is_new = service.create_marker(
        fields.model_dump(), by=current_account(), marker_id=_id(request.form.get("id", ""))
    )
    return _json({"id": str(marker.id), "short_code": marker.short_code}, 201 if is_new else 200)


@web.page("/field/uploads/<uuid:upload_id>", policy=MEMBER)
def field_upload(upload_id: UUID) -> Response:
    """`{offset}`: how many bytes of a photo have arrived, under an id that the phone made."""
    return _json({"offset": uploads.size(current_visit().user_id, upload_id)})


@web.page("/field/uploads/<uuid:upload_id>", policy=MEMBER, methods=["PATCH"], max_body=uploads.MAX_PIECE)
def field_upload_piece(upload_id: UUID) -> Response:
    """Take the piece that begins at `Upload-Offset`; 409 when it is not the next one. Either says `{offset}`."""
    at, piece = request.headers.get("Upload-Offset", type=int), request.get_data()
    if at is None or at < 0 or not piece:
        raise Invalid({"Upload-Offset": "Must be where the piece begins, in bytes"})
    have = uploads.add(current_visit().user_id, upload_id, at, piece)
    return _json({"offset": have}, 200 if have == at + len(piece) else 409)


@web.page("/field/entries/<uuid:marker_id>/photo", policy=MEMBER, methods=["POST"], max_body=MAX_BODY)
def field_photo(marker_id: UUID) -> Response:
    """Take an entry's photo, sent along or uploaded before (`upload`, `size`); sent again, it takes its own place.

    Raises NotFound, Forbidden, Unavailable, Conflict while a part of the upload is missing.
    """
    me = current_visit().user_id
    try:
        upload = _id(request.form["upload"]) if "upload" in request.form else None
        data = uploads.read(me, upload, _size()) if upload else sent_photo()
        marker = _with_photo(marker_id, data)
    except Invalid as refusal:
        return _json({"fields": {field: _(sentence) for field, sentence in refusal.fields.items()}}, 422)
    if upload:
        uploads.drop(me, upload)
    return _json({"id": str(marker.id), "short_code": marker.short_code})


def _with_photo(marker_id: UUID, data: bytes | None) -> Marker:
    if data is None:
        raise Invalid({IMAGE: "Please fill this in."})
    with photos.storing(data) as stored:
        if stored.name is None:
            raise Unavailable()
        return service.update_marker(marker_id, {}, by=current_account(), photo=stored.name)


def _size() -> int:
    return request.form.get("size", -1, type=int)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid({"id": "Must be a UUID"}) from None


def _json(data: Any, status: int = 200) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(orjson.dumps(data), status, mimetype="application/json", headers=headers)
