"""The pages of an evidence sheet: margins, the header that is on each of them, and `Halaman X dari Y`."""

import hashlib
import io

import segno
from PIL import Image

from webapp.documents.press import words
from webapp.documents.press.page import MM, SIZES, Drawing
from webapp.documents.press.pdffile import PdfFile
from webapp.documents.press.sheet import Sheet
from webapp.documents.press.wholefile import Written
from webapp.documents.press.words import plain

MARGIN = 5 * MM
HEADER = 22.5 * MM
FOOTER = 5 * MM
CODE = 17 * MM  # the QR code's side
LOGO = (30 * MM, 8.4 * MM)  # the largest, beside the company's name
LOGO_PIXELS = (710, 200)  # 600 dpi
TITLE = "LAPORAN BUKTI TRANSAKSI"
GREY = 0.35
LINE = 3.7 * MM


class Form:
    """Turns pages. The footers are written last, when the number of pages is known."""

    def __init__(self, out: Written, sheet: Sheet) -> None:
        self.file = PdfFile(out)
        self.sheet = sheet
        self.width, self.height = SIZES[sheet.page_size]
        self.left, self.right = MARGIN, self.width - MARGIN
        self.top, self.bottom = self.height - MARGIN - HEADER, MARGIN + FOOTER
        self._code = self.file.form(CODE, CODE, qr_code(sheet.verify_url, CODE))
        self._header, self._header_shows = self._draw_header()
        self._page: Drawing | None = None
        self._footers: list[int] = []

    @property
    def pages(self) -> int:
        return len(self._footers)

    @property
    def page(self) -> Drawing:
        assert self._page is not None, "turn() comes first"
        return self._page

    def turn(self) -> Drawing:
        """Begin the next page."""
        self._finish()
        self._page = Drawing(self.file)
        return self._page

    def close(self) -> None:
        self._finish()
        for page, footer in enumerate(self._footers, 1):
            drawing = Drawing(self.file)
            self._draw_footer(drawing, f"Halaman {page} dari {len(self._footers)}")
            self.file.stream("", drawing.content(), footer)
        made = self.sheet.generated_at.astimezone(self.sheet.zone)
        identity = hashlib.sha256(f"{self.sheet.number} {made.isoformat()}".encode()).hexdigest()[:32]
        title = f"{TITLE} {self.sheet.number}"
        self.file.close(title=title, author=self.sheet.company, made=made, identity=identity)

    def _finish(self) -> None:
        if self._page is None:
            return
        footer = self.file.reserve()
        body = self.file.stream("", self._page.content())
        shown = self._header_shows | self._page.objects
        self.file.page((self.width, self.height), [self._header, body, footer], shown)
        self._footers.append(footer)
        self._page = None

    def _draw_header(self) -> tuple[int, dict[str, int]]:
        """The same on every page, so it is written once."""
        drawing, sheet = Drawing(self.file), self.sheet
        code = self.right - CODE
        drawing.form(self._code, code, self.height - MARGIN - CODE)
        made = words.moment(sheet.generated_at.astimezone(sheet.zone))
        beside = (f"No. {sheet.number}", 9.0, True, 0.0), (f"Dicetak {made}", 7.0, False, GREY)
        y = self.height - MARGIN - 3.2 * MM
        widest = 0.0
        for text, size, bold, grey in beside:
            drawing.text_right(code - 2 * MM, y, text, size, bold=bold, grey=grey)
            widest = max(widest, drawing.width(text, size, bold=bold))
            y -= 4.2 * MM
        left = self.left + self._draw_logo(drawing)
        room = code - 4 * MM - widest - left
        top = self.height - MARGIN - 3.6 * MM
        drawing.text(left, top, plain(sheet.company) or "-", 12, room=room, bold=True)
        drawing.text(left, top - 4.4 * MM, TITLE, 8.5, room=room, grey=GREY)
        self._draw_facts(drawing, top - 8.8 * MM, code - 2 * MM)
        rule = self.top + 1.1 * MM
        drawing.line(self.left, rule, self.right, rule, thick=0.8)
        return self.file.stream("", drawing.content()), drawing.objects

    def _draw_logo(self, drawing: Drawing) -> float:
        """How much room it takes. It goes in as bare pixels: every JPEG of a sheet is a transaction's photo."""
        if self.sheet.logo is None:
            return 0
        with Image.open(io.BytesIO(self.sheet.logo)) as opened:
            logo = opened.convert("RGB")
        logo.thumbnail(LOGO_PIXELS)
        scale = min(LOGO[0] / logo.width, LOGO[1] / logo.height)
        width, height = logo.width * scale, logo.height * scale
        number = self.file.picture(*logo.size, logo.tobytes())
        y = self.height - MARGIN - (LOGO[1] + height) / 2
        drawing.picture(number, self.left, y, width, height)
        return width + 2.5 * MM

    def _draw_facts(self, drawing: Drawing, y: float, right: float) -> None:
        """`CABANG : …` and its like, in two columns of three."""
        sheet = self.sheet
        facts = (
            ("CABANG", sheet.branch),
            ("GERBANG", sheet.gate),
            ("OPERATOR", sheet.operator),
            ("GARDU", sheet.station),
            ("PERIODE", words.period(sheet.start, sheet.end)),
            ("STATUS", sheet.status or "semua"),
        )
        column = (right - self.left) / 2
        for place, (label, value) in enumerate(facts):
            x, line = self.left + column * (place // 3), y - LINE * (place % 3)
            drawing.text(x, line, label, 8, grey=GREY)
            drawing.text(x + 17 * MM, line, f": {plain(value) or '-'}", 8, room=column - 20 * MM, bold=True)

    def _draw_footer(self, drawing: Drawing, page: str) -> None:
        drawing.text(self.left, MARGIN + 1, f"{TITLE} {self.sheet.number}", 7, grey=GREY)
        drawing.text_right(self.right, MARGIN + 1, page, 7, grey=GREY)


def qr_code(url: str, side: float) -> str:
    """The code as black squares on the white of the paper, a run of them at a time; its quiet zone is included."""
    rows = segno.make(url, error="m", micro=False).matrix
    modules = len(rows) + 8
    said = [f"0 g {side / modules:.4f} 0 0 {side / modules:.4f} 0 0 cm"]
    for down, row in enumerate(rows):
        start = None
        for across, dark in enumerate([*row, 0]):
            if dark and start is None:
                start = across
            elif not dark and start is not None:
                said.append(f"{start + 4} {modules - 5 - down} {across - start} 1 re")
                start = None
    return "\n".join([*said, "f"])
