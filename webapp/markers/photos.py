"""Photos: decoded, turned upright, stripped of what the camera tells about its owner, and kept in two sizes."""

import io
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from webapp.database import pause
from webapp.errors import Invalid, Unavailable
from webapp.kit.threads import Lane
from webapp.queue import enqueue
from webapp.storage import storage

MAX_BYTES = 10_000_000  # contract 5: image, ≤ 10 MB
MAX_PIXELS = 50_000_000
MAX_RATIO = 20  # wider or taller than that is no photo
LARGE, SMALL = 1_600, 320  # pixels of the longer side
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
SIZES = {"large": LARGE, "small": SMALL}
_WHITE = (255, 255, 255)
_lane = Lane(threads=2, politeness=5)  # two decoded photos are 400 MB at worst; the others wait their turn


@dataclass(frozen=True)
class Stored:
    """What became of a photo that came along: its `name`, or None where none was sent or storing it `failed`."""

    name: str | None = None
    failed: bool = False


@contextmanager
def storing(data: bytes | None) -> Iterator[Stored]:
    """Around what writes a marker: a store that is away costs the photo, never the marker.

    If the block raises, the photo is deleted again. Raises Invalid for what is no photo. Like `store`, it commits.
    """
    try:
        stored = Stored(store(data)) if data is not None else Stored()
    except Unavailable:
        stored = Stored(failed=True)
    try:
        yield stored
    except BaseException:
        with suppress(Unavailable):
            if stored.name is not None:
                delete(stored.name)
        raise


def store(data: bytes) -> str:
    """Keep a photo; the answer names it.

    It commits first, because the store may be slow and nothing must be held meanwhile: call it before writing.
    Raises Invalid for what is no photo, Unavailable when the store can't be reached.
    """
    pause()
    made = _lane.run(_prepared, data)
    name = uuid.uuid4().hex
    try:
        for size, jpeg in made.items():
            storage().put(_file(name, size), jpeg)
    except Unavailable:
        forget(name)  # one of the files may be there
        raise
    return name


def load(name: str, size: str) -> bytes:
    """The photo as JPEG, `large` or `small`. Raises NotFound, Unavailable."""
    return storage().get(_file(name, size))


def forget(name: str) -> None:
    """Delete a photo's files after the commit, in the background, tried again while the store is away."""
    from webapp.markers.jobs import delete_photo

    enqueue(delete_photo, name)


def delete(name: str) -> None:
    """Delete a photo's files now. Raises Unavailable."""
    for size in SIZES:
        storage().delete(_file(name, size))


def _file(name: str, size: str) -> str:
    return f"markers/{name}-{size}.jpg"


def _prepared(data: bytes) -> dict[str, bytes]:
    image = _decoded(data)
    return {size: _jpeg(image, longest) for size, longest in SIZES.items()}


def _decoded(data: bytes) -> Image.Image:
    """The picture, upright, as bare pixels. Raises Invalid."""
    if len(data) > MAX_BYTES:
        raise Invalid({"image": "Must be at most 10 MB"})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd metadata, which we drop; sizes are checked below
            with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                _check_size(*opened.size)
                opened.draft("RGB", (LARGE, LARGE))  # a JPEG needn't be decoded in full to be made smaller
                return _bare(opened)
    except (UnidentifiedImageError, Image.DecompressionBombError):
        raise Invalid({"image": "Must be a photo (JPEG, PNG, WebP, GIF, BMP or TIFF)"}) from None
    except Invalid:
        raise
    except Exception:  # noqa: BLE001 - decoders raise whatever a damaged file makes of them
        raise Invalid({"image": "Is damaged"}) from None


def _bare(opened: Image.Image) -> Image.Image:
    """Pixels on white, the right way up. Nothing of the file goes on: no EXIF, no comment, no profile."""
    opened.load()
    upright = ImageOps.exif_transpose(opened)
    upright.thumbnail((LARGE, LARGE), reducing_gap=2)
    bare = Image.new("RGB", upright.size, _WHITE)
    if upright.has_transparency_data:
        upright = upright.convert("RGBA")
        bare.paste(upright, mask=upright)
    else:
        bare.paste(upright.convert("RGB"))
    return bare


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise Invalid({"image": f"Must have at most {MAX_PIXELS // 1_000_000} megapixels"})
    if max(width, height) > MAX_RATIO * min(width, height):
        raise Invalid({"image": "Is too narrow for a photo"})


def _jpeg(image: Image.Image, longest: int) -> bytes:
    copy = image.copy()
    copy.thumbnail((longest, longest))
    buffer = io.BytesIO()
    copy.save(buffer, "JPEG", quality=85, optimize=True)
    return buffer.getvalue()
