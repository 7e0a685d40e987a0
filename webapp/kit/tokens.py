"""Secrets that are made once, shown once, and kept as a digest."""

import hashlib
import secrets

API_KEY_PREFIX = "pk_live_"


def new_api_key() -> str:
    """`pk_live_` and 32 hexadecimal digits (contract 3, section E)."""
    return API_KEY_PREFIX + secrets.token_hex(16)


def digest(secret: str) -> str:
    """SHA-256 of `secret` as 64 hexadecimal digits; enough for secrets that are random themselves."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
