"""`<pdf:datatable>`: long tables for xhtml2pdf, whose own take time that grows with the square of their rows.

    <pdf:datatable name="hours" titles="Jam|Kendaraan|Pendapatan" widths="20 * *" aligns="left right right"
        total="yes"></pdf:datatable>

`name` finds the rows that Python hands over (they never become HTML); `widths` are millimetres, or `*` for a share of
what is left; with `total` the last row is set in bold. The titles are repeated on each page. A cell that is too long
gets smaller, then is cut, with an ellipsis: a row is always one line. A `caption` is a heading that never stands alone
at the end of a page.
"""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from reportlab.platypus.flowables import Flowable
from xhtml2pdf import default, parser
from xhtml2pdf.tags import pisaTag

from webapp.documents.press.faces import BOLD_NAME, FACES, FAMILY
from webapp.documents.press.ink import Ink
from webapp.documents.press.page import MM
from webapp.documents.press.words import plain

Rows = Sequence[Sequence[str]]
rows_by_name: ContextVar[Mapping[str, Rows]] = ContextVar("rows_by_name")

SIZE = 8.0
PITCH = 5 * MM
PADDING = 1.2 * MM
CAPTION = 10 * MM, 10.0  # its height, and its size
NO_ROWS = "Tidak ada data."


class UnknownTable(ValueError):
    """The template names rows that nobody handed over."""


@dataclass(frozen=True)
class Columns:
    titles: tuple[str, ...]
    widths: tuple[float | None, ...]  # points; None for a share of what is left
    rightward: tuple[bool, ...]
    caption: str = ""

    def edges(self, room: float) -> list[tuple[float, float]]:
        """Where each column begins and ends in a table that is `room` wide."""
        shares = self.widths.count(None)
        share = max(0.0, room - sum(filter(None, self.widths))) / (shares or 1)
        edges, x = [], 0.0
        for width in self.widths:
            wide = share if width is None else width
            edges.append((x + PADDING, x + wide - PADDING))
            x += wide
        return edges


def columns(titles: str, widths: str, aligns: str) -> Columns:
    """Raises ValueError when the three don't name equally many columns."""
    names = tuple(titles.split("|"))
    measures = widths.split() or ["*"] * len(names)
    sides = aligns.split() or ["left"] * len(names)
    if not len(names) == len(measures) == len(sides):
        raise ValueError(f"datatable: {len(names)} titles, {len(measures)} widths, {len(sides)} aligns")
    points = tuple(None if measure == "*" else float(measure) * MM for measure in measures)
    return Columns(names, points, tuple(side == "right" for side in sides))


class DataTable(Flowable):
    """Rows `start` to `stop` of a table. Splitting makes two of these, whatever the number of rows."""

    def __init__(self, rows: Rows, columns: Columns, start: int, stop: int, *, total: bool) -> None:
        super().__init__()
        self._rows, self._columns, self._total = rows, columns, total
        self._start, self._stop = start, stop

    def wrap(self, room: float, _height: float) -> tuple[float, float]:
        self.width = room
        self.height = self._above + PITCH * (1 + max(1, self._stop - self._start))
        return self.width, self.height

    @property
    def _above(self) -> float:
        """What the caption takes, on the table's first page."""
        return CAPTION[0] if self._columns.caption and self._start == 0 else 0.0

    def split(self, _room: float, height: float) -> list[Flowable]:
        fitting = int((height - self._above) // PITCH) - 1
        if fitting < 1:
            return []
        middle = min(self._start + fitting, self._stop)
        return [
            DataTable(self._rows, self._columns, start, stop, total=self._total)
            for start, stop in ((self._start, middle), (middle, self._stop))
            if start < stop
        ]

    def draw(self) -> None:
        ink, edges = Ink(self.canv), self._columns.edges(self.width)
        y = self.height - self._above - PITCH
        if self._above:
            caption, size, _width = FACES[BOLD_NAME].fit(plain(self._columns.caption), CAPTION[1], self.width)
            ink.write(0, y + PITCH + 1.5 * MM, caption, BOLD_NAME, size)
        self._draw_row(ink, self._columns.titles, edges, y, BOLD_NAME)
        for at in range(self._start, self._stop):
            y -= PITCH
            last = self._total and at == len(self._rows) - 1
            self._draw_row(ink, self._rows[at], edges, y, BOLD_NAME if last else FAMILY)
        if self._start == self._stop:
            ink.write(PADDING, y - PITCH * 0.7, NO_ROWS, FAMILY, SIZE)
        ink.dry()
        self._draw_rules()

    def _draw_row(
        self, ink: Ink, row: Sequence[str], edges: list[tuple[float, float]], y: float, face: str
    ) -> None:
        for cell, (left, right), rightward in zip(row, edges, self._columns.rightward, strict=True):
            text, size, width = FACES[face].fit(plain(cell), SIZE, right - left)
            ink.write(right - width if rightward else left, y + PITCH * 0.3, text, face, size)

    def _draw_rules(self) -> None:
        """One below the titles, and a hair line below each row."""
        top = self.height - self._above - PITCH
        self.canv.saveState()
        self.canv.setLineWidth(0.8)
        self.canv.line(0, top, self.width, top)
        self.canv.setLineWidth(0.3)
        self.canv.setStrokeGray(0.8)
        count = max(1, self._stop - self._start)
        self.canv.lines(
            [(0, top - PITCH * row, self.width, top - PITCH * row) for row in range(1, count + 1)]
        )
        self.canv.restoreState()


class DataTableTag(pisaTag):
    def start(self, c: Any) -> None:
        rows = rows_by_name.get({}).get(self.attr.name)
        if rows is None:
            raise UnknownTable(self.attr.name)
        shape = columns(self.attr.titles, self.attr.widths, self.attr.aligns)
        shape = replace(shape, caption=self.attr.caption)
        c.addPara()
        c.addStory(DataTable(rows, shape, 0, len(rows), total=self.attr.total == "yes"))


def register() -> None:
    """xhtml2pdf looks its tags up by name among the parser's globals, and their attributes in a table."""
    text, must = default.STRING, default.MUST
    default.TAGS["pdfdatatable"] = (
        0,
        {
            "name": (text, must),
            "titles": (text, must),
            "widths": (text, ""),
            "aligns": (text, ""),
            "total": (text, "no"),
            "caption": (text, ""),
        },
    )
    parser.pisaTagPDFDATATABLE = DataTableTag
