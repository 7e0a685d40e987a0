"""Photos: decoded, turned upright, stripped of what the camera tells about its owner, and kept in two sizes."""

import io
import uuid
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from webapp.errors import Invalid
from webapp.kit.threads import offload
from webapp.queue import enqueue
from webapp.storage import storage

MAX_BYTES = 10_000_000  # contract 5: image, ≤ 10 MB
MAX_PIXELS = 50_000_000
MAX_RATIO = 20  # wider or taller than that is no photo
LARGE, SMALL = 1_600, 320  # pixels of the longer side
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "MPO")
SIZES = {"large": LARGE, "small": SMALL}


def store(data: bytes) -> str:
    """Keep a photo; the answer names it. Call it before the transaction writes, because the store may be slow.

    Raises Invalid for what is no photo, Unavailable when the store can't be reached.
    """
    made = offload(_prepared, data)
    name = uuid.uuid4().hex
    for size, jpeg in made.items():
        storage().put(_file(name, size), jpeg)
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
    """The picture, upright, without its metadata. Raises Invalid."""
    if len(data) > MAX_BYTES:
        raise Invalid({"image": "Must be at most 10 MB"})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                _check_size(*opened.size)
                opened.load()
                return ImageOps.exif_transpose(opened).convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Invalid({"image": "Must be a photo (JPEG, PNG, WebP, GIF, BMP or TIFF)"}) from None
    except (OSError, SyntaxError, ValueError, MemoryError, EOFError):
        raise Invalid({"image": "Is damaged"}) from None


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
