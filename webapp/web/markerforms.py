"""What people type about a marker, on the map, on a page or in the field, with its photo."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any

from flask import flash, request
from flask_babel import gettext as _
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from webapp.accounts.models import User
from webapp.errors import Invalid
from webapp.kit import clock
from webapp.kit.geo import Box
from webapp.markers import photos
from webapp.markers.fields import MAX_DESCRIPTION, MAX_QUANTITY
from webapp.markers.models import Marker
from webapp.markers.queries import Wanted
from webapp.web.forms import Form, Latitude, Longitude, PageNumber, Since, Text, Until, Word, validated

IMAGE = "image"
MAX_BODY = photos.MAX_BYTES + 1_000_000  # a photo and the other fields

Name = Annotated[Text, Field(max_length=100)]
Contact = Annotated[Text, Field(max_length=50)]
Description = Annotated[Text, Field(max_length=MAX_DESCRIPTION)]
Quantity = Annotated[int, Field(ge=0, le=MAX_QUANTITY)]


class MarkerIn(BaseModel):
    """The fields of contract 5; one left empty is emptied."""

    name: Name
    strain: Name = ""
    quantity: Quantity = 0
    description: Description = ""
    latitude: Latitude
    longitude: Longitude
    owner_name: Name = ""
    owner_contact: Contact = ""


FIELDS = tuple(MarkerIn.model_fields)


def _lenient(read: Callable[[Any], Any]) -> BeforeValidator:
    """Nonsense in an address counts as nothing there."""

    def attempt(text: Any) -> Any:
        try:
            return read(text)
        except ValueError:
            return None

    return BeforeValidator(attempt)


def _moment(schema: Any) -> Callable[[Any], datetime]:
    class One(BaseModel):
        value: schema

    return lambda text: clock.from_unix(One(value=text).value)


class Listing(BaseModel):
    """What the address of a list or map of markers holds; days are business days, both ends included."""

    search: Word = ""
    strain: Word = ""
    since: Annotated[datetime | None, _lenient(_moment(Since))] = None
    until: Annotated[datetime | None, _lenient(_moment(Until))] = None
    mine: Annotated[bool, BeforeValidator(lambda text: text == "1")] = False
    bbox: Annotated[Any, _lenient(Box.parse)] = None
    zoom: Annotated[int, _lenient(int), AfterValidator(lambda zoom: min(max(zoom or 0, 0), 20))] = 0
    page: PageNumber = 1
    sort: Word = ""

    def wanted(self, viewer: User) -> Wanted:
        creator = viewer.id if self.mine else None
        return Wanted(self.search, self.strain, self.since, self.until, creator, self.bbox)


def values_of(marker: Marker) -> dict[str, Any]:
    """What a form to change the marker begins with."""
    return {field: getattr(marker, field) for field in FIELDS}


def accepted(form: Form[MarkerIn], act: Callable[[Mapping[str, Any], str | None], Any]) -> bool:
    """Whether the form was sent, is right, and `act(fields, photo)` did not refuse it.

    The photo of a refused form is not kept. While the store is away the rest is taken all the same, and a notice says
    so. Raises what `act` raises.
    """
    if request.method != "POST":
        return False
    try:
        with photos.storing(sent_photo()) as stored:
            if not form.accept(lambda data: act(data.model_dump(), stored.name)):
                raise Invalid(form.errors)  # noqa: TRY301 - so that the photo goes again
    except Invalid as refusal:
        form.errors, form.status = _faults(refusal), form.status if form.errors else refusal.status
        return False
    if stored.failed:
        flash(_("The photo could not be stored now. Everything else was. Add the photo later."), "warning")
    return True


def _faults(refusal: Invalid) -> dict[str, str]:
    """What is wrong with the photo, and with the other fields too."""
    faults = {field: _(sentence) for field, sentence in refusal.fields.items()}
    try:
        validated(MarkerIn, request.form)
    except Invalid as others:
        return others.fields | faults
    return faults


def sent_photo() -> bytes | None:
    """The photo that came with the form, if any; of one that is too large, enough to tell."""
    file = request.files.get(IMAGE)
    return file.read(photos.MAX_BYTES + 1) if file is not None and file.filename else None
