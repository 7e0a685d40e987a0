"""Writes a PDF from front to back and keeps nothing but where each object begins (ISO 32000-1, 7.5).

That is why a report's length costs disk and no memory: reportlab's canvas holds a document until it is saved, and
libraries that merge chunks write everything twice.
"""

import zlib
from array import array
from collections.abc import Mapping
from datetime import datetime

from webapp.documents.press.fonts import BOLD, REGULAR, Font
from webapp.documents.press.jpeg import Jpeg
from webapp.documents.press.wholefile import Written

COLOURS = {1: "/DeviceGray", 3: "/DeviceRGB", 4: "/DeviceCMYK"}
INVERTED = "/Decode [1 0 1 0 1 0 1 0] "
QUICK = 4  # zlib's level: the text is a small part of a file full of photos


def text_string(text: str) -> str:
    """A string for people outside of pages, such as the title."""
    return f"<{(chr(0xFEFF) + text).encode('utf-16-be', 'replace').hex().upper()}>"


def date_string(moment: datetime) -> str:
    zone = moment.strftime("%z") or "+0000"
    return f"(D:{moment:%Y%m%d%H%M%S}{zone[:3]}'{zone[3:5]}')"


class PdfFile:
    """Objects go out as they are made; `close` adds the fonts, the page tree and the table of where all of it is."""

    def __init__(self, out: Written) -> None:
        self._out = out
        self._offsets = array("Q")
        self._pages = array("L")
        self.regular, self.bold = Font(REGULAR), Font(BOLD)
        out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        self._catalog, self._tree = self.reserve(), self.reserve()
        self._fonts = {"F1": (self.reserve(), self.regular), "F2": (self.reserve(), self.bold)}

    def reserve(self) -> int:
        """A number for an object that is written later."""
        self._offsets.append(0)
        return len(self._offsets)

    def put(self, body: str, number: int | None = None) -> int:
        return self._object(body.encode("latin-1"), number)

    def stream(self, head: str, data: bytes, number: int | None = None) -> int:
        packed = zlib.compress(data, QUICK)
        return self._raw(f"{head} /Filter /FlateDecode", packed, number)

    def photo(self, jpeg: Jpeg) -> int:
        """The JPEG's bytes as they are."""
        head = (
            f"/Type /XObject /Subtype /Image /Width {jpeg.width} /Height {jpeg.height} /BitsPerComponent 8 "
            f"{INVERTED if jpeg.components == 4 and jpeg.adobe else ''}/ColorSpace {COLOURS[jpeg.components]} "
            "/Filter /DCTDecode"
        )
        return self._raw(head, jpeg.data)

    def picture(self, width: int, height: int, rgb: bytes) -> int:
        """Pixels, three bytes each."""
        size = f"/Width {width} /Height {height} /BitsPerComponent 8 /ColorSpace /DeviceRGB"
        return self.stream(f"/Type /XObject /Subtype /Image {size}", rgb)

    def form(self, width: float, height: float, content: str) -> int:
        """A drawing that many pages show."""
        box = f"/BBox [0 0 {width:.2f} {height:.2f}]"
        return self.stream(f"/Type /XObject /Subtype /Form {box} /Resources << >>", content.encode("latin-1"))

    def page(self, size: tuple[float, float], contents: list[int], objects: Mapping[str, int]) -> None:
        """A page that shows the streams `contents` one over the other; they name `objects` (photos, forms)."""
        drawn = " ".join(f"{number} 0 R" for number in contents)
        shown = " ".join(f"/{name} {number} 0 R" for name, number in objects.items())
        fonts = " ".join(f"/{name} {number} 0 R" for name, (number, _) in self._fonts.items())
        page = (
            f"<< /Type /Page /Parent {self._tree} 0 R /MediaBox [0 0 {size[0]:.2f} {size[1]:.2f}] "
            f"/Contents [{drawn}] /Resources << /Font << {fonts} >> /XObject << {shown} >> >> >>"
        )
        self._pages.append(self.put(page))

    def close(self, *, title: str, author: str, made: datetime, identity: str) -> None:
        for number, font in self._fonts.values():
            self._embed(font, number)
        kids = " ".join(f"{page} 0 R" for page in self._pages)
        self.put(f"<< /Type /Pages /Count {len(self._pages)} /Kids [{kids}] >>", self._tree)
        seen = "/ViewerPreferences << /DisplayDocTitle true >>"
        self.put(f"<< /Type /Catalog /Pages {self._tree} 0 R /Lang (id-ID) {seen} >>", self._catalog)
        said = f"/Title {text_string(title)} /Author {text_string(author)} /CreationDate {date_string(made)}"
        info = self.put(f"<< {said} /Producer (Gerbang) >>")
        self._table(f"/Root {self._catalog} 0 R /Info {info} 0 R /ID [<{identity}> <{identity}>]")

    def _embed(self, font: Font, number: int) -> None:
        name, program = font.name, font.program
        embedded = self.stream(f"/Length1 {len(program)}", program)
        described = (
            f"<< /Type /FontDescriptor /FontName /{name} {font.descriptor} /FontFile2 {embedded} 0 R >>"
        )
        system = "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"
        glyphs = self.put(
            f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} {system} /CIDToGIDMap /Identity "
            f"/FontDescriptor {self.put(described)} 0 R /W [1 [{font.widths}]] >>"
        )
        unicode = self.stream("", font.to_unicode)
        self.put(
            f"<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H "
            f"/DescendantFonts [{glyphs} 0 R] /ToUnicode {unicode} 0 R >>",
            number,
        )

    def _raw(self, head: str, data: bytes, number: int | None = None) -> int:
        opening = f"<< {head} /Length {len(data)} >>\nstream\n".encode("latin-1")
        return self._object(opening + data + b"\nendstream", number)

    def _object(self, body: bytes, number: int | None = None) -> int:
        number = number or self.reserve()
        self._offsets[number - 1] = self._out.size
        self._out.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
        return number

    def _table(self, trailer: str) -> None:
        start, count = self._out.size, len(self._offsets) + 1
        self._out.write(b"xref\n0 %d\n0000000000 65535 f \n" % count)
        for offset in self._offsets:
            self._out.write(b"%010d 00000 n \n" % offset)
        ending = f"trailer\n<< /Size {count} {trailer} >>\nstartxref\n{start}\n%%EOF\n"
        self._out.write(ending.encode("latin-1"))
