"""Labels with QR codes: their sizes on A4, and a sheet of them as PDF."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from webapp.kit import qr
from webapp.kit.threads import Lane
from webapp.markers import lettering

QUIET = 4  # modules around a QR code that stay white, as the standard asks
CODE_WIDTH = 8 * 0.6  # of a short code in Courier, in units of the letters' size
LARGEST = 14.0  # points
_lane = Lane()  # one at a time: cutting a typeface moves a read position that all documents share


@dataclass(frozen=True)
class Size:
    """A label in millimetres, and how many stand beside and above each other on A4."""

    width: float
    height: float
    columns: int
    rows: int

    @property
    def per_sheet(self) -> int:
        return self.columns * self.rows


SIZES = {
    "small": Size(38.1, 21.2, 5, 13),
    "medium": Size(63.5, 38.1, 3, 7),
    "large": Size(99.1, 67.7, 2, 4),
}
DEFAULT = "medium"


@dataclass(frozen=True)
class Label:
    """What a label says."""

    name: str
    short_code: str
    link: str


def svg(link: str) -> str:
    """The QR code as an `<svg>` to put into a page; no style attributes, so that a strict CSP shows it."""
    return qr.label(link).svg_inline(
        border=QUIET, omitsize=True, svgclass="qr-code", lineclass=None, dark="#000", light="#fff"
    )


def prepare(addresses: Sequence[str]) -> None:
    """Compute the codes, which is most of the work, so that `svg` need not: this may run in another thread."""
    for link in addresses:
        qr.label(link)


def pdf(labels: Sequence[Label], size: Size) -> bytes:
    """A sheet (or more) of labels. Other requests go on meanwhile."""
    return _lane.run(_pdf, labels, size)


def _pdf(labels: Sequence[Label], size: Size) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, pageCompression=1)
    canvas.setTitle("QR")
    for number, label in enumerate(labels):
        place = number % size.per_sheet
        if number and not place:
            canvas.showPage()
        _draw(canvas, label, size, *_corner(size, place))
    canvas.save()
    return buffer.getvalue()


def _corner(size: Size, place: int) -> tuple[float, float]:
    """The lower left corner of the label at `place` (from the top left), in points."""
    row, column = divmod(place, size.columns)
    left = (A4[0] - size.columns * size.width * mm) / 2
    top = A4[1] - (A4[1] - size.rows * size.height * mm) / 2
    return left + column * size.width * mm, top - (row + 1) * size.height * mm


def _draw(canvas: Canvas, label: Label, size: Size, x: float, y: float) -> None:
    side = size.height * mm
    _draw_code(canvas, label.link, x, y, side)
    room = size.width * mm - side - 2 * mm
    large = min(room / CODE_WIDTH, LARGEST)
    canvas.setFont("Courier-Bold", large)
    canvas.drawString(x + side, y + side / 2, label.short_code)
    name = lettering.fitted(label.name, large * 0.75, room)
    lettering.draw(canvas, x + side, y + side / 2 - large * 1.2, name, large * 0.75)


def _draw_code(canvas: Canvas, link: str, x: float, y: float, side: float) -> None:
    rows = list(qr.label(link).matrix_iter(border=QUIET))
    module = side / len(rows)
    for number, row in enumerate(rows, start=1):
        for start, length in _runs(bytes(row)):
            canvas.rect(x + start * module, y + side - number * module, length * module, module, 0, 1)


def _runs(row: bytes) -> list[tuple[int, int]]:
    """Where dark modules begin, and how many stand side by side."""
    found: list[tuple[int, int]] = []
    for column, dark in enumerate(row):
        if dark and column and row[column - 1]:
            start, length = found.pop()
            found.append((start, length + 1))
        elif dark:
            found.append((column, 1))
    return found
