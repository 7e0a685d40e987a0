"""Files that come as a form's part, and files that go."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from flask import Response, request
from gunicorn.http.errors import ParseException
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from webapp.api import body as bodies
from webapp.errors import Invalid, Malformed, TooLarge
from webapp.kit import sheets

MULTIPART = "multipart/form-data"
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BESIDE = 200_000  # bytes of a form besides its file


def form_file(name: str, limit: int) -> tuple[bytes, str] | None:
    """The form's file of this name, at most `limit` bytes, and what it is called; None when none was chosen.

    Raises TooLarge, Malformed or Invalid.
    """
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
    return (data, sent.filename or "") if sent is not None and (sent.filename or data) else None


def attached(pieces: Iterable[Any], kind: str, file_name: str) -> Response:
    """A file to download, piece by piece."""
    response = Response(pieces, mimetype=kind, headers={"Cache-Control": "no-store"})
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response


def workbook(header: Sequence[str], rows: sheets.Rows, file_name: str) -> Response:
    """XLSX, written aside first, so that neither the table nor the file is in memory."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it has been read
    size = sheets.write(file, header, rows)
    response = attached(_pieces(file), XLSX, file_name)
    response.content_length = size
    return response


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(100_000):
            yield piece
