"""Reads a JPEG's frame header and checks that it is whole, without decoding a pixel.

Source: ITU-T T.81 annex B (markers). What PDF's DCTDecode takes is in ISO 32000-1, 7.4.8.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

END, SCAN, ADOBE = 0xD9, 0xDA, 0xEE
FRAMES = {0xC0, 0xC1, 0xC2}  # baseline, extended, progressive: the ones that every reader of PDF decodes
OTHER_FRAMES = set(range(0xC3, 0xD0)) - {0xC4, 0xC8, 0xCC}  # lossless, hierarchical, arithmetic
_NEXT = re.compile(
    rb"\xff[^\x00\xff\xd0-\xd7]"
)  # in a scan: the next marker that isn't a stuffed byte or a restart


class Damaged(ValueError):
    """Not a JPEG, one that breaks off, or one that a PDF can't hold."""


@dataclass(frozen=True)
class Jpeg:
    """`data` as it came; `components` are 1 (grey), 3 (colour) or 4 (CMYK, which Adobe's programs write inverted)."""

    data: bytes
    width: int
    height: int
    components: int
    adobe: bool = False


def read(data: bytes) -> Jpeg:
    """Raises Damaged. Bytes after the end (databases pad with zeros) are allowed, and kept."""
    frame, adobe = None, False
    for marker, body in _segments(data):
        if marker in FRAMES:
            frame = _frame(body)
        elif marker in OTHER_FRAMES:
            raise Damaged("a kind of JPEG that PDF can't hold")
        elif marker == ADOBE:
            adobe = adobe or body.startswith(b"Adobe")
    if frame is None:
        raise Damaged("no picture in it")
    return Jpeg(data, *frame, adobe)


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each marker with what it says, up to the end; what follows a scan's header is passed over."""
    if data[:2] != b"\xff\xd8":
        raise Damaged("not a JPEG")
    marker, at = _marker(data, 2)
    while marker != END:
        body, at = _segment(data, at)
        yield marker, body
        marker, at = _marker(data, _end_of_scan(data, at) if marker == SCAN else at)


def _marker(data: bytes, at: int) -> tuple[int, int]:
    while data[at : at + 2] == b"\xff\xff":  # fill bytes
        at += 1
    if len(data) < at + 2 or data[at] != 0xFF:
        raise Damaged("breaks off")
    return data[at + 1], at + 2


def _segment(data: bytes, at: int) -> tuple[bytes, int]:
    length = int.from_bytes(data[at : at + 2])
    if length < 2 or len(data) < at + length:
        raise Damaged("breaks off")
    return data[at + 2 : at + length], at + length


def _end_of_scan(data: bytes, at: int) -> int:
    found = _NEXT.search(data, at)
    if found is None:
        raise Damaged("breaks off")
    return found.start()


def _frame(body: bytes) -> tuple[int, int, int]:
    if len(body) < 6:
        raise Damaged("breaks off")
    height, width, components = int.from_bytes(body[1:3]), int.from_bytes(body[3:5]), body[5]
    if body[0] != 8 or not width or not height or components not in (1, 3, 4):
        raise Damaged("a kind of JPEG that PDF can't hold")
    return width, height, components
