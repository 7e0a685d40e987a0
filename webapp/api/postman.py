"""A Postman collection (v2.1), made from the OpenAPI document; its script signs every body that it sends."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ID = "bfdcfbe0-0ec2-4661-b332-25795feecb38"  # contract 3, Postman Collection
SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
KEY_HEADER = "X-API-Key"
MULTIPART = "multipart/form-data"
SIGN = Path(__file__).with_name("postman_sign.js")
KEEP_TOKEN = Path(__file__).with_name("postman_keep_token.js")
_ABOUT = (
    "Set `base_url`, send a login (its token is kept in `token`), or put an API key into `api_key`. "
    "Where a request may use either, the key comes first."
)


def collection(document: dict[str, Any]) -> dict[str, Any]:
    """The collection for an OpenAPI document: a folder for each tag, a request for each operation."""
    return {
        "info": {"_postman_id": ID, "name": "DataLane", "description": _ABOUT, "schema": SCHEMA},
        "auth": {"type": "noauth"},
        "event": [_event("prerequest", SIGN), _event("test", KEEP_TOKEN)],
        "variable": [
            {"key": "base_url", "value": "http://127.0.0.1:8000"},
            {"key": "token", "value": ""},
            {"key": "api_key", "value": ""},
        ],
        "item": [_folder(document, tag) for tag in document["tags"]],
    }


def text(document: dict[str, Any]) -> str:
    """The collection as its file holds it."""
    return json.dumps(collection(document), indent=2, ensure_ascii=False) + "\n"


def _event(listen: str, script: Path) -> dict[str, Any]:
    return {
        "listen": listen,
        "script": {"type": "text/javascript", "exec": script.read_text().splitlines()},
    }


def _folder(document: dict[str, Any], tag: dict[str, str]) -> dict[str, Any]:
    requests = [
        {"name": operation["summary"], "request": _request(document, method, path, operation), "response": []}
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if tag["name"] in operation["tags"]
    ]
    return {"name": tag["name"], "description": tag["description"], "item": requests}


def _request(document: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> dict[str, Any]:
    schemes = {scheme for choice in operation.get("security", []) for scheme in choice}
    made: dict[str, Any] = {
        "method": method.upper(),
        "header": [{"key": KEY_HEADER, "value": "{{api_key}}"}] if "apiKey" in schemes else [],
        "url": _url(path, operation["parameters"]),
    }
    if "bearer" in schemes:
        token = {"key": "token", "value": "{{token}}", "type": "string"}
        made["auth"] = {"type": "bearer", "bearer": [token]}
    if "requestBody" in operation:
        kind, content = next(iter(operation["requestBody"]["content"].items()))
        if kind == MULTIPART:  # Postman writes the Content-Type itself, with the border between the parts
            made["body"] = _form(_resolved(document, content["schema"]))
        else:
            made["header"].append({"key": "Content-Type", "value": kind})
            made["body"] = _body(_example(document, content["schema"]))
    return made


def _url(path: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    """Path variables as Postman writes them, `:id`; optional parameters of the query are there, switched off."""
    plain = re.sub(r"{(\w+)}", r":\1", path)
    made: dict[str, Any] = {
        "raw": "{{base_url}}" + plain,
        "host": ["{{base_url}}"],
        "path": plain.strip("/").split("/"),
    }
    if variables := list(_named(parameters, "path")):
        made["variable"] = [{"key": one["name"], "value": ""} for one in variables]
    if query := list(_named(parameters, "query")):
        made["query"] = [
            {
                "key": one["name"],
                "value": str(one["schema"].get("default") or ""),
                "disabled": not one["required"],
            }
            for one in query
        ]
    return made


def _named(parameters: list[dict[str, Any]], place: str) -> Iterator[dict[str, Any]]:
    return (parameter for parameter in parameters if parameter["in"] == place)


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return dict(document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    return schema


def _form(schema: dict[str, Any]) -> dict[str, Any]:
    """A field for each property; files are chosen in Postman."""
    fields = [
        {"key": name, "type": "file" if described.get("format") == "binary" else "text"}
        for name, described in schema["properties"].items()
    ]
    return {"mode": "formdata", "formdata": fields}


def _example(document: dict[str, Any], schema: dict[str, Any]) -> Any:
    schema = _resolved(document, schema)
    if "examples" in schema:
        return schema["examples"][0]
    return [_example(document, schema["items"])] if "items" in schema else {}


def _body(example: Any) -> dict[str, Any]:
    raw = example if isinstance(example, str) else json.dumps(example, indent=2, ensure_ascii=False)
    return {"mode": "raw", "raw": raw, "options": {"raw": {"language": "json"}}}
