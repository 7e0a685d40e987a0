"""Models as contract 2 writes them."""

from typing import Any

from webapp.signin import Tokens


def tokens(issued: Tokens) -> dict[str, Any]:
    return {
        "access_token": issued.access,
        "token_type": "bearer",
        "expires_in": issued.expires_in,
        "refresh_token": issued.refresh,
    }
