"""What a marker's fields may be: one rule for JSON, forms and spreadsheets, in one set of sentences."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, WithJsonSchema

MAX_QUANTITY = 2**31 - 1
MAX_DESCRIPTION = 10_000
_NUMBER = re.compile(r"[+-]?\d{1,3}(\.\d{0,30})?", re.ASCII)
_PLACE = Decimal("0.00000001")  # a millimetre
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_UNPRINTABLE_IN_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def _text(most: int, *, required: bool = False, lines: bool = False) -> Any:
    """Text of at most `most` characters without the spaces around it; null is as good as empty."""

    def check(value: Any) -> str:
        if not isinstance(value, str | None):
            raise ValueError("Must be text")  # noqa: TRY004 - of these, pydantic makes a fault of the field
        text = (value or "").strip()
        if (_UNPRINTABLE_IN_LINES if lines else _UNPRINTABLE).search(text):
            raise ValueError("Must not contain control characters")
        if len(text) > most:
            raise ValueError(f"Must have at most {most} characters")
        if required and not text:
            raise ValueError("Must not be blank")
        return text

    return _described(check, {"type": "string", "maxLength": most} | ({"minLength": 1} if required else {}))


def _degrees(most: int) -> Any:
    """A number, or a number as text; what GPS chips add behind a millimetre is rounded off."""

    def check(value: Any) -> Decimal:
        written = str(value).strip() if isinstance(value, str | int | float | Decimal) else ""
        if isinstance(value, float):
            written = f"{value:.12f}"  # a tiny one would be written with an exponent
        if isinstance(value, bool) or not _NUMBER.fullmatch(written) or abs(Decimal(written)) > most:
            raise ValueError(f"Must be a number from -{most} to {most}")
        return Decimal(written).quantize(_PLACE)

    number = {"type": "number", "minimum": -most, "maximum": most}
    whole = r"[0-8]?\d" if most == 90 else r"(1[0-7]\d|\d{1,2})"
    return _described(
        check, {"anyOf": [number, {"type": "string", "pattern": rf"^-?{whole}(\.\d{{1,8}})?$"}]}
    )


def _whole(value: Any) -> int:
    if value is None or value == "":
        return 0
    written = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not re.fullmatch(r"\d{1,12}", written, re.ASCII):
        raise ValueError("Must be a whole number, 0 or more")
    if int(written) > MAX_QUANTITY:
        raise ValueError(f"Must be at most {MAX_QUANTITY}")
    return int(written)


def _id(value: Any) -> UUID | None:
    try:
        return UUID(value) if value not in (None, "") else None
    except (ValueError, AttributeError, TypeError):
        raise ValueError("Must be a UUID") from None


def _code(value: Any) -> str | None:
    if value in (None, ""):
        return None
    code = str(value).strip().upper()
    if not re.fullmatch(r"[0-9A-Z]{8}", code, re.ASCII):
        raise ValueError("Must have 8 characters of 0-9 and A-Z")
    return code


def _described(check: Callable[[Any], Any], schema: dict[str, Any]) -> Any:
    return (BeforeValidator(check), WithJsonSchema(schema))


Name = Annotated[str, *_text(100, required=True)]
Description = Annotated[str, *_text(MAX_DESCRIPTION, lines=True)]
Strain = Annotated[str, *_text(100)]
OwnerName = Annotated[str, *_text(100)]
OwnerContact = Annotated[str, *_text(50)]
Quantity = Annotated[int, *_described(_whole, {"type": "integer", "minimum": 0, "maximum": MAX_QUANTITY})]
Latitude = Annotated[Decimal, *_degrees(90)]
Longitude = Annotated[Decimal, *_degrees(180)]
ClientId = Annotated[UUID | None, *_described(_id, {"type": "string", "format": "uuid"})]
ShortCode = Annotated[str | None, *_described(_code, {"type": "string", "pattern": "^[0-9A-Z]{8}$"})]
EXAMPLE: dict[str, Any] = {
    "name": "Rumpun bambu petung",
    "description": "Di tepi sungai, dekat jembatan",
    "strain": "Dendrocalamus asper",
    "quantity": 25,
    "latitude": "-6.914744",
    "longitude": "107.60981",
    "owner_name": "Pak Asep",
    "owner_contact": "081234567890",
}


class NewMarker(BaseModel):
    """A marker to register. With an `id` made by the client, sending it again never makes a second one."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})
    id: ClientId = None
    name: Name
    description: Description = ""
    strain: Strain = ""
    quantity: Quantity = 0
    latitude: Latitude
    longitude: Longitude
    owner_name: OwnerName = ""
    owner_contact: OwnerContact = ""

    @property
    def columns(self) -> dict[str, Any]:
        """What service.create_marker takes as `fields`."""
        return self.model_dump(exclude={"id", "short_code", "image"})


class MarkerChange(BaseModel):
    """What to change about a marker; what is absent stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"quantity": 30}]})
    name: Name = ""
    description: Description = ""
    strain: Strain = ""
    quantity: Quantity = 0
    latitude: Latitude = Decimal()
    longitude: Longitude = Decimal()
    owner_name: OwnerName = ""
    owner_contact: OwnerContact = ""

    @property
    def columns(self) -> dict[str, Any]:
        """What service.update_marker takes as `fields`."""
        return self.model_dump(exclude_unset=True, exclude={"image"})


class ImportedMarker(NewMarker):
    """A row of a spreadsheet; an export's own `id` and `short_code` are kept where they are free."""

    short_code: ShortCode = None
