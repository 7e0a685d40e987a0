"""Contract 1's answers: `{success, data, meta?, timestamp}`, or `{error, message}` / `{error, fields}`."""

from typing import Any

import orjson
from flask import Response

from webapp.errors import DomainError, Invalid
from webapp.kit import clock
from webapp.kit.paging import Page


def ok(data: Any, status: int = 200) -> Response:
    """A success with `data`."""
    return _json({"success": True, "data": data, "timestamp": clock.unix()}, status)


def page(items: list[Any], found: Page[Any]) -> Response:
    """A page of a list, with the contract's `meta`."""
    meta = {"page": found.number, "limit": found.size, "total": found.total, "pages": found.pages}
    return _json({"success": True, "data": items, "meta": meta, "timestamp": clock.unix()}, 200)


def fail(error: DomainError) -> Response:
    """Contract 1, Error Responses."""
    response = _json(error_body(error), error.status)
    response.headers.extend(error_headers(error))
    return response


def error_headers(error: DomainError) -> list[tuple[str, str]]:
    retry_after = getattr(error, "retry_after", None)
    return [] if retry_after is None else [("Retry-After", str(retry_after))]


def error_body(error: DomainError) -> dict[str, Any]:
    if isinstance(error, Invalid):
        return {"error": error.code, "fields": error.fields}
    return {"error": error.code, "message": error.message}


def crash() -> Response:
    return _json({"error": "server_error", "message": "Internal server error"}, 500)


def _json(body: dict[str, Any], status: int) -> Response:
    return Response(orjson.dumps(body), status, mimetype="application/json")


def wire_status(status: int) -> int:
    return status


def ok_schema(data: dict[str, Any], paged: bool) -> dict[str, Any]:
    """The JSON schema of a success that carries `data`."""
    properties: dict[str, Any] = {
        "success": {"type": "boolean", "const": True},
        "data": {"type": "array", "items": data} if paged else data,
        "timestamp": {"type": "integer", "description": "Unix seconds", "examples": [1703123456]},
    }
    if paged:
        numbers = {name: {"type": "integer", "minimum": 0} for name in ("page", "limit", "total", "pages")}
        properties["meta"] = {"type": "object", "properties": numbers, "required": list(numbers)}
    return {"type": "object", "properties": properties, "required": list(properties)}


_CODES = {
    401: ("unauthorized", "Invalid or expired token"),
    403: ("forbidden", "Insufficient permissions"),
    404: ("not_found", "Resource not found"),
    409: ("conflict", "Resource already exists"),
    413: ("payload_too_large", "Request body is too large"),
    415: ("unsupported_media_type", "Content-Type must be application/json"),
    429: ("too_many_requests", "Too many requests"),
    500: ("server_error", "Internal server error"),
    503: ("unavailable", "Temporarily unavailable, please retry"),
}


def error_schema(status: int) -> dict[str, Any]:
    """The JSON schema of the error with this status, with its example."""
    if status == 422:
        fields = {"type": "object", "additionalProperties": {"type": "string"}}
        properties: dict[str, Any] = {"error": {"const": "validation_error"}, "fields": fields}
        example: dict[str, Any] = {"error": "validation_error", "fields": {"price": "Must be >= 0"}}
    else:
        code, message = _CODES[status]
        properties = {"error": {"type": "string"}, "message": {"type": "string"}}
        example = {"error": code, "message": message}
    return {"type": "object", "properties": properties, "required": list(properties), "examples": [example]}
