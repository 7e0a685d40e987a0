"""Files that somebody looks at first and confirms then: kept in between, for a while and for them alone."""

import hashlib
import zlib

from redis import RedisError

from webapp.errors import Unavailable
from webapp.identity import current_visit
from webapp.kit.threads import offload
from webapp.queue import connection

WAITS = 1_800  # seconds between looking and confirming


def put(data: bytes) -> str:
    """Keep the file for a while; the answer is what it is asked for with. Raises Unavailable."""
    digest = hashlib.sha256(data).hexdigest()
    try:
        connection().set(_place(digest), offload(zlib.compress, data), ex=WAITS)
    except RedisError:
        raise Unavailable() from None
    return digest


def take(digest: str) -> bytes | None:
    """The file that was looked at, once. Raises Unavailable."""
    try:
        packed = connection().getdel(_place(digest))
    except RedisError:
        raise Unavailable() from None
    return offload(zlib.decompress, packed) if packed else None


def _place(digest: str) -> str:
    return f"import:{current_visit().user_id}:{digest[:64]}"
