"""Names in a PDF, whatever the script, as far as there is a typeface for it.

Latin, Greek and Cyrillic are the press's own typeface, which the PDF carries. Chinese, Japanese and Korean are named in
the PDF and drawn with the typeface of whoever opens it, as PDF readers agree upon (ISO 32000-1, 9.7.5.2). What is left
shows as empty boxes.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from itertools import groupby

from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

OWN = "Gerbang"
_FILE = (
    files("font_source_sans_pro") / "files" / "SourceSansPro-Regular.ttf"
)  # the press takes a second to load
ELLIPSIS = "…"
_ASIAN = {  # reportlab's name of the typeface → its letters
    "HeiseiKakuGo-W5": re.compile(r"[\u3041-\u30ff\u31f0-\u31ff]"),
    "HYGothic-Medium": re.compile(r"[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]"),
    "STSong-Light": re.compile(r"[\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff60]"),
}


@lru_cache
def _own() -> TTFont:
    """Parsed once a process."""
    font = TTFont(OWN, str(_FILE))
    registerFont(font)
    for name in _ASIAN:
        registerFont(UnicodeCIDFont(name))
    return font


def is_printable(text: str) -> bool:
    """Whether each character has a typeface."""
    known = _own().face.charToGlyph
    return all(ord(character) in known or _face(character) != OWN for character in text)


def width(text: str, size: float) -> float:
    """In points."""
    _own()
    return sum(stringWidth(run, name, size) for name, run in _runs(text))


def fitted(text: str, size: float, room: float) -> str:
    """As much of the text as there is room for."""
    if width(text, size) <= room:
        return text
    while text and width(text + ELLIPSIS, size) > room:
        text = text[:-1]
    return text + ELLIPSIS


def draw(canvas: Canvas, x: float, y: float, text: str, size: float) -> None:
    """Write a line that begins at (x, y)."""
    _own()
    for name, run in _runs(text):
        canvas.setFont(name, size)
        canvas.drawString(x, y, run)
        x += stringWidth(run, name, size)


def _runs(text: str) -> Iterator[tuple[str, str]]:
    """The text in pieces of one typeface each."""
    for name, characters in groupby(text, _face):
        yield name, "".join(characters)


def _face(character: str) -> str:
    return next((name for name, letters in _ASIAN.items() if letters.match(character)), OWN)
