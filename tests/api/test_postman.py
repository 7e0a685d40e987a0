"""The Postman collection (contract 3, Postman Collection), made from the OpenAPI document."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask

from webapp.api import openapi, postman

FILE = Path(__file__).parents[2] / "docs" / "postman" / "DataLane_Collection.json"


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    with app.app_context():
        return openapi.document(app)


@pytest.fixture
def collection(document: dict[str, Any]) -> dict[str, Any]:
    return postman.collection(document)


def _requests(collection: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """Method and path, as the document writes them, to the request."""
    found = {}
    for folder in collection["item"]:
        for item in folder["item"]:
            parts = [f"{{{part[1:]}}}" if part[0] == ":" else part for part in item["request"]["url"]["path"]]
            found[item["request"]["method"], ("/" + "/".join(parts)).rstrip("/")] = item["request"]
    return found


def _operations(document: dict[str, Any]) -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield (
                (method.upper(), path.rstrip("/")),
                operation,
            )  # contract 2 ends some of its paths with a slash


def test_the_file_beside_the_contract_is_current(document: dict[str, Any]) -> None:
    command = "flask --app wsgi gerbang postman > docs/postman/DataLane_Collection.json"
    assert FILE.read_text() == postman.text(document), f"make it anew: {command}"


def test_the_command_prints_it(app: Flask) -> None:
    printed = app.test_cli_runner().invoke(args=["gerbang", "postman"]).output
    assert printed == FILE.read_text()


def test_it_is_served_and_linked_from_the_documentation(app: Flask, collection: dict[str, Any]) -> None:
    client = app.test_client()
    assert client.get("/docs/postman.json").json == collection
    assert 'href="/docs/postman.json"' in client.get("/docs").get_data(as_text=True)


def test_every_operation_is_a_request_in_the_folder_of_its_surface(
    document: dict[str, Any], collection: dict[str, Any]
) -> None:
    assert set(_requests(collection)) == {name for name, _ in _operations(document)}
    folders = [folder["name"] for folder in collection["item"]]
    assert folders == ["retribusi", "ftth", "datalane", "scheduler", "bamboo"]
    assert collection["info"]["schema"].endswith("/v2.1.0/collection.json")


def test_every_body_is_an_example_that_its_schema_accepts(
    document: dict[str, Any], collection: dict[str, Any]
) -> None:
    requests = _requests(collection)
    for name, operation in _operations(document):
        if "requestBody" in operation:
            kind, content = next(iter(operation["requestBody"]["content"].items()))
            if kind == postman.MULTIPART:
                assert {"key": "file", "type": "file"} in requests[name]["body"]["formdata"]
                continue
            body = json.loads(requests[name]["body"]["raw"])
            assert body, f"{name} has no example"
            jsonschema_rs.validate({"components": document["components"], **content["schema"]}, body)


def test_a_request_carries_what_its_route_lets_in(collection: dict[str, Any]) -> None:
    requests = _requests(collection)
    settings = requests["PUT", "/api/settings"]
    assert settings["auth"]["bearer"][0]["value"] == "{{token}}"
    assert [header["key"] for header in settings["header"]] == [
        "Content-Type"
    ]  # a key would be of no use there
    ingest = requests["POST", "/retribusi/v1/ingest"]
    assert {"key": "X-API-Key", "value": "{{api_key}}"} in ingest["header"]
    assert "auth" not in ingest
    assert "auth" not in requests["POST", "/api/auth/login"]


def test_addresses_are_made_of_variables(collection: dict[str, Any]) -> None:
    assert [variable["key"] for variable in collection["variable"]] == ["base_url", "token", "api_key"]
    url = _requests(collection)["PUT", "/api/api-keys/{id}/toggle"]["url"]
    assert url["raw"] == "{{base_url}}/api/api-keys/:id/toggle"
    assert [variable["key"] for variable in url["variable"]] == ["id"]
    query = _requests(collection)["GET", "/api/sessions"]["url"]["query"]
    assert [(one["key"], one["value"], one["disabled"]) for one in query] == [
        ("page", "1", True),
        ("limit", "100", True),
    ]


def test_the_collection_signs_before_and_keeps_the_token_after_every_request(
    collection: dict[str, Any],
) -> None:
    before, after = collection["event"]
    assert (before["listen"], after["listen"]) == ("prerequest", "test")
    assert any("CryptoJS.HmacSHA256(body, credential)" in line for line in before["script"]["exec"])
    assert any("data.token" in line for line in after["script"]["exec"])
