"""Sheets of QR labels to print, as a page and as PDF; and the QR code of one marker."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from flask import Response, render_template, request
from markupsafe import Markup
from pydantic import BeforeValidator

from webapp.deeplinks import links
from webapp.identity import MEMBER, current_account
from webapp.kit.threads import offload
from webapp.markers import labels, lettering, queries
from webapp.markers.models import Marker
from webapp.web import web
from webapp.web.forms import Query
from webapp.web.markerforms import Listing

MAX_LABELS = 500


class Chosen(Listing):
    size: Annotated[str, BeforeValidator(lambda text: text if text in labels.SIZES else labels.DEFAULT)] = (
        labels.DEFAULT
    )


@dataclass(frozen=True)
class Sheet:
    """What to print: at most MAX_LABELS of `total` markers."""

    name: str
    size: labels.Size
    markers: Sequence[Marker]
    total: int


def inline_qr(marker: Marker) -> Markup:
    return Markup(labels.svg(links().marker(marker.short_code)))  # noqa: S704 - drawn by us


@web.page("/markers/labels", policy=MEMBER)
def markers_labels() -> str:
    sheet = _sheet()
    addresses = [links().marker(marker.short_code) for marker in sheet.markers]
    offload(labels.prepare, addresses)
    boxes = not all(lettering.is_printable(marker.name) for marker in sheet.markers)
    return render_template(
        "markers/labels.html", sheet=sheet, sizes=labels.SIZES, qr=inline_qr, most=MAX_LABELS, boxes=boxes
    )


@web.page("/markers/labels.pdf", policy=MEMBER)
def markers_labels_pdf() -> Response:
    sheet = _sheet()
    here = links()
    content = [labels.Label(row.name, row.short_code, here.marker(row.short_code)) for row in sheet.markers]
    response = Response(labels.pdf(content, sheet.size), mimetype="application/pdf")
    response.headers["Content-Disposition"] = 'inline; filename="labels.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _sheet() -> Sheet:
    """The markers that the address names, else those that its filters choose."""
    asked, viewer = Query(Chosen).data, current_account()
    size = labels.SIZES[asked.size]
    if "marker" in request.args:
        found: Any = queries.some(viewer, _ids(request.args.getlist("marker")))
        return Sheet(asked.size, size, found, len(found))
    page = queries.page(viewer, asked.wanted(viewer), 1, MAX_LABELS, sort="name", descending=False)
    return Sheet(asked.size, size, page.items, page.total)


def _ids(texts: Sequence[str]) -> list[UUID]:
    found = []
    for text in texts[:MAX_LABELS]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
