"""Tables as files to keep: CSV that streams, XLSX by way of a temporary file. Neither holds the table in memory."""

import tempfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, send_file

from webapp import config
from webapp.kit import csvsafe, sheets
from webapp.kit.sheets import Rows

FORMATS = "<any(csv, xlsx):format>"
MAX_LIST = 100_000  # rows of a list that is not streamed
MAX_XLSX = 1_000_000  # a sheet ends at 1,048,576


def table(format: str, name: str, header: Sequence[str], rows: Rows) -> Response:
    """The rows as a file to download; text never runs as a formula, moments are in business time."""
    return xlsx(name, header, rows) if format == "xlsx" else csv(name, header, rows)


def csv(name: str, header: Sequence[str], rows: Rows) -> Response:
    """Sent while it is being read."""
    return attached(csvsafe.stream(header, rows), name, "csv", "text/csv")


def pdf(content: bytes, name: str) -> Response:
    """A document that was printed just now, to look at or to save under its name."""
    response = Response(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def attached(pieces: Iterable[Any], name: str, suffix: str, kind: str) -> Response:
    """A file to download, piece by piece."""
    response = Response(pieces, mimetype=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{_file_name(name, suffix)}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def xlsx(name: str, header: Sequence[str], rows: Rows) -> Response:
    """Written aside first, in a thread of its own, so that others are served meanwhile."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it has been sent
    size = sheets.write(file, header, rows)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    response = send_file(file, kind, as_attachment=True, download_name=_file_name(name, "xlsx"), max_age=0)
    response.content_length = size
    response.headers["Cache-Control"] = "no-store"
    return response


def local(moment: int | datetime | None, zone: ZoneInfo | None = None) -> datetime | None:
    """A moment as spreadsheets have it: business time, without a zone."""
    zone = zone or config.current().timezone
    if isinstance(moment, int):
        return datetime.fromtimestamp(moment, zone).replace(tzinfo=None)
    return moment.astimezone(zone).replace(tzinfo=None, microsecond=0) if moment else None


def _file_name(name: str, suffix: str) -> str:
    return f"{name}-{config.today():%Y%m%d}.{suffix}"
