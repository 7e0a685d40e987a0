"""Bodies that carry a file."""

from typing import TypeVar

from flask import request
from gunicorn.http.errors import ParseException
from pydantic import BaseModel
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from webapp.api import body as bodies
from webapp.errors import Invalid, Malformed, TooLarge, WrongContentType
from webapp.markers import photos, spreadsheet

S = TypeVar("S", bound=BaseModel)
MULTIPART = "multipart/form-data"
_BESIDE = 200_000  # bytes of a form besides its file


def marker(schema: type[S]) -> tuple[S, bytes | None]:
    """The fields, and the photo if there is one: of a form with a file `image`, or of JSON, which has none.

    Raises WrongContentType, TooLarge, Malformed or Invalid.
    """
    if request.mimetype == MULTIPART:
        image = _file("image", photos.MAX_BYTES)
        return bodies.validated(schema, request.form.to_dict()), image
    return bodies.read(schema, forms=True), None


def table() -> bytes:
    """A spreadsheet: the file `file` of a form, or the body itself. Raises as `marker` does."""
    if request.mimetype == MULTIPART:
        data = _file("file", spreadsheet.MAX_BYTES)
        if data is None:
            raise Invalid({"file": "Field is required"})
        return data
    if request.mimetype not in ("text/csv", "application/csv", "application/vnd.ms-excel"):
        raise WrongContentType("Content-Type must be multipart/form-data or text/csv")
    return bodies.raw(spreadsheet.MAX_BYTES)


def _file(name: str, limit: int) -> bytes | None:
    """The form's file of this name; None when none was chosen."""
    if (request.content_length or 0) > limit + _BESIDE:
        raise TooLarge()
    request.max_content_length = limit + _BESIDE
    try:
        sent: FileStorage | None = request.files.get(name)
    except RequestEntityTooLarge:
        raise TooLarge() from None
    except (ClientDisconnected, ParseException):
        raise Malformed({"body": bodies.TORN}) from None
    if request.form.get(name):
        raise Invalid({name: "Must be a file"})
    data = sent.read(limit + 1) if sent is not None else b""
    if len(data) > limit:
        raise TooLarge()
    return data if sent is not None and (sent.filename or data) else None
