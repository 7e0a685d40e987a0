"""Markers as contract 5 writes them: degrees as text, and where the photo is."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from webapp.api.bamboo.presenters import moment
from webapp.deeplinks import Links
from webapp.kit import geojson
from webapp.kit.paging import Page
from webapp.markers.imports import Report
from webapp.markers.models import Marker
from webapp.markers.queries import Light

COLUMNS = (
    "id",
    "short_code",
    "name",
    "description",
    "strain",
    "quantity",
    "latitude",
    "longitude",
    "owner_name",
    "owner_contact",
    "image_url",
    "creator_id",
    "created_at",
    "updated_at",
)


def degrees(value: Decimal | float) -> str:
    """As text with up to 8 decimals."""
    return f"{value:.8f}".rstrip("0").rstrip(".")


def public(row: Marker, links: Links) -> dict[str, Any]:
    """What anyone with the code may see: not the owner's contact."""
    return {
        "id": str(row.id),
        "short_code": row.short_code,
        "name": row.name,
        "description": row.description,
        "strain": row.strain,
        "quantity": row.quantity,
        "latitude": degrees(row.latitude),
        "longitude": degrees(row.longitude),
        "image_url": links.photo(row.short_code, row.photo),
        "owner_name": row.owner_name,
        "creator_id": str(row.creator.public_id),
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
    }


def marker(row: Marker, links: Links) -> dict[str, Any]:
    return public(row, links) | {"owner_contact": row.owner_contact}


def light(rows: Iterable[Light]) -> list[dict[str, str]]:
    return [
        {
            "id": id,
            "short_code": code,
            "name": name,
            "latitude": degrees(latitude),
            "longitude": degrees(longitude),
        }
        for id, code, name, latitude, longitude in rows
    ]


def light_feature(row: Light) -> dict[str, Any]:
    id, code, name, latitude, longitude = row
    return geojson.feature(id, longitude, latitude, {"short_code": code, "name": name})


def feature(links: Links) -> Callable[[Row[Any]], dict[str, Any]]:
    """Makes a feature of an exported row."""

    def made(row: Row[Any]) -> dict[str, Any]:
        values = dict(zip(COLUMNS, cells(row, links), strict=True))
        id, longitude, latitude = (values.pop(name) for name in ("id", "longitude", "latitude"))
        return geojson.feature(id, longitude, latitude, values)

    return made


def cells(row: Row[Any], links: Links) -> Sequence[object]:
    """An exported row as COLUMNS name its cells."""
    return (
        str(row.id),
        row.short_code,
        row.name,
        row.description,
        row.strain,
        row.quantity,
        row.latitude,
        row.longitude,
        row.owner_name,
        row.owner_contact,
        links.photo(row.short_code, row.photo),
        str(row.creator_id),
        moment(row.created_at),
        moment(row.updated_at),
    )


def pagination(page: Page[Any]) -> dict[str, int]:
    return {
        "current_page": page.number,
        "per_page": page.size,
        "total_items": page.total,
        "total_pages": page.pages,
    }


def report(made: Report, *, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "rows": made.rows,
        "created": made.created,
        "known": made.known,
        "ignored_columns": made.ignored,
        "errors": [fault._asdict() for fault in made.faults],
        "sample": [_sampled(values) for values in made.sample],
    }


def _sampled(values: dict[str, Any]) -> dict[str, Any]:
    shown = {name: degrees(values[name]) for name in ("latitude", "longitude")}
    return values | shown | {"id": values["id"] and str(values["id"])}
