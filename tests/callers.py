"""One client for each surface; each asserts status, content type and envelope on every call."""

import time
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

RETRIBUSI_CODES = {
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "payload_too_large",
    415: "unsupported_media_type",
    422: "validation_error",
    429: "too_many_requests",
    500: "server_error",
    503: "unavailable",
}


class Retribusi:
    """Contract 1: `{success, data, meta?, timestamp}`, or `{error, message}` / `{error, fields}`."""

    def __init__(self, client: FlaskClient, *, token: str | None = None, key: str | None = None) -> None:
        self._client = client
        self.headers: dict[str, str] = {}
        if token is not None:
            self.headers["Authorization"] = f"Bearer {token}"
        if key is not None:
            self.headers["X-API-KEY"] = key

    def get(self, path: str, status: int = 200, **query: Any) -> Any:
        """The answer's `data`, or its whole body when an error was expected."""
        return self._checked(self.raw("GET", path, query_string=query), status)

    def listed(self, path: str, **query: Any) -> tuple[list[Any], dict[str, int]]:
        """A list's items and its `meta`."""
        response = self.raw("GET", path, query_string=query)
        items = self._checked(response, 200)
        meta = response.json["meta"]  # type: ignore[index]
        assert set(meta) == {"page", "limit", "total", "pages"}
        assert all(type(value) is int for value in meta.values())
        return items, meta

    def post(self, path: str, status: int = 200, json: Any = None, **options: Any) -> Any:
        return self._checked(self.raw("POST", path, json=json, **options), status)

    def put(self, path: str, status: int = 200, json: Any = None) -> Any:
        return self._checked(self.raw("PUT", path, json=json), status)

    def delete(self, path: str, status: int = 200) -> Any:
        return self._checked(self.raw("DELETE", path), status)

    def send(self, path: str, body: bytes, content_type: str, status: int, **headers: str) -> Any:
        """POST raw bytes."""
        response = self.raw("POST", path, data=body, content_type=content_type, headers=headers)
        return self._checked(response, status)

    def raw(
        self, method: str, path: str, headers: dict[str, str] | None = None, **options: Any
    ) -> TestResponse:
        return self._client.open(path, method=method, headers=self.headers | (headers or {}), **options)

    def _checked(self, response: TestResponse, status: int) -> Any:
        assert response.status_code == status, f"{response.status} {response.get_data(as_text=True)[:500]}"
        assert response.content_type == "application/json"
        assert response.headers["X-Request-ID"]
        body = response.json
        assert isinstance(body, dict)
        if status < 400:
            assert set(body) in ({"success", "data", "timestamp"}, {"success", "data", "meta", "timestamp"})
            assert body["success"] is True
            assert abs(body["timestamp"] - time.time()) < 5
            return body["data"]
        assert body["error"] == RETRIBUSI_CODES[status]
        assert set(body) == {"error", "fields" if status == 422 else "message"}
        return body


class Browser:
    """A person with a browser: keeps cookies, sends the CSRF token of the last page with every form."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def open(self, path: str, status: int = 200, *, htmx: bool = False, **options: Any) -> str:
        """The page's text."""
        response = self.client.get(path, headers=_htmx_headers(htmx), **options)
        assert response.status_code == status, f"{response.status} {response.get_data(as_text=True)[:800]}"
        if status < 300:
            assert response.content_type.startswith("text/html")
            assert "unsafe-inline" not in response.headers["Content-Security-Policy"]
        return response.get_data(as_text=True)

    def submit(
        self, path: str, form: dict[str, Any] | None = None, status: int = 303, *, htmx: bool = False
    ) -> TestResponse:
        """POST a form with a good CSRF token."""
        data = {"csrf_token": self.csrf_token()} | (form or {})
        response = self.client.post(path, data=data, headers=_htmx_headers(htmx))
        assert response.status_code == status, f"{response.status} {response.get_data(as_text=True)[:800]}"
        return response

    def csrf_token(self) -> str:
        """One that fits this browser's session, as a page would carry it."""
        from flask_wtf.csrf import generate_csrf

        with self.client.session_transaction() as kept:
            before = dict(kept)
        with self.client.application.test_request_context():
            from flask import session

            session.update(before)
            token = generate_csrf()
            after = dict(session)
        with self.client.session_transaction() as kept:
            kept.update(after)
        return token


def _htmx_headers(htmx: bool) -> dict[str, str]:
    return {"HX-Request": "true"} if htmx else {}
