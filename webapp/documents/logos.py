"""Logos for printed documents: decoded, laid on white paper, no larger than print needs, kept in the storage.

Nothing of the file that was sent goes on: no metadata, no profile, nothing behind its end.
"""

import base64
import io
import re
import uuid
import warnings
from functools import lru_cache

from PIL import Image, ImageOps, UnidentifiedImageError

from webapp.database import pause
from webapp.errors import Invalid, NotFound
from webapp.kit.threads import offload
from webapp.queue import enqueue
from webapp.storage import media_type, storage

MAX_BYTES = 2_000_000
MAX_PIXELS = 20_000_000
MAX_RATIO = 12  # wider or taller than that is no logo
LONGEST = 600  # pixels: 500 dpi at the 30 mm that a document has for it
LARGEST_PNG = 150_000  # bytes; what makes more of them is a photo, and every document would carry it
JPEG = b"\xff\xd8"  # how one begins
_WHITE = (255, 255, 255)
_NAME = re.compile(r"logos/[0-9a-f]{32}\.(png|jpg)")


def clean(data: bytes) -> bytes:
    """A PNG or JPEG as a small RGB one of our own making. Raises Invalid (`logo`) for anything else."""
    if len(data) > MAX_BYTES:
        raise Invalid({"logo": "Must be at most 2 MB"})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd metadata, which we drop; sizes are checked below
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as opened:
                _check_size(*opened.size)
                return _encoded(_flattened(opened), as_jpeg=opened.format == "JPEG")
    except (UnidentifiedImageError, Image.DecompressionBombError):
        raise Invalid({"logo": "Must be a PNG or JPEG picture"}) from None
    except Invalid:
        raise
    except Exception:  # noqa: BLE001 - decoders raise whatever a damaged file makes of them
        raise Invalid({"logo": "Is damaged"}) from None


def keep(data: bytes) -> str:
    """Clean and store a logo; the answer names it for good.

    It commits first, because the store may be slow: call it before writing. Raises Invalid, Unavailable.
    """
    pause()
    cleaned = offload(clean, data)
    suffix = "jpg" if cleaned.startswith(JPEG) else "png"
    name = f"logos/{uuid.uuid4().hex}.{suffix}"
    storage().put(name, cleaned)
    return name


def load(name: str) -> bytes | None:
    """The logo that `keep` named; None when its file is gone. Raises Unavailable."""
    if not _NAME.fullmatch(name):
        return None
    try:
        return _stored(name)
    except NotFound:
        return None


def data_uri(name: str) -> str | None:
    """The logo as `data:image/…;base64,…`, as documents take it; None when its file is gone. Raises Unavailable."""
    data = load(name)
    return f"data:{media_type(name)};base64,{base64.b64encode(data).decode()}" if data else None


def forget(name: str) -> None:
    """Delete a logo's file after the commit, in the background, tried again while the store is away."""
    from webapp.documents.jobs import delete_logo

    if _NAME.fullmatch(name):
        enqueue(delete_logo, name)


@lru_cache(maxsize=16)
def _stored(name: str) -> bytes:
    """Read once a process: under a name there is never another picture."""
    return storage().get(name)


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise Invalid({"logo": "Must have at most 20 megapixels"})
    if max(width, height) > MAX_RATIO * min(width, height):
        raise Invalid({"logo": "Is too narrow for a logo"})


def _flattened(opened: Image.Image) -> Image.Image:
    """Pixels on white, the right way up."""
    opened.load()
    upright = ImageOps.exif_transpose(opened)
    if upright.has_transparency_data:
        upright = upright.convert("RGBA")
        upright.thumbnail((LONGEST, LONGEST))
        paper = Image.new("RGB", upright.size, _WHITE)
        paper.paste(upright, mask=upright)
        return paper
    plain = upright.convert("RGB")
    plain.thumbnail((LONGEST, LONGEST))
    bare = Image.new("RGB", plain.size, _WHITE)
    bare.paste(plain)
    return bare


def _encoded(image: Image.Image, *, as_jpeg: bool) -> bytes:
    """As it came, so that a drawing keeps its edges; a photo that came as PNG becomes a JPEG."""
    buffer = io.BytesIO()
    if not as_jpeg:
        image.save(buffer, "PNG", optimize=True)
    if as_jpeg or buffer.tell() > LARGEST_PNG:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=90, subsampling=0)
    return buffer.getvalue()
