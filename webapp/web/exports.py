"""Tables as files to keep: CSV that streams, XLSX by way of a temporary file. Neither holds the table in memory."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import xlsxwriter
from flask import Response, send_file

from webapp import config
from webapp.kit import clock, csvsafe
from webapp.kit.threads import offload

Rows = Iterable[Sequence[object]]
FORMATS = "<any(csv, xlsx):format>"
MAX_LIST = 100_000  # rows of a list that is not streamed
MAX_XLSX = 1_000_000  # a sheet ends at 1,048,576
_CHUNK = 1_000
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd hh:mm:ss",
}


def table(format: str, name: str, header: Sequence[str], rows: Rows) -> Response:
    """The rows as a file to download; text never runs as a formula, moments are in business time."""
    return xlsx(name, header, rows) if format == "xlsx" else csv(name, header, rows)


def csv(name: str, header: Sequence[str], rows: Rows) -> Response:
    """Sent while it is being read."""
    response = Response(csvsafe.stream(header, rows), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{_file_name(name, "csv")}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def xlsx(name: str, header: Sequence[str], rows: Rows) -> Response:
    """Written aside first, in a thread of its own, so that others are served meanwhile."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it has been sent
    _write(file, header, rows)
    size = file.tell()
    file.seek(0)
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


def _write(file: BinaryIO, header: Sequence[str], rows: Rows) -> None:
    book = xlsxwriter.Workbook(file, _OPTIONS)
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(header) - 1, 20)
    sheet.write_row(0, 0, header, book.add_format({"bold": True}))
    for first, chunk in _chunks(rows):
        offload(_write_rows, sheet, first, chunk)
    offload(book.close)
    file.seek(0, 2)


def _write_rows(sheet: Any, first: int, rows: Sequence[Sequence[object]]) -> None:
    for number, row in enumerate(rows, start=first):
        sheet.write_row(number, 0, row)


def _chunks(rows: Rows) -> Iterator[tuple[int, Sequence[Sequence[object]]]]:
    """The rows a thousand at a time, each with the sheet's row where it begins."""
    remaining, first = iter(rows), 1
    while chunk := list(islice(remaining, _CHUNK)):
        yield first, chunk
        first += len(chunk)


def _file_name(name: str, suffix: str) -> str:
    return f"{name}-{clock.today(config.current().timezone):%Y%m%d}.{suffix}"
