"""Contract 5's answers: `{meta: {success, message, details?}, data}`."""

from typing import Any

import orjson
from flask import Response

from webapp.errors import DomainError, Invalid


def ok(message: str, data: Any = None, status: int = 200, **meta: Any) -> Response:
    return _json({"success": True, "message": message, **meta}, data, status)


def secret(message: str, data: Any) -> Response:
    """A success that holds a secret: nobody on the way may keep it."""
    response = ok(message, data)
    response.headers["Cache-Control"] = "no-store"
    return response


def fail(error: DomainError) -> Response:
    """For bad input `meta.details` maps each field to what is wrong with it."""
    details = {"details": error.fields} if isinstance(error, Invalid) else {}
    response = _json({"success": False, "message": error.message, **details}, None, wire_status(error.status))
    if (seconds := getattr(error, "retry_after", None)) is not None:
        response.headers["Retry-After"] = str(seconds)
    return response


def crash() -> Response:
    return _json({"success": False, "message": "Internal server error"}, None, 500)


def wire_status(status: int) -> int:
    """Bad input is 400 (contracts, 5 bamboo)."""
    return 400 if status == 422 else status


def _json(meta: dict[str, Any], data: Any, status: int) -> Response:
    return Response(orjson.dumps({"meta": meta, "data": data}), status, mimetype="application/json")


def ok_schema(data: dict[str, Any], paged: bool) -> dict[str, Any]:
    """The JSON schema of a success that carries `data`."""
    return _frame(True, {"type": "array", "items": data} if paged else data)


def error_schema(status: int) -> dict[str, Any]:
    """The JSON schema of an error."""
    return _frame(False, {"type": "null"}, detailed=status == 400)


def _frame(success: bool, data: dict[str, Any], detailed: bool = False) -> dict[str, Any]:
    meta: dict[str, Any] = {"success": {"const": success}, "message": {"type": "string"}}
    if detailed:
        meta["details"] = {"type": "object", "additionalProperties": {"type": "string"}}
    properties = {
        "meta": {"type": "object", "properties": meta, "required": ["success", "message"]},
        "data": data,
    }
    return {"type": "object", "properties": properties, "required": list(properties)}
