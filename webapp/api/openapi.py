"""One OpenAPI 3.1 document, made from the schemas that validate."""

import re
import sys
from collections.abc import Iterable
from typing import Any

from flask import Flask
from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import models_json_schema

from webapp.api.body import FORM_TYPES
from webapp.api.surface import Operation, Surface
from webapp.identity import Policy

Refs = dict[type[BaseModel], dict[str, Any]]
REF = "#/components/schemas/{model}"
SECURITY_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
_SIGNATURE_HEADERS = {
    "X-Signature": "Lower-case hexadecimal HMAC-SHA256 of the raw body, keyed by the API key, else by the token",
    "X-Timestamp": "Optional, with X-Nonce: Unix seconds; the signature then covers `timestamp.nonce.body`",
    "X-Nonce": "Optional, with X-Timestamp: any text that is used once",
}
_CONVERTERS: dict[str, dict[str, Any]] = {
    "": {"type": "string"},
    "int": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1},
    "code": {"type": "string", "pattern": "^[0-9A-Za-z]{8}$"},
    "uuid": {"type": "string", "format": "uuid"},
    "path": {"type": "string"},
}
_VARIABLE = re.compile(r"<(?:(\w+):)?(\w+)>")
_ABOUT = """Gates, one core, several contracts: one tag for each, with an envelope and errors of its own.

A token from any sign-in is good on all of them, within its account's role. `datalane` also wants the `X-Signature` of
every body; the [Postman collection](/docs/postman.json) computes it."""
_REASONS = {
    400: "The body or a field is missing or wrong",
    401: "Not signed in, or the token or key is not good",
    403: "Not allowed for this role or key",
    404: "Not found",
    409: "Already exists, or not possible now",
    413: "The body is too large",
    415: "Wrong content type",
    422: "A field is missing or wrong",
    429: "Too many requests",
    500: "A fault of the server",
    502: "What it was to be passed on to refused it",
    503: "Temporarily unavailable; try again",
}


def document(app: Flask) -> dict[str, Any]:
    """The whole document, for every surface of the application."""
    surfaces = [blueprint for blueprint in app.blueprints.values() if isinstance(blueprint, Surface)]
    operations = [(surface, operation) for surface in surfaces for operation in surface.operations]
    refs, schemas = _bodies(operation for _, operation in operations)
    paths: dict[str, dict[str, Any]] = {}
    for surface, operation in operations:
        path = _VARIABLE.sub(r"{\2}", operation.path)
        paths.setdefault(path, {})[operation.method.lower()] = _operation(surface, operation, refs)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Gerbang", "version": "1.0", "description": _ABOUT},
        "servers": [{"url": "/"}],
        "tags": [{"name": surface.name, "description": _about(surface)} for surface in surfaces],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": SECURITY_SCHEMES,
        },
    }


def _about(surface: Surface) -> str:
    """What its package says of itself."""
    return (sys.modules[surface.import_name].__doc__ or "").strip()


def _bodies(operations: Iterable[Operation]) -> tuple[Refs, dict[str, Any]]:
    """Each body's reference, and all the schemas; two surfaces may call theirs by the same name."""
    bodies = {operation.body for operation in operations if operation.body is not None}
    ordered = sorted(bodies, key=lambda model: (model.__name__, model.__module__))
    wanted = [(model, "validation") for model in ordered]
    found, schemas = models_json_schema(wanted, ref_template=REF)  # type: ignore[arg-type]
    return {model: dict(found[model, "validation"]) for model in ordered}, dict(schemas.get("$defs", {}))


