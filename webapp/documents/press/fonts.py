"""The press's typeface, Source Sans Pro (SIL Open Font License), and how much of it goes into a document.

Its figures are all of one width, so columns of numbers line up.
"""

import hashlib
import threading
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from reportlab.pdfbase.ttfonts import TTFontFile

FOLDER = Path(str(files("font_source_sans_pro") / "files"))
REGULAR, BOLD = FOLDER / "SourceSansPro-Regular.ttf", FOLDER / "SourceSansPro-Semibold.ttf"
ELLIPSIS = "…"
SMALLEST = 0.8  # how far a text that is too long shrinks before it is cut

_reading = threading.Lock()  # cutting a subset moves a read position in the face that all documents share


class Metrics(dict[str, float]):
    """How wide one face's characters are, in parts of the font size; and which text fits where."""

    def __init__(self, path: Path) -> None:
        self.face = TTFontFile(str(path))

    def __missing__(self, character: str) -> float:
        width = self[character] = self.face.charWidths.get(ord(character), self.face.defaultWidth) / 1000
        return width

    def width(self, text: str, size: float) -> float:
        return sum(map(self.__getitem__, text)) * size

    def fit(self, text: str, size: float, room: float) -> tuple[str, float, float]:
        """The text, size and width that fit into `room` points: first smaller, at last cut, with an ellipsis."""
        width = self.width(text, size)
        if width <= room:
            return text, size, width
        smallest = size * SMALLEST
        if width * SMALLEST <= room:
            return text, size * room / width, room
        while text and self.width(text + ELLIPSIS, smallest) > room:
            text = text[:-1]
        text = text.rstrip() + ELLIPSIS
        return text, smallest, self.width(text, smallest)


@lru_cache
def metrics(path: Path) -> Metrics:
    """Parsed once a process."""
    return Metrics(path)


class _Codes(dict[str, str]):
    """Each character's glyph in the document's own subset, as four hexadecimal digits; 0000 draws an empty box."""

    def __init__(self, face: TTFontFile) -> None:
        self._face = face
        self.glyphs: dict[int, int] = {0: 0}  # the font's glyph → the subset's
        self.characters: list[str] = []  # the first character of each of the subset's glyphs, from 1

    def __missing__(self, character: str) -> str:
        glyph = self._face.charToGlyph.get(ord(character), 0)
        if glyph not in self.glyphs:
            self.glyphs[glyph] = len(self.glyphs)
            self.characters.append(character)
        code = self[character] = f"{self.glyphs[glyph]:04X}"
        return code


class Font:
    """One face as one document uses it."""

    def __init__(self, path: Path) -> None:
        self.metrics = metrics(path)
        self._face = self.metrics.face
        self._codes = _Codes(self._face)

    def encode(self, text: str) -> str:
        """`text` as a PDF string of this document."""
        return f"<{''.join(map(self._codes.__getitem__, text))}>"

    # What the document embeds (ISO 32000-1, 9.7: a composite font whose codes are its glyph numbers)

    @property
    def name(self) -> str:
        """As PDF wants a subset's: six letters that tell it from another subset of the same face."""
        digest = hashlib.sha256("".join(self._codes.characters).encode()).digest()
        tag = "".join(chr(ord("A") + byte % 26) for byte in digest[:6])
        return f"{tag}+{self._face.name.decode()}"

    @property
    def program(self) -> bytes:
        with _reading:
            return self._face.makeSubset([ord(character) for character in self._codes.characters])

    @property
    def descriptor(self) -> str:
        face = self._face
        box = " ".join(f"{side:.0f}" for side in face.bbox)
        return (
            f"/FontBBox [{box}] /Flags 4 /ItalicAngle {face.italicAngle:.0f} /Ascent {face.ascent:.0f} "
            f"/Descent {face.descent:.0f} /CapHeight {face.capHeight:.0f} /StemV {face.stemV:.0f}"
        )

    @property
    def widths(self) -> str:
        return " ".join(f"{self.metrics[character] * 1000:.0f}" for character in self._codes.characters)

    @property
    def to_unicode(self) -> bytes:
        """Which character each code stands for, so that text can be copied and searched."""
        pairs = [
            f"<{code:04X}> <{character.encode('utf-16-be').hex().upper()}>"
            for code, character in enumerate(self._codes.characters, 1)
        ]
        hundreds = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
        maps = "\n".join(f"{len(part)} beginbfchar\n{chr(10).join(part)}\nendbfchar" for part in hundreds)
        return _CMAP.format(maps=maps).encode()


_CMAP = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
{maps}
endcmap
CMapName currentdict /CMap defineresource pop
end
end"""
