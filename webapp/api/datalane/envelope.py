"""Contract 3's answers: `{code, message, data}`; code 0 is a success."""

from datetime import datetime
from typing import Any

import orjson
from flask import Response

from webapp import errors
from webapp.errors import DomainError, Invalid
from webapp.kit.paging import Page

_MESSAGES = {
    1001: "Invalid request body",
    1002: "Validation error",
    2001: "Unauthorized",
    2002: "Invalid credentials",
    2003: "Session limit reached",
    2004: "Token expired",
    2005: "Invalid API Key",
    2006: "HMAC signature mismatch",
    3001: "Resource not found",
    3002: "Task not ready for download",
    5001: "Internal server error",
}
# The code of each error; of its class or the nearest above it (contract 3, Error Codes).
_CODES: dict[type[DomainError], int] = {
    DomainError: 1001,
    errors.Malformed: 1001,
    errors.Invalid: 1002,
    errors.Conflict: 1002,
    errors.Unauthorized: 2001,
    errors.Forbidden: 2001,
    errors.InvalidCredentials: 2002,
    errors.SecondFactorRequired: 2002,
    errors.TooManyRequests: 2002,
    errors.SessionLimit: 2003,
    errors.TokenExpired: 2004,
    errors.InvalidKey: 2005,
    errors.SignatureMismatch: 2006,
    errors.NotFound: 3001,
    errors.NotReady: 3002,
    errors.Unavailable: 5001,
    errors.QueueFull: 1002,
}
_USUAL = {400: 1002, 401: 2001, 403: 2001, 404: 3001, 409: 1002, 429: 2002, 500: 5001, 503: 5001}  # by status
_SPOKEN = {1001, 1002, 2001, 2002, 2006, 3001}  # codes of which the error itself says more than the table

_USUAL_WORDS = {errors.Unauthorized.message, errors.Forbidden.message, errors.NotFound.message}


def ok(data: Any) -> Response:
    return _json(0, "OK", data, 200)


def secret(data: Any) -> Response:
    """A success that nothing on the way may keep."""
    response = ok(data)
    response.headers["Cache-Control"] = "no-store"
    return response


def page(items: list[Any], found: Page[Any]) -> Response:
    """A page of a list, with the numbers of contract 3's task list."""
    numbers = {"total": found.total, "page": found.number, "limit": found.size, "total_pages": found.pages}
    return ok({"items": items, "pagination": numbers})


def fail(error: DomainError) -> Response:
    """Contract 3, Error Codes, with the HTTP status that contracts/README.md puts beside each."""
    code = code_of(error)
    response = _json(code, _message(error, code), None, wire_status(error.status))
    if (seconds := getattr(error, "retry_after", None)) is not None:
        response.headers["Retry-After"] = str(seconds)
    return response


def code_of(error: DomainError) -> int:
    return next(_CODES[kind] for kind in type(error).__mro__ if kind in _CODES)


def _message(error: DomainError, code: int) -> str:
    if isinstance(error, Invalid):
        faults = "; ".join(f"{name}: {text}" for name, text in error.fields.items())
        return f"{_MESSAGES[code]}: {faults}"
    speaks = code in _SPOKEN and error.message not in _USUAL_WORDS
    return error.message if speaks else _MESSAGES[code]


def crash() -> Response:
    return _json(5001, _MESSAGES[5001], None, 500)


def wire_status(status: int) -> int:
    """Bad input is 400 (contracts, 3 datalane)."""
    return 400 if status == 422 else status


def moment(value: datetime | None) -> str | None:
    """`2025-12-16T12:00:00Z`."""
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if value else None


def _json(code: int, message: str, data: Any, status: int) -> Response:
    body = {"code": code, "message": message, "data": data}
    return Response(orjson.dumps(body), status, mimetype="application/json")


def ok_schema(data: dict[str, Any], paged: bool) -> dict[str, Any]:
    """The JSON schema of a success that carries `data`."""
    inner = data
    if paged:
        numbers = {name: {"type": "integer"} for name in ("total", "page", "limit", "total_pages")}
        parts = {
            "items": {"type": "array", "items": data},
            "pagination": {"type": "object", "properties": numbers, "required": list(numbers)},
        }
        inner = {"type": "object", "properties": parts, "required": list(parts)}
    return _frame({"const": 0}, inner)


def error_schema(status: int) -> dict[str, Any]:
    """The JSON schema of an error."""
    code = _USUAL.get(status, 1001)
    schema = _frame({"type": "integer", "enum": list(_MESSAGES)}, {"type": "null"})
    return schema | {"examples": [{"code": code, "message": _MESSAGES[code], "data": None}]}


def _frame(code: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    properties = {"code": code, "message": {"type": "string"}, "data": data}
    return {"type": "object", "properties": properties, "required": list(properties)}
