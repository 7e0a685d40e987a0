"""What people type: forms and filters as schemas, and what is wrong with them in the reader's language."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from flask import flash, request
from flask_babel import gettext as _
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError
from pydantic_core import PydanticCustomError

from webapp import config
from webapp.errors import Conflict, Invalid
from webapp.extensions import db
from webapp.kit import clock, money

S = TypeVar("S", bound=BaseModel)
MAX_RUPIAH = 1_000_000_000_000
MAX_MOMENT = 4_102_444_800  # the year 2100
AS_TYPED = "as typed"  # marks a field whose spaces at either end are meant


class Form(Generic[S]):
    """One form of one request: `values` as they were typed, `errors` by field, `status` for the answer.

    `conflict`: the field that an existing row clashes with, unless the refusal itself names it, and what to say
    there (empty: what the refusal says). Without it, Conflict passes on.
    """

    def __init__(self, schema: type[S], conflict: tuple[str, str] | None = None, **initial: Any) -> None:
        self.values: Mapping[str, Any] = request.form if request.method == "POST" else initial
        self.errors: dict[str, str] = {}
        self.status = 200
        self.result: Any = None
        self._schema = schema
        self._conflict = conflict

    def accept(self, act: Callable[[S], Any]) -> bool:
        """Whether the form was sent, is right, and `act` did not refuse it; what `act` returned is `result`."""
        if request.method != "POST":
            return False
        try:
            with db.session.begin_nested():  # a refused form leaves nothing behind
                self.result = act(validated(self._schema, request.form))
        except Invalid as refusal:
            self.errors = {field: _(sentence) for field, sentence in refusal.fields.items()}
            self.status = refusal.status
        except Conflict as refusal:
            if not self._conflict:
                raise
            field, sentence = self._conflict
            self.errors = {refusal.field or field: str(sentence) or _(refusal.message)}
            self.status = refusal.status
        return not self.errors


class Query(Generic[S]):
    """The filters in the address: `data` as a schema, or, with `errors`, the schema's own defaults."""

    def __init__(self, schema: type[S]) -> None:
        self.values: Mapping[str, Any] = request.args
        self.errors: dict[str, str] = {}
        try:
            self.data = validated(schema, request.args)
        except Invalid as refusal:
            self.errors, self.data = refusal.fields, schema()

    @property
    def status(self) -> int:
        return 422 if self.errors else 200


def attempt(act: Callable[[], Any]) -> bool:
    """Whether `act` was not refused (Conflict); a refusal leaves nothing behind, and the next page shows it."""
    try:
        with db.session.begin_nested():
            act()
    except Conflict as refusal:
        flash(_(refusal.message), "danger")
        return False
    return True


def validated(schema: type[S], typed: Mapping[str, str]) -> S:
    """The fields as `schema`; one left empty counts as not given. Raises Invalid, in the reader's language."""
    exact = {name for name, field in schema.model_fields.items() if AS_TYPED in field.metadata}
    given = {
        name: value if name in exact else value.strip() for name, value in typed.items() if value.strip()
    }
    try:
        return schema.model_validate(given)
    except ValidationError as error:
        faults = error.errors()
    raise Invalid(
        {str(fault["loc"][0]) if fault["loc"] else "": _sentence(fault) for fault in reversed(faults)}
    )


def _sentence(fault: Mapping[str, Any]) -> str:
    """One of pydantic's faults in words."""
    limits = fault.get("ctx", {})
    if fault["type"] == "value_error":  # the field is a thing's, which says itself what is wrong
        return _(str(limits["error"]))
    sentences = {
        "missing": _("Please fill this in."),
        "string_too_long": _("At most %(count)s characters.", count=limits.get("max_length")),
        "string_too_short": _("At least %(count)s characters.", count=limits.get("min_length")),
        "string_pattern_mismatch": _("Letters, digits, dots, hyphens and underscores only, no spaces."),
        "unprintable": _("This has characters that can't be used."),
        "rupiah": _("Write whole rupiah, like 5000 or 5.000."),
        "rupiah_limit": _("This amount is too large."),
        "moment": _("Write a date and time, like 2026-01-31T08:00."),
        "moment_limit": _("This date is too far away."),
        "day": _("Write a date, like 2026-01-31."),
        "literal_error": _("Choose one of the list."),
        "greater_than_equal": _("Must be at least %(limit)s.", limit=limits.get("ge")),
        "less_than_equal": _("Must be at most %(limit)s.", limit=limits.get("le")),
        "decimal_parsing": _("Write a number, like -7.215833."),
        "decimal_max_places": _("At most %(count)s decimals.", count=limits.get("decimal_places")),
        "backwards": _("Must be after the beginning."),
        "half_a_place": _("A place needs both latitude and longitude."),
        "differs": _("The two passwords differ."),
        "headers": _("Write each header as Name: value, at most 30 of them."),
    }
    return sentences.get(fault["type"]) or _("This is not valid.")


