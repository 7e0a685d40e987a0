"""Markers as files: GeoJSON, CSV and XLSX out, CSV in. Beyond contract 5."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flask import Response

from webapp import config
from webapp.api import files
from webapp.api.bamboo import bamboo, envelope, marker_schemas, uploads
from webapp.api.bamboo import marker_presenters as presenters
from webapp.api.bamboo.markers import PATH
from webapp.api.files import CSV, XLSX
from webapp.deeplinks import links
from webapp.errors import Invalid
from webapp.identity import MEMBER, current_account
from webapp.kit import csvsafe, geojson
from webapp.markers import imports, queries
from webapp.markers.spreadsheet import Fault

GEOJSON = "application/geo+json"
MAX_XLSX = 1_000_000  # a sheet ends at 1,048,576
MAX_FAULTS = 1_000
_FEATURES = marker_schemas.FeatureCollection


@bamboo.operation(
    "GET",
    f"{PATH}/light.geojson",
    policy=MEMBER,
    query=marker_schemas.Filter,
    returns=_FEATURES,
    media_type=GEOJSON,
)
def light_geojson(query: marker_schemas.Filter) -> Response:
    """The light list as GeoJSON: at most 10,000 points."""
    rows = queries.light(current_account(), query.wanted())
    return _sent(geojson.collection(map(presenters.light_feature, rows)), GEOJSON)


@bamboo.operation(
    "GET",
    f"{PATH}/export.geojson",
    policy=MEMBER,
    query=marker_schemas.Filter,
    returns=_FEATURES,
    media_type=GEOJSON,
)
def export_geojson(query: marker_schemas.Filter) -> Response:
    """All markers with all fields as GeoJSON, sent while they are read."""
    rows = queries.every(current_account(), query.wanted())
    return _sent(geojson.collection(map(presenters.feature(links()), rows)), GEOJSON, "geojson")


@bamboo.operation(
    "GET", f"{PATH}/export.csv", policy=MEMBER, query=marker_schemas.Filter, returns=str, media_type=CSV
)
def export_csv(query: marker_schemas.Filter) -> Response:
    """All markers as CSV, sent while they are read; `import` reads it again."""
    return _sent(csvsafe.stream(presenters.COLUMNS, _cells(query)), CSV, "csv")


@bamboo.operation(
    "GET", f"{PATH}/export.xlsx", policy=MEMBER, query=marker_schemas.Filter, returns=bytes, media_type=XLSX
)
def export_xlsx(query: marker_schemas.Filter) -> Response:
    """All markers, a million at most, as an XLSX file."""
    if queries.count(current_account(), query.wanted(), MAX_XLSX + 1) > MAX_XLSX:
        raise Invalid({"format": "An XLSX file holds at most 1,000,000 markers"})
    return files.workbook(presenters.COLUMNS, _cells(query), _file_name("xlsx"))


@bamboo.operation(
    "POST",
    f"{PATH}/import",
    policy=MEMBER,
    query=marker_schemas.ImportQuery,
    takes={uploads.MULTIPART: marker_schemas.TableForm, CSV: str},
    returns=marker_schemas.ImportOut,
    errors=[409, 413, 415],
)
def import_markers(query: marker_schemas.ImportQuery) -> Response:
    """Register the markers of a CSV file, all or none; `dry_run=1` is a preview that names every fault."""
    sheet = imports.read(uploads.table())
    report = imports.import_markers(sheet, by=current_account(), dry_run=query.is_dry)
    if report.faults and not query.is_dry:
        raise Invalid(_details(report.faults))
    message = "Preview" if query.is_dry else f"{report.created} markers created"
    return envelope.ok(message, presenters.report(report, dry_run=query.is_dry))


def _details(faults: Sequence[Fault]) -> dict[str, str]:
    """Each fault under `row 2: latitude`."""
    details = {f"row {fault.row}: {fault.field}": fault.message for fault in faults[:MAX_FAULTS]}
    if len(faults) > MAX_FAULTS:
        details["more"] = f"{len(faults) - MAX_FAULTS} more faults"
    return details


def _cells(query: marker_schemas.Filter) -> Iterator[Sequence[object]]:
    here = links()
    return (presenters.cells(row, here) for row in queries.every(current_account(), query.wanted()))


def _sent(pieces: Iterable[Any], kind: str, suffix: str = "") -> Response:
    response = Response(pieces, mimetype=kind, headers={"Cache-Control": "no-store"})
    if suffix:
        response.headers["Content-Disposition"] = f'attachment; filename="{_file_name(suffix)}"'
    return response


def _file_name(suffix: str) -> str:
    return f"markers-{config.today():%Y%m%d}.{suffix}"
