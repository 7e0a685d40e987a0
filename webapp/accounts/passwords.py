"""bcrypt, cost 12, in a native thread so that hashing never holds up other requests."""

import os

import bcrypt

from webapp.errors import Invalid
from webapp.kit.threads import Lane

COST = 12
MAX_BYTES = 72  # bcrypt ignores what comes after
MIN_LENGTH = 8
_lane = Lane(threads=os.cpu_count() or 1, politeness=10)  # a burst of sign-ins must not slow the rest
# A real digest of nothing anyone knows: an unknown user costs the same time as a wrong password.
_DECOY = b"$2b$12$.oUispBcWatv7zaUx1UYN.x0OcLDdu.EaPsRHEDaBEzWi04Yc9xoC"


def hash_password(password: str) -> str:
    """The digest to store. Raises Invalid for a password that is too short, too long or has a NUL."""
    if len(password) < MIN_LENGTH:
        raise Invalid({"password": f"Must have at least {MIN_LENGTH} characters"})
    if not _fits(password):
        raise Invalid({"password": f"Must have at most {MAX_BYTES} bytes and no NUL"})
    return _lane.run(bcrypt.hashpw, password.encode(), bcrypt.gensalt(COST)).decode()


def matches(password: str, digest: str | None) -> bool:
    """Whether `password` belongs to `digest`; takes the same time when there is no digest."""
    candidate = password.encode() if _fits(password) else b""
    correct = _lane.run(bcrypt.checkpw, candidate, digest.encode() if digest else _DECOY)
    return correct and digest is not None and _fits(password)


def _fits(password: str) -> bool:
    encoded = password.encode("utf-8", "surrogatepass")
    return len(encoded) <= MAX_BYTES and b"\0" not in encoded
