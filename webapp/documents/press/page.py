"""One page's drawing: text, lines, boxes and pictures, in points from the lower left corner."""

from webapp.documents.press.fonts import Font
from webapp.documents.press.pdffile import PdfFile

MM = 72 / 25.4
SIZES = {
    "A3": (297 * MM, 420 * MM),
    "A4": (210 * MM, 297 * MM),
    "A5": (148 * MM, 210 * MM),
    "Letter": (612.0, 792.0),
}


class Drawing:
    """Collects what a content stream says; `objects` are the pictures that it names."""

    def __init__(self, file: PdfFile) -> None:
        self._fonts: dict[bool, tuple[str, Font]] = {False: ("F1", file.regular), True: ("F2", file.bold)}
        self._said: list[str] = []
        self.objects: dict[str, int] = {}

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        room: float = 0,
        bold: bool = False,
        grey: float = 0,
    ) -> None:
        """`text` from `x` on. With `room`, what is too long for it gets smaller and is cut at last."""
        name, font = self._fonts[bold]
        if room:
            text, size, _ = font.metrics.fit(text, size, room)
        self._said.append(f"BT {grey:g} g /{name} {size:.2f} Tf {x:.2f} {y:.2f} Td {font.encode(text)} Tj ET")

    def text_right(
        self, x: float, y: float, text: str, size: float, *, bold: bool = False, grey: float = 0
    ) -> None:
        """`text` up to `x`."""
        self.text(x - self.width(text, size, bold=bold), y, text, size, bold=bold, grey=grey)

    def text_centred(self, x: float, y: float, text: str, size: float, *, grey: float = 0) -> None:
        self.text(x - self.width(text, size) / 2, y, text, size, grey=grey)

    def width(self, text: str, size: float, *, bold: bool = False) -> float:
        return self._fonts[bold][1].metrics.width(text, size)

    def line(
        self, x: float, y: float, to_x: float, to_y: float, *, thick: float = 0.5, grey: float = 0
    ) -> None:
        self._said.append(f"{grey:g} G {thick:g} w {x:.2f} {y:.2f} m {to_x:.2f} {to_y:.2f} l S")

    def box(
        self, x: float, y: float, width: float, height: float, *, grey: float = 0.6, fill: float | None = None
    ) -> None:
        inside = "" if fill is None else f"{fill:g} g "
        shape = f"{x:.2f} {y:.2f} {width:.2f} {height:.2f} re {'S' if fill is None else 'B'}"
        self._said.append(f"{inside}{grey:g} G 0.5 w {shape}")

    def picture(self, number: int, x: float, y: float, width: float, height: float) -> None:
        """The photo `number`, stretched to that size."""
        self._show(number, f"{width:.2f} 0 0 {height:.2f} {x:.2f} {y:.2f} cm")

    def form(self, number: int, x: float, y: float) -> None:
        self._show(number, f"1 0 0 1 {x:.2f} {y:.2f} cm")

    def _show(self, number: int, where: str) -> None:
        name = f"X{number}"
        self.objects[name] = number
        self._said.append(f"q {where} /{name} Do Q")

    def content(self) -> bytes:
        return "\n".join(self._said).encode("latin-1")
