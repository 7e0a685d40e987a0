"""What the press's tests share: a sheet to print, transactions, and reading a PDF back with pypdf."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pypdf
from PIL import Image

from webapp.documents.press import Sheet
from webapp.documents.sources import Transaction

JAKARTA = ZoneInfo("Asia/Jakarta")
URL = "https://gerbang.example/verify/R-2026-000123"


def sheet(**changes: Any) -> Sheet:
    known = {
        "company": "PT Jasa Marga",
        "branch": "BALMERA",
        "gate": "01 Belawan",
        "operator": "Siti",
        "station": "01",
        "start": datetime(2025, 12, 15),
        "end": datetime(2025, 12, 16),
        "number": "R-2026-000123",
        "verify_url": URL,
        "generated_at": datetime(2026, 1, 2, 1, 5, 9, tzinfo=UTC),
        "zone": JAKARTA,
    }
    return Sheet(**(known | changes))


def passage(**changes: Any) -> Transaction:
    known = {
        "id": 7,
        "branch": 1,
        "gate": 2,
        "station": 3,
        "shift": "1",
        "period": "4",
        "collector": "100019",
        "passer": "45978",
        "at": datetime(2025, 12, 15, 8, 5, 9),
        "vehicle_class": "2",
        "detected_class": "2",
        "method": "PPC1",
        "serial": "000005",
        "status": "PERIODIK",
        "origin": "05",
        "card": "6032473305931910",
    }
    return Transaction(**(known | changes))


def photograph(mode: str = "RGB", size: tuple[int, int] = (64, 36), **settings: Any) -> bytes:
    """A small JPEG with something to see in it."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(out, "JPEG", **settings)
    return out.getvalue()


def opened(pdf: Path | bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf) if isinstance(pdf, bytes) else pdf, strict=True)


def texts(pdf: Path | bytes) -> list[str]:
    """Each page's text, as it would be copied out."""
    return [page.extract_text() for page in opened(pdf).pages]


def lines(pdf: Path | bytes) -> list[str]:
    return [" ".join(line.split()) for text in texts(pdf) for line in text.splitlines()]


def photos(pdf: Path) -> list[bytes]:
    """The JPEGs that its pages show, byte for byte."""
    return [
        bytes(found._data)
        for page in opened(pdf).pages
        for found in _shown(page)
        if found.get("/Filter") == "/DCTDecode"
    ]


def _shown(page: pypdf.PageObject) -> Iterator[Any]:
    objects = page["/Resources"].get("/XObject", {})  # type: ignore[union-attr]
    return (objects[name] for name in objects)


def unembedded(pdf: Path | bytes) -> set[str]:
    """Fonts that the document names without holding them."""
    found = set()
    for page in opened(pdf).pages:
        for font in page["/Resources"].get("/Font", {}).values():  # type: ignore[union-attr]
            font = font.get_object()
            inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
            if "/FontFile2" not in inner.get("/FontDescriptor", {}):
                found.add(str(font["/BaseFont"]))
    return found
