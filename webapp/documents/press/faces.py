"""The press's typeface for reportlab and xhtml2pdf."""

from reportlab import rl_config
from reportlab.lib.fonts import addMapping
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from webapp.documents.press.fonts import BOLD, REGULAR, metrics

FAMILY, BOLD_NAME = "Helvetica", "Helvetica-Bold"
FACES = {FAMILY: metrics(REGULAR), BOLD_NAME: metrics(BOLD)}
STANDARD = ("Helvetica", "Helvetica-Oblique", "Times-Roman", "Times-Italic", "Courier", "Courier-Oblique")
STANDARD_BOLD = (
    *("Helvetica-Bold", "Helvetica-BoldOblique", "Times-Bold", "Times-BoldItalic"),
    *("Courier-Bold", "Courier-BoldOblique"),
)
FAMILIES = ("Helvetica", "Times-Roman", "Courier")


def register() -> None:
    """Put our faces under the names of PDF's standard fonts, which readers must bring along and nobody embeds.

    Both libraries fall back on these names in many places, a style sheet may name any family: whatever is asked for, a
    document only names fonts that it holds. Italics stand upright: the press has none.
    """
    rl_config.useA85 = 0  # streams as bytes: a quarter smaller, and less work
    for path, names in ((REGULAR, STANDARD), (BOLD, STANDARD_BOLD)):
        for name in names:
            _replace(TTFont(name, str(path), asciiReadable=True))
    for family in FAMILIES:
        for italic in (0, 1):
            addMapping(family, 0, italic, FAMILY)
            addMapping(family, 1, italic, BOLD_NAME)


def _replace(font: TTFont) -> None:
    """Register a font also where its name, or its file under another name, is known: reportlab would keep those.

    Labels (markers/lettering.py) may have drawn with either before the press was loaded.
    """
    known, by_file = pdfmetrics._fonts, pdfmetrics._dynFaceNames  # noqa: SLF001 - there is no other way to forget one
    known.pop(font.fontName, None)
    if by_file.get(font.face.name) not in map(known.get, (*STANDARD, *STANDARD_BOLD)):
        by_file.pop(font.face.name, None)
    pdfmetrics.registerFont(font)
