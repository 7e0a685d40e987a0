"""Models as contract 3 writes them."""

from typing import Any

from webapp.accounts.models import ApiKey, LoginSession
from webapp.api.datalane.envelope import moment


def key(row: ApiKey) -> dict[str, Any]:
    """As a list shows it: never the key itself. From `scope` on it is beyond the document."""
    return {
        "id": str(row.public_id),
        "name": row.name,
        "active": row.is_active,
        "created_at": moment(row.created_at),
        "scope": row.scope,
        "hint": row.hint,
        "gate_id": row.gate_id,
        "expires_at": moment(row.expires_at),
        "last_used_at": moment(row.last_used_at),
    }


def new_key(row: ApiKey, secret: str) -> dict[str, Any]:
    return {
        "id": str(row.public_id),
        "name": row.name,
        "api_key": secret,
        "active": row.is_active,
        "scope": row.scope,
        "expires_at": moment(row.expires_at),
    }


def session(row: LoginSession) -> dict[str, Any]:
    """`username` and `surface` are beyond the document."""
    return {
        "id": str(row.id),
        "ip_address": row.ip_address,
        "user_agent": row.user_agent,
        "created_at": moment(row.created_at),
        "expires_at": moment(row.expires_at),
        "username": row.user.username,
        "surface": row.surface,
    }
