"""Photos on their way: sent piece by piece, so that a network that is cut costs a piece and not the photo.

The pieces wait in Redis, which all processes share, and which by itself forgets what nobody finishes.
"""

import time
from typing import cast
from uuid import UUID

from redis import RedisError

from webapp.errors import Conflict, TooLarge, TooManyRequests, Unavailable
from webapp.extensions import log
from webapp.markers.photos import MAX_BYTES
from webapp.queue import connection

MAX_PIECE = 1_000_000  # bytes
PATIENCE = 86_400  # seconds that half a photo waits for the rest of it
PER_ACCOUNT, IN_ALL = 40_000_000, 200_000_000  # bytes on their way
AT_LEAST = 100_000  # bytes that each upload counts as, so that a heap of tiny ones has an end too
TRY_AGAIN = 300  # seconds
FULL = -1
_ALL = "gerbang:uploads"

# In one step, so that two pieces at the same moment can neither overlap nor both take the last of the room.
_ADD = """
local have = redis.call('STRLEN', KEYS[1])
if have ~= tonumber(ARGV[1]) then return have end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[3])
local mine, all = #ARGV[2], #ARGV[2]
for _, name in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
    local size = math.max(redis.call('STRLEN', name), tonumber(ARGV[8]))
    all = all + size
    if string.sub(name, 1, #ARGV[5]) == ARGV[5] then mine = mine + size end
end
if mine > tonumber(ARGV[6]) or all > tonumber(ARGV[7]) then return -1 end
redis.call('APPEND', KEYS[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('ZADD', KEYS[2], ARGV[3] + ARGV[4], KEYS[1])
redis.call('EXPIRE', KEYS[2], ARGV[4])
return have + #ARGV[2]
"""


def size(user_id: int, upload_id: UUID) -> int:
    """How many bytes of an account's upload are here; 0 for one that nobody knows. Raises Unavailable."""
    try:
        return int(connection().strlen(_name(user_id, upload_id)))
    except RedisError as error:
        raise _unavailable(error) from None


def add(user_id: int, upload_id: UUID, at: int, piece: bytes) -> int:
    """Take the piece that begins at byte `at`, if that is where the next one does; answer how many bytes are here.

    Any other answer than `at + len(piece)` means that it was not, and where to go on; the last piece, sent again, is
    answered as before. Raises TooLarge, TooManyRequests while too much is on its way, or Unavailable.
    """
    if len(piece) > MAX_PIECE or at + len(piece) > MAX_BYTES:
        raise TooLarge()
    limits = (PER_ACCOUNT, IN_ALL, AT_LEAST)
    values = (at, piece, int(time.time()), PATIENCE, _names(user_id), *limits)
    try:
        have = int(connection().eval(_ADD, 2, _name(user_id, upload_id), _ALL, *values))
    except RedisError as error:
        raise _unavailable(error) from None
    if have == FULL:
        raise TooManyRequests(TRY_AGAIN)
    return have


def read(user_id: int, upload_id: UUID, length: int) -> bytes:
    """An upload that is here in all its `length`. Raises Conflict while some of it is missing; Unavailable."""
    try:
        data = cast("bytes", connection().get(_name(user_id, upload_id)) or b"")
    except RedisError as error:
        raise _unavailable(error) from None
    if len(data) != length:
        raise Conflict("A part of this photo is missing")
    return data


def drop(user_id: int, upload_id: UUID) -> None:
    """Forget an upload; one that can't be dropped now goes by itself later."""
    name = _name(user_id, upload_id)
    try:
        connection().delete(name)
        connection().zrem(_ALL, name)
    except RedisError as error:
        log.warning("upload_not_dropped", error=str(error))


def _names(user_id: int) -> str:
    """How the names of an account's uploads begin: no account sees or fills another's."""
    return f"gerbang:upload:{user_id}:"


def _name(user_id: int, upload_id: UUID) -> str:
    return f"{_names(user_id)}{upload_id}"


def _unavailable(error: RedisError) -> Unavailable:
    log.warning("uploads_unavailable", error=str(error))
    return Unavailable()
