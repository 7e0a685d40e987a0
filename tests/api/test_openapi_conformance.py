"""What the document promises, tried with values that fit it and values that don't; schemathesis makes them up."""

import io
import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.conftest import ENVIRONMENT_KEY
from tests.support.factories import Make
from webapp.accounts import sessions
from webapp.accounts import settings as product
from webapp.accounts.models import Role, User
from webapp.database import transaction
from webapp.extensions import db
from webapp.signatures import sign
from webapp.signin import access_token

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
SURFACES = ["retribusi", "ftth", "datalane", "scheduler", "bamboo"]
ENDLESS = re.compile("/stream$|/sse/events$")
HASHES = re.compile(r"/(login|token|register|password|user|user/\{\w+\})$")  # a quarter of a second each time
# the same values in every run, so that nobody's work fails by another's luck
SAME = settings(
    max_examples=6,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Signing:
    """What a partner's client does: signs the bytes that it sends with what it authenticates with."""

    def __init__(self, app: WsgiApp) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        token = environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
        signed = {
            name: value for name, value in environ.items() if name not in ("HTTP_X_TIMESTAMP", "HTTP_X_NONCE")
        }
        signed |= {"wsgi.input": io.BytesIO(body), "HTTP_X_SIGNATURE": sign(token, body)}
        return self._app(signed, start_response)


class Trials:
    """Runs every operation of a surface, each as an admin of its own, and keeps which statuses came."""

    def __init__(self, app: Flask, make: Make, wsgi_app: WsgiApp) -> None:
        self._app, self._make, self._wsgi_app = app, make, wsgi_app
        self._numbers = count()
        self.statuses: list[int] = []

    def run(self, surface: str, mode: GenerationMode) -> None:
        schema = schemathesis.openapi.from_wsgi("/docs/openapi.json", self._wsgi_app)
        found = [result.ok() for result in schema.include(tag=surface).get_all_operations()]
        assert found
        for operation in found:
            nothing_can_be_wrong = not (operation.body or operation.query or operation.path_parameters)
            if ENDLESS.search(operation.path) or (mode is GenerationMode.NEGATIVE and nothing_can_be_wrong):
                continue
            self._try(operation, mode, self._headers(surface))

    def _try(self, operation: Any, mode: GenerationMode, headers: dict[str, str]) -> None:
        slow = operation.method != "get" and HASHES.search(operation.path)

        @settings(SAME, max_examples=2 if slow else SAME.max_examples)
        @given(case=operation.as_strategy(generation_mode=mode))
        def trial(case: Any) -> None:
            response = case.call_and_validate(headers=headers, checks=CHECKS)
            self.statuses.append(response.status_code)

        trial()

    def _headers(self, surface: str) -> dict[str, str]:
        user_id = self._make.user(f"admin{next(self._numbers)}", Role.ADMIN)
        lifetime = timedelta(hours=1)
        with self._app.app_context(), transaction():
            user = db.session.get_one(User, user_id)
            token = access_token(sessions.open_session(user, sessions.Caller("web"), lifetime), lifetime)
        key = {"X-API-Key": ENVIRONMENT_KEY} if surface == "retribusi" else {}
        return {"Authorization": f"Bearer {token}"} | key


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("surface", SURFACES)
def test_every_answer_is_one_that_the_document_lists(
    app: Flask, make: Make, surface: str, mode: GenerationMode
) -> None:
    make.open_gate()
    with app.app_context(), transaction():
        product.change("enable_hmac", "false")
    trials = Trials(app, make, app)
    trials.run(surface, mode)
    if mode is GenerationMode.NEGATIVE:
        assert any(400 <= status < 500 for status in trials.statuses)
    elif surface != "ftth":  # of which there is only the sign-in, and nobody guesses a password
        assert any(200 <= status < 300 for status in trials.statuses)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_so_it_is_when_bodies_are_signed(app: Flask, make: Make, mode: GenerationMode) -> None:
    trials = Trials(app, make, Signing(app))
    trials.run("datalane", mode)
    assert 400 in trials.statuses  # past the signature, to what is wrong with the body
