"""Telling a whole JPEG from a damaged one without decoding it."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.documents.press.paper import photograph
from webapp.documents.press import jpeg

KINDS = {
    "plain": photograph(),
    "grey": photograph("L"),
    "ink": photograph("CMYK"),
    "progressive": photograph(progressive=True),
    "restarts": photograph(restart_marker_blocks=1),
    "with a comment": photograph(comment=b"\xff\xd9 not the end"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_header_is_read(kind: str) -> None:
    found, image = jpeg.read(KINDS[kind]), Image.open(io.BytesIO(KINDS[kind]))
    assert (found.width, found.height) == image.size
    assert found.components == len(image.getbands())
    assert found.data == KINDS[kind]
    assert found.adobe == (kind == "ink")


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_breaks_off_anywhere_is_damaged(kind: str) -> None:
    data = KINDS[kind]
    for length in range(len(data)):
        with pytest.raises(jpeg.Damaged):
            jpeg.read(data[:length])


def test_zeros_after_the_end_are_allowed_and_kept() -> None:
    padded = KINDS["plain"] + bytes(500)
    assert jpeg.read(padded).data == padded


@pytest.mark.parametrize("kind", [0xC3, 0xC9, 0xCA])
def test_a_kind_that_readers_of_pdf_cannot_show_is_damaged(kind: int) -> None:
    lossless = KINDS["plain"].replace(b"\xff\xc0", bytes([0xFF, kind]))
    with pytest.raises(jpeg.Damaged):
        jpeg.read(lossless)


@given(st.binary(max_size=200), st.integers(0, len(KINDS["plain"])))
def test_no_bytes_make_it_stumble(noise: bytes, at: int) -> None:
    data = KINDS["plain"][:at] + noise + KINDS["plain"][at + len(noise) :]
    try:
        found = jpeg.read(data)
    except jpeg.Damaged:
        return
    assert found.width
    assert found.height
