"""Contract 2's answers: the bare data; errors as `{detail, status, error_code}`, bad input as `{detail: {…}}`."""

from datetime import UTC, datetime
from typing import Any

import orjson
from flask import Response

from webapp.api.ftth.words import REFUSED
from webapp.errors import DomainError, Invalid, TooManyRequests


def ok(data: Any, status: int = 200) -> Response:
    return _json(data, status)


def page(data: list[Any], total: int, skip: int, limit: int) -> Response:
    """Contract 2's lists: `limit` items at most, from the `skip`th on, of `total`."""
    return _json({"data": data, "total_count": total, "skip": skip, "limit": limit}, 200)


def moment(at: datetime | None) -> str | None:
    """`2024-01-15T10:00:00Z`."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def secret(data: Any) -> Response:
    """A success that holds a secret: nobody on the way may keep it."""
    response = ok(data)
    response.headers["Cache-Control"] = "no-store"
    return response


def fail(error: DomainError) -> Response:
    """Contract 2, Error Handling and Rate Limiting."""
    if isinstance(error, Invalid):
        faults = [{"field": REFUSED.get(name, name), "message": text} for name, text in error.fields.items()]
        return _json({"detail": {"message": error.message, "errors": faults}}, error.status)
    if isinstance(error, TooManyRequests):
        body = {"detail": "Rate limit exceeded", "retry_after": error.retry_after}
        response = _json(body, error.status)
    else:
        response = _json(_plain(error.message, error.code), error.status)
    if (seconds := getattr(error, "retry_after", None)) is not None:
        response.headers["Retry-After"] = str(seconds)
    return response


def crash() -> Response:
    return _json(_plain("Internal server error", "server_error"), 500)


def wire_status(status: int) -> int:
    return status


def _plain(message: str, code: str) -> dict[str, str]:
    return {"detail": message, "status": "error", "error_code": code.upper()}


def _json(body: Any, status: int) -> Response:
    return Response(orjson.dumps(body), status, mimetype="application/json")


def ok_schema(data: dict[str, Any], paged: bool) -> dict[str, Any]:
    """The JSON schema of a success that carries `data`."""
    if not paged:
        return data
    numbers = {name: {"type": "integer", "minimum": 0} for name in ("total_count", "skip", "limit")}
    properties = {"data": {"type": "array", "items": data}, **numbers}
    return {"type": "object", "properties": properties, "required": list(properties)}


def error_schema(status: int) -> dict[str, Any]:
    """The JSON schema of an error with this status."""
    text = {"type": "string"}
    properties: dict[str, Any] = {"detail": text, "status": {"const": "error"}, "error_code": text}
    if status == 422:
        fault = {"type": "object", "properties": {"field": text, "message": text}}
        inner = {"message": text, "errors": {"type": "array", "items": fault}}
        properties = {"detail": {"type": "object", "properties": inner, "required": list(inner)}}
    elif status == 429:
        properties = {"detail": text, "retry_after": {"type": "integer", "minimum": 1}}
    return {"type": "object", "properties": properties, "required": list(properties)}