def _operation(surface: Surface, operation: Operation, refs: Refs) -> dict[str, Any]:
    described: dict[str, Any] = {
        "tags": [operation.surface],
        "summary": operation.summary,
        "operationId": _name(operation),
        "parameters": [*_parameters(operation), *_headers(surface, operation)],
        "responses": _responses(surface, operation),
    }
    if operation.body is not None:
        schema = refs[operation.body]
        kinds = ["application/json", *([FORM_TYPES[0]] if operation.forms else [])]
        content = {kind: {"schema": schema} for kind in kinds}
        described["requestBody"] = {"required": True, "content": content}
    elif operation.takes:
        content = {kind: {"schema": _whole(type_)} for kind, type_ in operation.takes.items()}
        described["requestBody"] = {"required": True, "content": content}
    if security := _security(operation.policy):
        described["security"] = security
    return described


def _security(policy: Policy) -> list[dict[str, list[str]]]:
    """Any one of them will do."""
    schemes = {"bearer": policy.role, "apiKey": policy.scope}
    return [{scheme: []} for scheme, wanted in schemes.items() if wanted is not None]


def _headers(surface: Surface, operation: Operation) -> list[dict[str, Any]]:
    """The optional headers that the route looks at."""
    signed = surface.signed and operation.body is not None and not operation.policy.is_public
    schema = {"type": "string"}
    return [
        {"name": name, "in": "header", "required": False, "description": text, "schema": schema}
        for name, text in {**operation.headers, **(_SIGNATURE_HEADERS if signed else {})}.items()
    ]


def _name(operation: Operation) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", operation.path.lower()).strip("_")
    return f"{operation.surface}_{operation.method.lower()}_{words}"


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    found = [
        {"name": name, "in": "path", "required": True, "schema": _CONVERTERS[converter]}
        for converter, name in _VARIABLE.findall(operation.path)
    ]
    if operation.query is not None:
        schema = operation.query.model_json_schema()
        for name, described in schema["properties"].items():
            required = name in schema.get("required", [])
            found.append({"name": name, "in": "query", "required": required, "schema": described})
    return found


def _responses(surface: Surface, operation: Operation) -> dict[str, Any]:
    success = _success(surface, operation)
    responses = {str(operation.status): success}
    for status, when in operation.other_statuses.items():
        responses[str(status)] = success | {"description": when}
    for status in sorted({surface.dialect.wire_status(status) for status in _statuses(surface, operation)}):
        content = {"application/json": {"schema": surface.dialect.error_schema(status)}}
        responses[str(status)] = {"description": _REASONS[status], "content": content}
    return responses


def _statuses(surface: Surface, operation: Operation) -> set[int]:
    """Every refusal that can happen: those declared, and those that follow from policy and schemas."""
    statuses = {*operation.errors, 500, 503}
    if operation.policy.role is not None or operation.policy.scope is not None:
        statuses |= {401, 403}
    if operation.body is not None:
        statuses |= {413, 415, 422}
    if operation.query is not None:
        statuses |= {422}
    if operation.per_address or ((operation.per_user or surface.per_user) and not operation.policy.is_public):
        statuses |= {429}
    return statuses


def _success(surface: Surface, operation: Operation) -> dict[str, Any]:
    if operation.status == 204:
        return {"description": "Done; nothing more to say"}
    schema = TypeAdapter(operation.returns).json_schema(ref_template=REF, mode="serialization")
    definitions = schema.pop("$defs", {})
    schema = _inlined(schema, definitions)
    if operation.media_type != "application/json":
        kinds = (operation.media_type, *operation.other_media)
        return {"description": "OK", "content": {kind: {"schema": schema} for kind in kinds}}
    if operation.path != "/health":
        schema = surface.dialect.ok_schema(schema, operation.paged)
    return {"description": "OK", "content": {"application/json": {"schema": schema}}}


def _whole(type_: Any) -> dict[str, Any]:
    schema = TypeAdapter(type_).json_schema(ref_template=REF)
    definitions = schema.pop("$defs", {})
    return dict(_inlined(schema, definitions))


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    """The schema with its definitions in their places: answers are small and read better whole."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _inlined(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
        return {name: _inlined(part, definitions) for name, part in schema.items()}
    if isinstance(schema, list):
        return [_inlined(part, definitions) for part in schema]
    return schema