def _printable(text: str) -> str:
    if not text.replace("\n", "").replace("\r", "").replace("\t", "").isprintable():
        raise PydanticCustomError("unprintable", "unprintable")
    return text


def _rupiah(text: Any) -> int:
    try:
        amount = money.parse(str(text))
    except ValueError:
        raise PydanticCustomError("rupiah", "not whole rupiah") from None
    if amount > MAX_RUPIAH:
        raise PydanticCustomError("rupiah_limit", "too large")
    return amount


def _local(text: Any) -> datetime:
    try:
        return datetime.fromisoformat(str(text)).replace(tzinfo=config.current().timezone)
    except ValueError:
        raise PydanticCustomError("moment", "not a date and time") from None


def _seconds(moment: datetime) -> int:
    try:
        seconds = int(moment.timestamp())
    except (OverflowError, ValueError):
        seconds = -1
    if not 0 <= seconds <= MAX_MOMENT:
        raise PydanticCustomError("moment_limit", "too far away")
    return seconds


def _since(text: Any) -> int:
    """A day or minute as its first second."""
    return _seconds(_local(text).replace(second=0, microsecond=0))


def _until(text: Any) -> int:
    """A day or minute as the second after its last."""
    moment = _local(text).replace(second=0, microsecond=0)
    if len(str(text)) > len("2026-01-31"):
        return _seconds(moment) + 60
    return _seconds(moment.replace(hour=23, minute=59)) + 60


def _day(text: Any) -> date:
    try:
        day = date.fromisoformat(str(text))
    except ValueError:
        raise PydanticCustomError("day", "not a date") from None
    _seconds(datetime(day.year, day.month, day.day, tzinfo=config.current().timezone))
    return day


def _page_number(text: Any) -> int:
    text = str(text)
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) <= 6 else 1


def _coordinate(text: Any) -> Any:
    return text.replace(",", ".") if isinstance(text, str) else text


Code = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
Text = Annotated[str, AfterValidator(_printable)]
Password = Annotated[str, AS_TYPED]
Name = Annotated[Text, Field(max_length=150)]
Kind = Annotated[Text, Field(max_length=50)]
Note = Annotated[Text, Field(max_length=500)]
Rupiah = Annotated[int, BeforeValidator(_rupiah)]
Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[int, BeforeValidator(lambda text: _seconds(_local(text)))]
Since = Annotated[int, BeforeValidator(_since)]
Until = Annotated[int, BeforeValidator(_until)]
Latitude = Annotated[Decimal, Field(ge=-90, le=90, decimal_places=8), BeforeValidator(_coordinate)]
Longitude = Annotated[Decimal, Field(ge=-180, le=180, decimal_places=8), BeforeValidator(_coordinate)]
PageNumber = Annotated[int, BeforeValidator(_page_number)]
Word = Annotated[str, BeforeValidator(lambda text: str(text).replace("\0", "")[:100])]


class Listing(BaseModel):
    """What every list has in its address. A page or order that does not exist is no reason to complain."""

    search: Word = ""
    page: PageNumber = 1
    sort: Word = ""
    active: Annotated[bool | None, BeforeValidator({"1": True, "0": False}.get)] = None
    location: Word | None = None
    gate: Word | None = None
    category: Word | None = None


def local_moment(seconds: int) -> str:
    """Unix seconds as a `datetime-local` field holds them, in business time."""
    return f"{clock.from_unix(seconds).astimezone(config.current().timezone):%Y-%m-%dT%H:%M}"
