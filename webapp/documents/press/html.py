"""Short documents (invoices, receipts, revenue reports) from HTML, by xhtml2pdf.

It holds a lock of its own for the whole of a conversion, because reportlab keeps its fonts in module globals: printing
in parallel takes processes, threads wait for each other.
"""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from xhtml2pdf import document
from xhtml2pdf.builders.printmarks import MarkedCanvas
from xhtml2pdf.config.resources import ResourceAccessPolicy
from xhtml2pdf.xhtml2pdf_reportlab import PmlBaseDoc

from webapp.documents.press import bars, datatable, faces
from webapp.documents.press.page import MM
from webapp.kit.threads import native_lock

# Nothing is fetched: no host, no file. Pictures come in as `data:` URIs, tables by name; every limit is on.
NOTHING_OUTSIDE = ResourceAccessPolicy.server(None, allow_remote=False)
FOOTER = 7 * MM


class Unprintable(ValueError):
    """xhtml2pdf found the document wrong; the message says how."""


def print_html(
    html: str,
    tables: Mapping[str, datatable.Rows] | None = None,
    charts: Mapping[str, bars.Bars] | None = None,
) -> bytes:
    """The document as PDF, `Halaman X dari Y` below each page when it has several.

    `tables` are the rows of its `<pdf:datatable>`s and `charts` those of its `<pdf:bars>`. `html` comes from a template
    that escapes what people typed. Raises Unprintable, and ValueError for one of these tags that is wrong.
    """
    out = io.BytesIO()
    with _handed_over(tables or {}, charts or {}):
        result = document.pisaDocument(html, out, resource_policy=NOTHING_OUTSIDE)
    if result.err:
        raise Unprintable("; ".join(str(entry[2]) for entry in result.log if entry[0] == "error"))
    return out.getvalue()


@contextmanager
def _handed_over(tables: Mapping[str, datatable.Rows], charts: Mapping[str, bars.Bars]) -> Iterator[None]:
    """Where the tags find their rows while this document is printed."""
    rows, drawn = datatable.rows_by_name.set(tables), bars.bars_by_name.set(charts)
    try:
        yield
    finally:
        datatable.rows_by_name.reset(rows)
        bars.bars_by_name.reset(drawn)


class NumberedCanvas(MarkedCanvas):
    """Keeps each page's drawing until their number is known: `<pdf:pagecount>` would lay out everything twice."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._drawn: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        self._drawn.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        drawn = self._drawn
        for page in drawn:
            self.__dict__.update(page)
            if len(drawn) > 1:
                self._draw_number(len(drawn))
            super().showPage()
        super().save()

    def _draw_number(self, pages: int) -> None:
        self.setFont(faces.FAMILY, 7)
        self.setFillGray(0.35)
        self.drawCentredString(self._pagesize[0] / 2, FOOTER, f"Halaman {self._pageNumber} dari {pages}")


class NumberedDocument(PmlBaseDoc):
    def _makeCanvas(self, filename: Any = None, canvasmaker: Any = None) -> NumberedCanvas:  # noqa: N802, ARG002
        return super()._makeCanvas(filename=filename, canvasmaker=NumberedCanvas)


def _register() -> None:
    """xhtml2pdf takes neither fonts, tags nor a canvas as arguments, so they are put where it looks for its own."""
    faces.register()
    datatable.register()
    bars.register()
    document.PmlBaseDoc = NumberedDocument
    document._RENDER_LOCK = native_lock()  # noqa: SLF001 - gevent's makes threads that wait for each other wait for ever


_register()
