"""Unknown paths, wrong methods, documentation and the one path that everyone shares."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.callers import Retribusi


@pytest.mark.parametrize(
    "path", ["/retribusi/v1/nope", "/auth/v1/nope", "/health/nope", "/docs/nope", "/retribusi/v1/x%00y"]
)
def test_an_unknown_path_answers_in_the_surfaces_dialect(stranger: Retribusi, path: str) -> None:
    assert stranger.get(path, 404) == {"error": "not_found", "message": "Resource not found"}


def test_a_wrong_method_too_and_it_says_which_are_right(stranger: Retribusi) -> None:
    stranger.delete("/health", 405)
    assert stranger.raw("DELETE", "/health").headers["Allow"] == "GET, HEAD, OPTIONS"


def test_elsewhere_a_json_client_gets_json_and_a_browser_a_page(app: Flask) -> None:
    client = app.test_client()
    json = client.get("/nope", headers={"Accept": "application/json"})
    assert (json.status_code, json.json) == (404, {"error": "not_found", "message": "Resource not found"})
    page = client.get("/nope", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert page.content_type.startswith("text/html")


def test_health_is_as_documented(app: Flask) -> None:
    body = app.test_client().get("/health").json
    assert body is not None
    assert set(body) == {"status", "time"}
    assert body["status"] == "ok"


def home(client: FlaskClient, accept: str | None) -> tuple[int, str]:
    response = client.get("/", headers={"Accept": accept} if accept else {})
    return response.status_code, response.headers.get("Location", response.content_type)


def test_the_shared_path_answers_each_as_it_expects(app: Flask) -> None:
    client = app.test_client()
    assert home(client, "text/html,application/xhtml+xml,*/*;q=0.8") == (302, "/sign-in")
    assert home(client, "application/json") == (200, "application/json")
    assert home(client, "*/*") == (302, "/docs")
    assert home(client, None) == (302, "/docs")


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("TEXT/HTML", "/sign-in"),
        ("text/html;level=1, application/json;q=0.9", "/sign-in"),
        ("application/json; charset=utf-8", "application/json"),
        ("text/html;q=0, application/json;q=0.1", "application/json"),
        ("text/html;q=0", "/docs"),
        ("application/json;q=0, image/*", "/docs"),
        (";;,,=", "/docs"),
    ],
)
def test_the_shared_path_reads_accept_as_it_is_meant(app: Flask, accept: str, expected: str) -> None:
    assert home(app.test_client(), accept)[1] == expected


def test_the_openapi_document_is_whole(app: Flask) -> None:
    document = app.test_client().get("/docs/openapi.json").json
    assert document is not None
    assert document["openapi"].startswith("3.")
    operation = document["paths"]["/retribusi/v1/frontend/tariffs/{location_code}/{gate_code}/{category}"][
        "put"
    ]
    assert operation["security"] == [{"bearer": []}]
    assert {"200", "401", "403", "404", "415", "422", "500"} <= set(operation["responses"])
    example = document["components"]["schemas"]["EventIn"]["examples"][0]
    assert example["location_code"] == "kerkof_01"


def test_the_openapi_document_says_what_a_batch_takes(app: Flask) -> None:
    document = app.test_client().get("/docs/openapi.json").json
    assert document is not None
    content = document["paths"]["/retribusi/v1/ingest/batch"]["post"]["requestBody"]["content"]
    assert set(content) == {"application/json", "application/x-ndjson"}
    assert "location_code" in content["application/json"]["schema"]["items"]["required"]


def test_the_documentation_loads_nothing_from_elsewhere(app: Flask) -> None:
    page = app.test_client().get("/docs")
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert "https://" not in text
    assert "http://" not in text


def test_a_fault_of_our_own_says_nothing_about_itself(
    app: Flask, viewer: Retribusi, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object, **_named: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("webapp.gates.queries.locations", broken)
    body = viewer.get("/retribusi/v1/frontend/locations", 500)
    assert body == {"error": "server_error", "message": "Internal server error"}
