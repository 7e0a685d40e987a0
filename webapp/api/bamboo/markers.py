"""Markers of the mapping app (contract 5)."""

from typing import Any
from uuid import UUID

from flask import Response, request

from webapp import throttle
from webapp.api.bamboo import bamboo, envelope, marker_schemas, uploads
from webapp.api.bamboo import marker_presenters as presenters
from webapp.deeplinks import links
from webapp.identity import MEMBER, PUBLIC, current_account
from webapp.kit import qr
from webapp.markers import photos, queries, service
from webapp.markers.fields import MarkerChange, NewMarker
from webapp.markers.models import Marker

PATH = "/api/v1/markers"
_SENT_WITH = [413, 415, 422]
_LATER = {"warnings": {"image": "Could not be stored now, please send it again"}}


@bamboo.operation(
    "GET", PATH, policy=MEMBER, query=marker_schemas.Filter, returns=marker_schemas.LightMarker, paged=True
)
def markers(query: marker_schemas.Filter) -> Response:
    """The light list: at most 10,000 markers, newest first; `meta.truncated` says that there are more."""
    rows = queries.light(current_account(), query.wanted(), queries.MAX_LIGHT + 1)
    more = {"truncated": True} if len(rows) > queries.MAX_LIGHT else {}
    return envelope.ok("Markers retrieved", presenters.light(rows[: queries.MAX_LIGHT]), **more)


@bamboo.operation(
    "GET",
    f"{PATH}/paginated",
    policy=MEMBER,
    query=marker_schemas.Listing,
    returns=marker_schemas.Marker,
    paged=True,
)
def markers_page(query: marker_schemas.Listing) -> Response:
    """A page of markers."""
    sort, descending = query.sort_by, query.sort_dir == "desc"
    viewer, wanted = current_account(), query.wanted()
    page = queries.page(viewer, wanted, query.page, query.per_page, sort=sort, descending=descending)
    items = [presenters.marker(row, links()) for row in page.items]
    return envelope.ok("Markers retrieved", items, pagination=presenters.pagination(page))


@bamboo.operation(
    "POST",
    PATH,
    policy=MEMBER,
    takes={"application/json": NewMarker, uploads.MULTIPART: marker_schemas.MarkerForm},
    returns=marker_schemas.Marker,
    status=201,
    errors=[409, *_SENT_WITH],
    other_statuses={200: "This `id` was registered before; the marker as it is"},
)
def create_marker() -> Response:
    """Register a marker, with its photo in the field `image` of a form; an `id` makes it safe to repeat."""
    body, image = uploads.marker(NewMarker)
    with photos.storing(image) as photo:
        marker, is_new = service.create_marker(
            body.columns, by=current_account(), marker_id=body.id, photo=photo.name
        )
        message = "Marker created" if is_new else "Marker was created before"
        return _answer(message, marker, 201 if is_new else 200, photo)


@bamboo.operation(
    "GET", f"{PATH}/<uuid:marker_id>", policy=MEMBER, returns=marker_schemas.Marker, errors=[404]
)
def marker(marker_id: UUID) -> Response:
    """One marker."""
    found = service.get_marker(marker_id, viewer=current_account())
    return envelope.ok("Marker retrieved", presenters.marker(found, links()))


@bamboo.operation(
    "PUT",
    f"{PATH}/<uuid:marker_id>",
    policy=MEMBER,
    takes={"application/json": MarkerChange, uploads.MULTIPART: marker_schemas.MarkerChangeForm},
    returns=marker_schemas.Marker,
    errors=[404, *_SENT_WITH],
)
def update_marker(marker_id: UUID) -> Response:
    """Change the fields that are sent, of a marker of one's own; operators change any."""
    body, image = uploads.marker(MarkerChange)
    service.changeable_marker(marker_id, by=current_account())  # before a photo is taken for nothing
    with photos.storing(image) as photo:
        changed = service.update_marker(marker_id, body.columns, by=current_account(), photo=photo.name)
        return _answer("Marker updated", changed, 200, photo)


@bamboo.operation("DELETE", f"{PATH}/<uuid:marker_id>", policy=MEMBER, errors=[404])
def delete_marker(marker_id: UUID) -> Response:
    """Delete a marker of one's own, and its photo; operators delete any."""
    service.delete_marker(marker_id, by=current_account())
    return envelope.ok("Marker deleted")


@bamboo.operation(
    "GET",
    f"{PATH}/code/<code:short_code>",
    policy=PUBLIC,
    returns=marker_schemas.PublicMarker,
    errors=[404, 429],
)
def marker_by_code(short_code: str) -> Response:
    """The marker of a label, for anyone; without the owner's contact, and not for trying codes in bulk."""
    throttle.count_code_lookup(request.remote_addr or "")
    found = service.get_by_code(short_code)
    return envelope.ok("Marker retrieved", presenters.public(found, links()))


@bamboo.operation(
    "GET",
    f"{PATH}/<uuid:marker_id>/qr",
    policy=MEMBER,
    query=marker_schemas.QrQuery,
    returns=bytes,
    errors=[404],
    media_type="image/png",
    other_media=("image/svg+xml",),
)
def marker_qr(marker_id: UUID, query: marker_schemas.QrQuery) -> Response:
    """The QR code that leads to the marker's public page, as PNG or (`format=svg`) as a drawing."""
    found = service.get_marker(marker_id, viewer=current_account())
    address = links().marker(found.short_code)
    if query.format == "svg":
        return Response(qr.svg(address), mimetype="image/svg+xml")
    return Response(qr.png(address), mimetype="image/png")


def _answer(message: str, marker: Marker, status: int, photo: photos.Stored) -> Response:
    """The marker as it is now; a photo that the store did not take is told of, and can be sent again."""
    more: dict[str, Any] = _LATER if photo.failed else {}
    return envelope.ok(message, presenters.marker(marker, links()), status, **more)
