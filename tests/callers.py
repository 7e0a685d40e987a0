"""One client for each surface; each asserts status, content type and envelope on every call."""

import re
import time
from json import dumps
from typing import Any, NamedTuple
from uuid import UUID

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from webapp.signatures import sign

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


class Datalane:
    """Contract 3: `{code, message, data}`; signs every body that it sends."""

    def __init__(self, client: FlaskClient, *, token: str | None = None, key: str | None = None) -> None:
        self.client = client
        self.credential = key or token or ""
        self.headers: dict[str, str] = {}
        if token is not None:
            self.headers["Authorization"] = f"Bearer {token}"
        if key is not None:
            self.headers["X-API-Key"] = key

    def get(self, path: str, status: int = 200, code: int = 0, **query: Any) -> Any:
        """The answer's `data`, or its message when an error was expected."""
        return self.checked(self.raw("GET", path, query_string=query), status, code)

    def post(self, path: str, status: int = 200, code: int = 0, json: Any = None) -> Any:
        return self.checked(self.send("POST", path, json), status, code)

    def put(self, path: str, status: int = 200, code: int = 0, json: Any = None) -> Any:
        return self.checked(self.send("PUT", path, json), status, code)

    def delete(self, path: str, status: int = 200, code: int = 0) -> Any:
        return self.checked(self.raw("DELETE", path), status, code)

    def send(self, method: str, path: str, json: Any = None) -> TestResponse:
        """A signed body of JSON, or none for None."""
        if json is None:
            return self.raw(method, path)
        body = dumps(json).encode()
        signature = {"X-Signature": sign(self.credential, body)}
        return self.raw(method, path, signature, data=body, content_type="application/json")

    def raw(
        self, method: str, path: str, headers: dict[str, str] | None = None, **options: Any
    ) -> TestResponse:
        return self.client.open(path, method=method, headers=self.headers | (headers or {}), **options)

    def checked(self, response: TestResponse, status: int, code: int) -> Any:
        body = response.json
        assert (response.status_code, body and body["code"]) == (status, code), response.get_data(
            as_text=True
        )
        assert response.content_type == "application/json"
        assert isinstance(body, dict)
        assert list(body) == ["code", "message", "data"]
        if code == 0:
            assert body["message"] == "OK"
            return body["data"]
        assert body["data"] is None
        return body["message"]


class Pair(NamedTuple):
    """The tokens of a sign-in, and their session."""

    access: str
    refresh: str
    session_id: UUID


class Caller:
    """Somebody with a token, or nobody in particular."""

    def __init__(self, client: FlaskClient, *, token: str | None = None) -> None:
        self.client = client
        self.headers: dict[str, str] = {}
        if token is not None:
            self.headers["Authorization"] = f"Bearer {token}"

    def raw(
        self, method: str, path: str, headers: dict[str, str] | None = None, **options: Any
    ) -> TestResponse:
        return self.client.open(path, method=method, headers=self.headers | (headers or {}), **options)


def answered(response: TestResponse, status: int) -> dict[str, Any]:
    """The JSON object that was answered with this status."""
    assert response.status_code == status, f"{response.status} {response.get_data(as_text=True)[:500]}"
    assert response.content_type == "application/json"
    assert response.headers["X-Request-ID"]
    body = response.json
    assert isinstance(body, dict)
    return body


class Scheduler(Caller):
    """Contract 4: `{success, status, message, path, timestamp, data?}`, errors alike."""

    def call(self, method: str, path: str, status: int = 200, json: Any = None, **options: Any) -> Any:
        """The whole answer."""
        response = self.raw(method, path, json=json, **options)
        body = answered(response, status)
        assert list(body) in (_SCHEDULER, [*_SCHEDULER, "data"])
        assert (body["success"], body["status"], body["path"]) == (status < 400, status, path)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", body["timestamp"])
        assert ("data" in body) <= (status in (200, 201, 400))
        return body

    def get(self, path: str, status: int = 200, **query: Any) -> Any:
        return self.call("GET", path, status, query_string=query)

    def post(self, path: str, status: int = 200, json: Any = None, **options: Any) -> Any:
        return self.call("POST", path, status, json, **options)

    def patch(self, path: str, status: int = 200, json: Any = None) -> Any:
        return self.call("PATCH", path, status, json)

    def delete(self, path: str, status: int = 200) -> Any:
        return self.call("DELETE", path, status)


_SCHEDULER = ["success", "status", "message", "path", "timestamp"]


class Bamboo(Caller):
    """Contract 5: `{meta: {success, message, details?}, data}`."""

    def call(self, method: str, path: str, status: int = 200, json: Any = None, **options: Any) -> Any:
        """The answer's `data`, or its `meta` when an error was expected."""
        body = answered(self.raw(method, path, json=json, **options), status)
        assert list(body) == ["meta", "data"]
        meta = body["meta"]
        assert meta["success"] is (status < 400)
        assert isinstance(meta["message"], str)
        assert set(meta) == {"success", "message"} | ({"details"} if status == 400 else set())
        if status < 400:
            return body["data"]
        assert body["data"] is None
        return meta

    def get(self, path: str, status: int = 200, **query: Any) -> Any:
        return self.call("GET", path, status, query_string=query)

    def post(self, path: str, status: int = 200, json: Any = None, **options: Any) -> Any:
        return self.call("POST", path, status, json, **options)


class Ftth(Caller):
    """Contract 2: the bare data; errors as `{detail, status, error_code}`, bad input as `{detail: {…}}`."""

    def call(
        self, method: str, path: str, status: int = 200, json: Any = None, code: str = "", **options: Any
    ) -> Any:
        """`code` is the error_code of a refusal that is not the usual one of its status."""
        response = self.raw(method, path, json=json, **options)
        body = answered(response, status)
        if status == 422:
            assert list(body) == ["detail"]
            assert list(body["detail"]) == ["message", "errors"]
            assert all(list(fault) == ["field", "message"] for fault in body["detail"]["errors"])
        elif status == 429:
            assert body == {
                "detail": "Rate limit exceeded",
                "retry_after": int(response.headers["Retry-After"]),
            }
        elif status >= 400:
            assert list(body) == ["detail", "status", "error_code"]
            expected = code or RETRIBUSI_CODES[status].upper()
            assert (body["status"], body["error_code"]) == ("error", expected)
        return body

    def post(self, path: str, status: int = 200, json: Any = None, **options: Any) -> Any:
        return self.call("POST", path, status, json, **options)


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
