"""What contract 5 takes and gives about markers; the fields themselves are in markers/fields.py."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from webapp import config
from webapp.kit import clock
from webapp.kit.geo import Box
from webapp.markers.fields import EXAMPLE, MarkerChange, NewMarker
from webapp.markers.queries import SORTS, Wanted


def _day(value: Any) -> date:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        day = None
    if day is None or not 1970 <= day.year <= 9998:
        raise ValueError("Must be a date as YYYY-MM-DD")
    return day


def _box(value: Any) -> Box:
    try:
        return Box.parse(value)
    except ValueError:
        raise ValueError("Must be west,south,east,north in degrees") from None


def _uuid(value: Any) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise ValueError("Must be a UUID") from None


Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
BoxText = Annotated[
    Box,
    BeforeValidator(_box),
    WithJsonSchema({"type": "string", "examples": ["107.5,-7.0,107.7,-6.8"]}),
]
CreatorId = Annotated[UUID, BeforeValidator(_uuid), WithJsonSchema({"type": "string", "format": "uuid"})]
File = Annotated[bytes, WithJsonSchema({"type": "string", "format": "binary"})]


class Filter(BaseModel):
    """Which markers; dates are business days, both included."""

    search: str = Field("", max_length=100, description="In name, code, strain and description")
    strain: str = Field("", max_length=100)
    date_from: Day | None = None
    date_to: Day | None = None
    creator_id: CreatorId | None = None
    bbox: BoxText | None = Field(None, description="`west,south,east,north` in degrees")

    def wanted(self) -> Wanted:
        zone = config.current().timezone
        since = clock.from_unix(clock.day_bounds(self.date_from, zone)[0]) if self.date_from else None
        until = clock.from_unix(clock.day_bounds(self.date_to, zone)[1]) if self.date_to else None
        return Wanted(self.search, self.strain, since, until, box=self.bbox, creator=self.creator_id)


class Listing(Filter):
    page: int = Field(1, ge=1, le=1_000_000)
    per_page: int = Field(10, ge=10, le=100)
    sort_by: Literal["name", "created_at", "updated_at", "strain", "quantity"] = "created_at"
    sort_dir: Literal["asc", "desc"] = "desc"


assert set(Listing.model_fields["sort_by"].annotation.__args__) == set(SORTS)  # type: ignore[union-attr]


class QrQuery(BaseModel):
    format: Literal["png", "svg"] = "png"


class ImportQuery(BaseModel):
    dry_run: Literal["0", "1", "false", "true"] = Field("0", description="1 only says what would come of it")

    @property
    def is_dry(self) -> bool:
        return self.dry_run in ("1", "true")


class MarkerForm(NewMarker):
    """A new marker as a form, with its photo."""

    image: File = b""


class MarkerChangeForm(MarkerChange):
    """Changes as a form, with another photo."""

    image: File = b""


class TableForm(BaseModel):
    file: File


class LightMarker(BaseModel):
    id: str
    short_code: str
    name: str
    latitude: str
    longitude: str


_SHOWN: dict[str, Any] = {
    **EXAMPLE,
    "id": "0f8e9d2a-53c4-4f6f-8a06-0b7c1d2e3f40",
    "short_code": "7K3QX9ZA",
    "image_url": "https://peta.example.com/marker/7K3QX9ZA/photo.jpg?size=large&v=5d41402a",
    "creator_id": "7d3f8b1e-3f55-4b8e-9d59-0f7c8a4f2f10",
    "created_at": "2025-12-09T03:01:40Z",
    "updated_at": "2025-12-09T03:01:40Z",
}


class PublicMarker(BaseModel):
    """What anyone with the code may see."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SHOWN]})
    id: str
    short_code: str
    name: str
    description: str
    strain: str
    quantity: int
    latitude: str
    longitude: str
    image_url: str | None
    owner_name: str
    creator_id: str
    created_at: str
    updated_at: str


class Marker(PublicMarker):
    owner_contact: str


class RowFault(BaseModel):
    row: int
    field: str
    message: str


class ImportOut(BaseModel):
    """`created` in a dry run: how many would be."""

    dry_run: bool
    rows: int
    created: int
    known: int
    ignored_columns: list[str]
    errors: list[RowFault]
    sample: list[dict[str, Any]]


class Feature(BaseModel):
    type: Literal["Feature"]
    id: str
    geometry: dict[str, Any]
    properties: dict[str, Any]


class FeatureCollection(BaseModel):
    type: Literal["FeatureCollection"]
    features: list[Feature]
