"""Bodies that carry a file."""

from typing import TypeVar

from flask import request
from pydantic import BaseModel

from webapp.api import body as bodies
from webapp.api.files import MULTIPART, form_file
from webapp.errors import Invalid, WrongContentType
from webapp.markers import photos, spreadsheet

S = TypeVar("S", bound=BaseModel)


def marker(schema: type[S]) -> tuple[S, bytes | None]:
    """The fields, and the photo if there is one: of a form with a file `image`, or of JSON, which has none.

    Raises WrongContentType, TooLarge, Malformed or Invalid.
    """
    if request.mimetype == MULTIPART:
        image = form_file("image", photos.MAX_BYTES)
        return bodies.validated(schema, request.form.to_dict()), image and image[0]
    return bodies.read(schema, forms=True), None


def table() -> bytes:
    """A spreadsheet: the file `file` of a form, or the body itself. Raises as `marker` does."""
    if request.mimetype == MULTIPART:
        sent = form_file("file", spreadsheet.MAX_BYTES)
        if sent is None:
            raise Invalid({"file": "Field is required"})
        return sent[0]
    if request.mimetype not in ("text/csv", "application/csv", "application/vnd.ms-excel"):
        raise WrongContentType("Content-Type must be multipart/form-data or text/csv")
    return bodies.raw(spreadsheet.MAX_BYTES)
