"""Logos: what is taken, what is made of it, and where it goes."""

import base64
import io

import pytest
from flask import Flask
from PIL import Image

from tests.support.pictures import BLUE, opened, picture, saved
from webapp.database import transaction
from webapp.documents import branding, logos
from webapp.documents.jobs import delete_logo
from webapp.errors import Invalid, NotFound
from webapp.storage import storage


def noise(size: int) -> bytes:
    return saved(Image.effect_noise((size, size), 90).convert("RGB"), "PNG")


def test_a_drawing_stays_a_png_on_white_paper() -> None:
    seen = Image.new("RGBA", (900, 300), (0, 0, 0, 0))
    seen.paste((*BLUE, 255), (0, 0, 450, 300))
    cleaned = opened(logos.clean(saved(seen, "PNG")))
    assert (cleaned.format, cleaned.mode, cleaned.size) == ("PNG", "RGB", (600, 200))
    assert cleaned.getpixel((10, 10)) == BLUE
    assert cleaned.getpixel((590, 10)) == (255, 255, 255)


def test_a_photo_becomes_a_small_jpeg_whatever_it_came_as() -> None:
    for sent in (picture(), noise(700)):
        cleaned = logos.clean(sent)
        assert (opened(cleaned).format, max(opened(cleaned).size)) == ("JPEG", 600)
    assert len(logos.clean(picture(comment=b"secret place" * 50))) < 20_000
    assert b"secret" not in logos.clean(picture(comment=b"secret"))


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"", "PNG or JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "PNG or JPEG"),
        (picture(kind="GIF"), "PNG or JPEG"),
        (picture()[:900], "damaged"),
        (noise(64)[:300], "damaged"),
        (b"\0" * 2_000_001, "2 MB"),
        (saved(Image.new("L", (1300, 100)), "PNG"), "narrow"),
        (saved(Image.new("1", (5000, 5000)), "PNG"), "megapixels"),
    ],
    ids=["nothing", "svg", "gif", "half-a-jpeg", "half-a-png", "heavy", "narrow", "huge"],
)
def test_what_is_no_logo_is_refused(sent: bytes, said: str) -> None:
    with pytest.raises(Invalid) as refusal:
        logos.clean(sent)
    assert said in refusal.value.fields["logo"]


def test_documents_get_it_as_a_data_uri_until_it_is_removed(app: Flask) -> None:
    with app.app_context():
        assert (branding.logo(), branding.logo_file()) == (None, None)
        with transaction():
            branding.change_logo(picture(kind="PNG"))
        uri = branding.logo()
        assert uri is not None
        head, data = uri.split(",")
        assert head == "data:image/png;base64"
        assert Image.open(io.BytesIO(base64.b64decode(data))).size == (600, 450)
        with transaction():
            branding.remove_logo()
        assert branding.logo() is None


def test_the_file_of_a_logo_that_was_replaced_goes(app: Flask) -> None:
    with app.app_context():
        with transaction():
            first = logos.keep(picture())
            logos.forget(first)
        assert app.extensions["redis"].llen("rq:queue:low") == 1
        delete_logo(first)
        with pytest.raises(NotFound):
            storage().get(first)
        assert logos.data_uri(first) is None
        assert logos.load("../../secret") is None
