"""`X-Signature`: HMAC-SHA256 of the raw body, keyed by what the caller authenticates with (contracts, 3 datalane)."""

import hashlib
import hmac
import re
import time

from flask import g, request
from redis import RedisError

from webapp.accounts import settings
from webapp.errors import SignatureMismatch, Unavailable
from webapp.kit import tokens
from webapp.queue import connection

SIGNED = {"POST", "PUT", "PATCH"}
GOOD_FOR = 300  # seconds that a timestamp may be off
REMEMBERED = 2 * GOOD_FOR + 60  # from its earliest use to its latest, and what clocks may differ
_NONCE = re.compile(r"[!-\-/-~]{1,128}")  # printable, and no dot: that divides it from the body


def check(body: bytes) -> None:
    """Refuse a body that the caller (`g.credential`) has not signed. Raises SignatureMismatch.

    With `X-Timestamp` and `X-Nonce` the signature covers `timestamp.nonce.body`, and none is good twice. Raises
    Unavailable when Redis, which remembers the nonces for all processes, can't be asked.
    """
    if not settings.is_on("enable_hmac"):
        return
    timestamp, nonce = request.headers.get("X-Timestamp", ""), request.headers.get("X-Nonce", "")
    message = body
    if timestamp or nonce:
        _check_fresh(timestamp, nonce)
        message = f"{timestamp}.{nonce}.".encode() + body
    given = request.headers.get("X-Signature", "")
    if not hmac.compare_digest(sign(g.credential, message).encode(), given.encode("utf-8", "replace")):
        raise SignatureMismatch()
    if nonce:
        _spend(nonce)


def sign(credential: str, message: bytes) -> str:
    """Lower-case hexadecimal."""
    return hmac.new(credential.encode(), message, hashlib.sha256).hexdigest()


def _check_fresh(timestamp: str, nonce: str) -> None:
    if not re.fullmatch(r"[0-9]{1,12}", timestamp) or not _NONCE.fullmatch(nonce):
        raise SignatureMismatch("X-Timestamp (Unix seconds) and X-Nonce go together")
    if abs(time.time() - int(timestamp)) > GOOD_FOR:
        raise SignatureMismatch("X-Timestamp is too old or too far ahead")


def _spend(nonce: str) -> None:
    name = f"gerbang:nonce:{tokens.digest(g.credential)[:32]}:{nonce}"
    try:
        fresh = connection().set(name, 1, nx=True, ex=REMEMBERED)
    except RedisError:
        raise Unavailable() from None
    if not fresh:
        raise SignatureMismatch("X-Nonce was used before")
