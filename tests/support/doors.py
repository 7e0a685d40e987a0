"""What the surfaces have in common: where one signs in, where one refreshes, and a place that wants a token."""

from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse


@dataclass(frozen=True)
class Door:
    """`login` takes `{name_field, password}`; `inside` (method, path, body) lets any admin in."""

    login: str
    name_field: str
    inside: tuple[str, str, Any]
    refresh: str | None = None

    def sign_in(self, app: Flask, name: str, password: str, code: str | None = None) -> TestResponse:
        headers = {} if code is None else {"X-OTP": code}
        body = {self.name_field: name, "password": password}
        return app.test_client().post(self.login, json=body, headers=headers)

    def lets_in(self, app: Flask, token: str) -> bool:
        method, path, body = self.inside
        headers = {"Authorization": f"Bearer {token}"}
        status = app.test_client().open(path, method=method, json=body, headers=headers).status_code
        assert status in (200, 404, 401), status
        return status != 401

    def renew(self, app: Flask, token: str) -> TestResponse:
        assert self.refresh is not None
        return app.test_client().post(self.refresh, json={"refresh_token": token})


DOORS = {
    "retribusi": Door("/auth/v1/login", "username", ("GET", "/retribusi/v1/frontend/locations", None)),
    "datalane": Door("/api/auth/login", "username", ("GET", "/api/settings", None)),
    "ftth": Door(
        "/api/users/token",
        "username",
        ("POST", "/api/users/logout", {"refresh_token": "of nobody"}),
        "/api/users/refresh",
    ),
    "scheduler": Door("/login", "identifier", ("GET", "/user/me", None), "/refresh/token"),
    "bamboo": Door("/api/v1/auth/login", "email", ("GET", "/api/v1/auth/me", None), "/api/v1/auth/refresh"),
}
REFRESHING = [name for name, door in DOORS.items() if door.refresh is not None]


def access(response: TestResponse) -> str:
    """The access token of a successful answer, wherever its surface puts it."""
    body = response.get_json()
    found = body.get("data") or body
    return str(found.get("access_token") or found["token"])


def refresh(response: TestResponse) -> str:
    body = response.get_json()
    return str((body.get("data") or body)["refresh_token"])
