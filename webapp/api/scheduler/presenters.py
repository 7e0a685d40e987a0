"""Accounts and tokens as contract 4 writes them."""

from typing import Any

from webapp.accounts.models import Role, User
from webapp.api.scheduler.envelope import moment
from webapp.signin import Tokens


def token_pair(tokens: Tokens) -> dict[str, Any]:
    return {"access_token": tokens.access, "refresh_token": tokens.refresh}


def user(row: User) -> dict[str, Any]:
    return {
        "id": row.id,
        "username": row.username,
        "email": row.email,
        "is_superuser": row.role is Role.ADMIN,
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
    }


def detail(row: User) -> dict[str, Any]:
    return user(row) | {"role": row.role.word, "is_active": row.is_active}
