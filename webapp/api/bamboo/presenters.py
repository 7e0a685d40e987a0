"""Models as contract 5 writes them."""

from datetime import datetime
from typing import Any

from webapp.accounts.models import User
from webapp.signin import Tokens


def tokens(issued: Tokens) -> dict[str, Any]:
    return {
        "access_token": issued.access,
        "refresh_token": issued.refresh,
        "token_type": "Bearer",
        "expires_in": issued.expires_in,
        "user": user(issued.user),
    }


def user(row: User) -> dict[str, Any]:
    return {
        "id": str(row.public_id),
        "email": row.email,
        "name": row.name,
        "role": row.role.word,
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
    }


def moment(value: datetime) -> str:
    """`2025-12-09T03:01:40Z`."""
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")
