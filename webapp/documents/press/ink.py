"""Text for a reportlab canvas, in a fraction of the time that its own text objects take.

They format every number with a routine of their own and note every font again. A long table is nothing but short texts.
"""

from functools import cache
from typing import Any

from reportlab.pdfbase import pdfmetrics


class Ink:
    """Collects texts; `dry` puts them on the page, in the colour that the canvas has then."""

    def __init__(self, canvas: Any) -> None:
        self._canvas = canvas
        self._said: list[str] = []
        self._font: tuple[str, float] | None = None
        self._plain = cache(self._plain_subset)

    def write(self, x: float, y: float, text: str, face: str, size: float) -> None:
        """`text` of printable characters, from `x` on."""
        self._said.append(f"1 0 0 1 {x:.2f} {y:.2f} Tm")
        for font, code in self._encoded(text, face):
            if self._font != (font, size):
                self._said.append(f"{font} {size:.2f} Tf")
                self._font = font, size
            self._said.append(f"<{code}> Tj")

    def dry(self) -> None:
        self._canvas.addLiteral("\n".join(["BT", *self._said, "ET"]))

    def _encoded(self, text: str, face: str) -> list[tuple[str, str]]:
        """The text in the codes of the document's own subsets of the font, with each subset's name."""
        if text.isascii():
            return [(self._plain(face), text.encode().hex())]
        font, document = pdfmetrics.getFont(face), self._canvas._doc  # noqa: SLF001 - it keeps the subsets
        return [
            (font.getSubsetInternalName(subset, document), code.hex())
            for subset, code in font.splitString(text, document)
        ]

    def _plain_subset(self, face: str) -> str:
        """The first subset's name: its codes 32 to 126 are those of ASCII (faces registers them `asciiReadable`)."""
        font, document = pdfmetrics.getFont(face), self._canvas._doc  # noqa: SLF001 - as above
        font.splitString(" ", document)  # which begins the subset
        return font.getSubsetInternalName(0, document)
