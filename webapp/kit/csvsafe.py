"""CSV that a spreadsheet opens as text and never runs as a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_SUSPECT = frozenset((*_FORMULA_STARTS, "'"))  # first letters: one look settles nearly all
BYTE_ORDER_MARK = "\ufeff"


def cell(value: object) -> object:
    """`value`, with an apostrophe before text that a spreadsheet would take for a formula."""
    if isinstance(value, str) and value.lstrip("'").startswith(_FORMULA_STARTS):
        return "'" + value
    return value


def _safe(row: Sequence[object]) -> list[object]:
    """`cell` of each; to ask only for the suspect ones takes a third of the time."""
    return [cell(value) if isinstance(value, str) and value[:1] in _SUSPECT else value for value in row]


def plain(text: str) -> str:
    """What `cell` was given; text that it did not write stays as it is."""
    if text.startswith("'") and text.lstrip("'").startswith(_FORMULA_STARTS):
        return text[1:]
    return text


def stream(header: Sequence[str], rows: Iterable[Sequence[object]], chunk: int = 500) -> Iterator[str]:
    """The table as CSV text in pieces of about `chunk` rows, with a byte order mark for spreadsheets."""
    buffer, remaining = io.StringIO(), iter(rows)
    writer = csv.writer(buffer)
    buffer.write(BYTE_ORDER_MARK)
    writer.writerow(header)
    while some := list(islice(remaining, chunk)):
        writer.writerows([_safe(row) for row in some])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()
