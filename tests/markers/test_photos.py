"""Photos: what is kept of them, and what is no photo."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image

from tests.support.pictures import opened, picture, saved
from webapp.errors import Invalid, NotFound, Unavailable
from webapp.markers import photos
from webapp.storage.folder import Folder


def kept(app: Flask, data: bytes, size: str = "large") -> Image.Image:
    with app.app_context():
        return opened(photos.load(photos.store(data), size))


def refused(app: Flask, data: bytes) -> str:
    with app.app_context(), pytest.raises(Invalid) as refusal:
        photos.store(data)
    return refusal.value.fields["image"]


def near(pixel: object, colour: tuple[int, ...]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) < 40 for a, b in zip(pixel, colour, strict=True))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_every_usual_kind_becomes_a_jpeg_in_two_sizes(app: Flask, kind: str) -> None:
    for size, longest in (("large", 1600), ("small", 320)):
        image = kept(app, picture(2000, 1500, kind), size)
        assert image.format == "JPEG"
        assert image.size == (longest, longest * 3 // 4)


def test_a_small_picture_is_not_made_larger(app: Flask) -> None:
    assert kept(app, picture(100, 80)).size == (100, 80)


def test_it_stands_upright_whichever_way_the_phone_was_held(app: Flask) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it right by a quarter
    image = kept(app, picture(600, 400, exif=exif))
    assert image.size == (400, 600)
    assert near(image.getpixel((200, 50)), (30, 30, 200))  # what was left is now on top
    assert near(image.getpixel((200, 550)), (200, 30, 30))


def test_nothing_of_what_the_camera_tells_is_kept(app: Flask) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SECRET-MAKER"
    exif.get_ifd(0x8825)[2] = (6.0, 54.0, 53.0)
    data = picture(
        exif=exif, comment=b"SECRET-COMMENT", icc_profile=b"SECRET-PROFILE" * 20, xmp=b"SECRET-XMP"
    )
    assert b"SECRET-COMMENT" in data
    with app.app_context():
        name = photos.store(data)
        for size in photos.SIZES:
            jpeg = photos.load(name, size)
            assert b"SECRET" not in jpeg
            assert not opened(jpeg).getexif()


def test_what_hangs_on_behind_the_picture_is_gone(app: Flask) -> None:
    with app.app_context():
        name = photos.store(picture() + b"<script>alert(1)</script>PK\x03\x04")
        assert b"script" not in photos.load(name, "large")


def test_what_is_transparent_becomes_white(app: Flask) -> None:
    image = Image.new("RGBA", (50, 50), (200, 30, 30, 0))
    assert near(kept(app, saved(image, "PNG")).getpixel((25, 25)), (255, 255, 255))


@pytest.mark.parametrize("mode", ["L", "1", "P", "LA", "CMYK", "I;16"])
def test_any_mode_of_colour_will_do(app: Flask, mode: str) -> None:
    image = Image.new("L", (60, 40), 128).convert("RGB") if mode == "P" else None
    made = image.quantize(8) if image else Image.new(mode, (60, 40))
    assert kept(app, saved(made, "TIFF" if mode == "CMYK" else "PNG")).mode == "RGB"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"%PDF-1.7",
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
    ],
)
def test_what_is_no_photo_is_refused(app: Flask, data: bytes) -> None:
    assert refused(app, data) in ("Must be a photo (JPEG, PNG, WebP, GIF, BMP or TIFF)", "Is damaged")


def test_a_picture_that_was_cut_off_is_refused(app: Flask) -> None:
    noise = Image.effect_noise((800, 600), 90)
    for kind in ("JPEG", "PNG"):
        data = saved(noise, kind)
        assert refused(app, data[: len(data) // 2]) == "Is damaged"


def bomb(width: int, height: int) -> bytes:
    """A PNG that says it is this large, with hardly anything in it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(1_000_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(50_000, 50_000), (2**31 - 1, 2**31 - 1), (7_200, 7_200)])
def test_a_picture_that_would_fill_the_memory_is_refused_before_it_does(
    app: Flask, width: int, height: int
) -> None:
    assert refused(app, bomb(width, height)).startswith(("Must", "Is damaged"))


def test_a_strip_is_no_photo(app: Flask) -> None:
    assert refused(app, picture(1, 60_000, "PNG")) == "Is too narrow for a photo"


def test_more_than_ten_megabytes_are_refused(app: Flask) -> None:
    assert refused(app, picture() + bytes(10_000_000)) == "Must be at most 10 MB"


def test_a_store_that_is_away_is_said_to_be(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setitem(app.extensions, "storage", Folder(tmp_path / "file"))
    with app.app_context():
        with pytest.raises(Unavailable):
            photos.store(picture())
        with photos.storing(picture()) as photo:
            assert photo == photos.Stored(failed=True)


def test_a_photo_whose_marker_fails_is_deleted_again(app: Flask) -> None:
    names: list[str | None] = []

    def fail() -> None:
        with photos.storing(picture()) as photo:
            names.append(photo.name)
            raise ZeroDivisionError

    with app.app_context():
        with pytest.raises(ZeroDivisionError):
            fail()
        for size in photos.SIZES:
            with pytest.raises(NotFound):
                photos.load(str(names[0]), size)


def test_no_photo_is_no_trouble(app: Flask) -> None:
    with app.app_context(), photos.storing(None) as photo:
        assert photo == photos.Stored()


def test_pictures_of_many_frames_show_their_first(app: Flask) -> None:
    frames = [Image.new("RGB", (40, 40), (200, 30, 30)), Image.new("RGB", (40, 40), (30, 30, 200))]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    assert near(kept(app, buffer.getvalue()).getpixel((20, 20)), (200, 30, 30))
