"""`<pdf:bars name="revenue" height="40" />`: a bar chart of the rows (label, number, number in words) handed over."""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any

from reportlab.platypus.flowables import Flowable
from xhtml2pdf import default, parser
from xhtml2pdf.tags import pisaTag

from webapp.documents.press.faces import FACES, FAMILY
from webapp.documents.press.page import MM
from webapp.documents.press.words import plain

Bars = Sequence[tuple[str, int, str]]
bars_by_name: ContextVar[Mapping[str, Bars]] = ContextVar("bars_by_name")

SIZE = 6.5
LABEL = 4 * MM
WIDEST = 24 * MM
COLOUR = (0.13, 0.42, 0.77)


class UnknownBars(ValueError):
    """The template names bars that nobody handed over."""


class BarChart(Flowable):
    """One bar an entry, all from zero; labels and numbers are written where they have room."""

    def __init__(self, bars: Bars, height: float) -> None:
        super().__init__()
        self._bars, self.height = bars, height

    def wrap(self, room: float, _height: float) -> tuple[float, float]:
        self.width = room
        return room, self.height

    def draw(self) -> None:
        pitch = self.width / max(1, len(self._bars))
        tallest = max((abs(amount) for _, amount, _ in self._bars), default=0) or 1
        thick = min(pitch * 0.7, WIDEST)
        self.canv.saveState()
        for place, (label, amount, words) in enumerate(self._bars):
            middle = pitch * (place + 0.5)
            height = max(0, amount) / tallest * (self.height - 2 * LABEL)
            self.canv.setFillColorRGB(*COLOUR)
            self.canv.rect(middle - thick / 2, LABEL, thick, height, stroke=0, fill=1)
            self.canv.setFillGray(0.2)
            self._write(label, middle, 1.2 * MM, pitch)
            self._write(words, middle, LABEL + height + 1 * MM, pitch)
        self.canv.line(0, LABEL, self.width, LABEL)
        self.canv.restoreState()

    def _write(self, text: str, middle: float, y: float, room: float) -> None:
        """What doesn't fit is left out: the table beside a chart has every figure."""
        if FACES[FAMILY].width(plain(text), SIZE) <= room:
            self.canv.setFont(FAMILY, SIZE)
            self.canv.drawCentredString(middle, y, plain(text))


class BarsTag(pisaTag):
    def start(self, c: Any) -> None:
        bars = bars_by_name.get({}).get(self.attr.name)
        if bars is None:
            raise UnknownBars(self.attr.name)
        c.addPara()
        c.addStory(BarChart(bars, self.attr.height * MM))


def register() -> None:
    """As datatable's."""
    default.TAGS["pdfbars"] = (0, {"name": (default.STRING, default.MUST), "height": (default.INT, "40")})
    parser.pisaTagPDFBARS = BarsTag
