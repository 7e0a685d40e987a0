"""QR codes, as pictures for screens and as drawings for printers."""

import io

import segno

BORDER = 4  # modules, the quiet zone that readers want


def png(text: str, scale: int = 8) -> bytes:
    return _saved(text, "png", scale)


def svg(text: str, scale: int = 8) -> bytes:
    """A document of its own, without styles that a page's policy would refuse."""
    return _saved(text, "svg", scale)


def _saved(text: str, kind: str, scale: int) -> bytes:
    buffer = io.BytesIO()
    code = segno.make_qr(text, error="q")  # a quarter may be scratched off the label
    code.save(buffer, kind=kind, scale=scale, border=BORDER)
    return buffer.getvalue()
