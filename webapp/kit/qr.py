"""QR codes, as pictures for screens and as drawings for printers."""

import io
from functools import lru_cache

import segno

BORDER = 4  # modules, the quiet zone that readers want


def png(text: str, scale: int = 8) -> bytes:
    return _saved(text, "png", scale)


def svg(text: str, scale: int = 8) -> bytes:
    """A document of its own, without styles that a page's policy would refuse."""
    return _saved(text, "svg", scale)


@lru_cache(maxsize=2_000)
def label(text: str) -> segno.QRCode:
    """A code for a label, of which a quarter may be scratched off."""
    return segno.make_qr(text, error="q")


def _saved(text: str, kind: str, scale: int) -> bytes:
    buffer = io.BytesIO()
    label(text).save(buffer, kind=kind, scale=scale, border=BORDER)
    return buffer.getvalue()
