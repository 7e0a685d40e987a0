"""Contract 4's answers: `{success, status, message, path, timestamp, data?}`, errors alike."""

from datetime import datetime
from typing import Any

import orjson
from flask import Response, request

from webapp.errors import DomainError, Invalid
from webapp.kit import clock


def ok(message: str, data: Any = None, status: int = 200) -> Response:
    """A success; `data` is left out when there is none."""
    return _json(True, status, message, data)


def secret(message: str, data: Any) -> Response:
    """A success that holds a secret: nobody on the way may keep it."""
    response = ok(message, data)
    response.headers["Cache-Control"] = "no-store"
    return response


def fail(error: DomainError) -> Response:
    """Contract 4, Error Responses; for bad input `data` says which fields."""
    fields = error.fields if isinstance(error, Invalid) else None
    response = _json(False, wire_status(error.status), error.message, fields)
    if (seconds := getattr(error, "retry_after", None)) is not None:
        response.headers["Retry-After"] = str(seconds)
    return response


def crash() -> Response:
    return _json(False, 500, "Internal server error", None)


def wire_status(status: int) -> int:
    """Bad input is 400 (contracts, 4 scheduler)."""
    return 400 if status == 422 else status


def moment(value: datetime) -> str:
    """`2025-12-09T03:01:40.912343Z`, as the document's profiles have it."""
    return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _json(success: bool, status: int, message: str, data: Any) -> Response:
    body: dict[str, Any] = {
        "success": success,
        "status": status,
        "message": message,
        "path": request.path,
        "timestamp": clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    if data is not None:
        body["data"] = data
    return Response(orjson.dumps(body), status, mimetype="application/json")


def ok_schema(data: dict[str, Any], paged: bool) -> dict[str, Any]:
    """The JSON schema of a success that carries `data`."""
    properties = _frame(True)
    required = list(properties)
    if data != {"type": "null"}:
        properties["data"] = {"type": "array", "items": data} if paged else data
        required.append("data")
    return {"type": "object", "properties": properties, "required": required}


def error_schema(status: int) -> dict[str, Any]:
    """The JSON schema of an error."""
    properties = _frame(False)
    required = list(properties)
    if status == 400:
        properties["data"] = {"type": "object", "additionalProperties": {"type": "string"}}
    return {"type": "object", "properties": properties, "required": required}


def _frame(success: bool) -> dict[str, Any]:
    return {
        "success": {"type": "boolean", "const": success},
        "status": {"type": "integer"},
        "message": {"type": "string"},
        "path": {"type": "string"},
        "timestamp": {"type": "string", "format": "date-time"},
    }
