"""Every role against every route: whoever is too little for a route is told so, and nothing is done for them."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

import jsonschema_rs
import pytest
from flask import Blueprint, Flask
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter, UUIDConverter
from werkzeug.test import TestResponse

from tests.callers import Browser, Retribusi
from tests.support.factories import Make
from webapp.accounts.models import Role
from webapp.api.surface import Surface
from webapp.identity import PROTECTED, Policy
from webapp.web.pages import Pages


class Call(NamedTuple):
    """One method of one route."""

    blueprint: Blueprint
    policy: Policy
    method: str
    path: str


def calls(app: Flask, kind: type[Blueprint]) -> Iterator[Call]:
    """Every method of every route that blueprints of this kind have and that not everybody may use."""
    for rule in app.url_map.iter_rules():
        blueprint = app.blueprints.get(rule.endpoint.split(".")[0])
        policy = getattr(app.view_functions[rule.endpoint], "policy", None)
        if not isinstance(blueprint, kind) or policy.is_public:
            continue
        _, path = rule.build({name: _fitting(rule._converters[name]) for name in rule.arguments})  # type: ignore[misc]
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            yield Call(blueprint, policy, method, path)


def _fitting(converter: BaseConverter) -> Any:
    """A value that the route takes for this variable."""
    if isinstance(converter, UUIDConverter):
        return UUID(int=0)
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    return 1 if isinstance(converter, IntegerConverter) else "x"


@pytest.fixture
def people(
    member: Retribusi, viewer: Retribusi, operator: Retribusi, admin: Retribusi
) -> dict[Role, Retribusi]:
    return dict(zip(Role, (member, viewer, operator, admin), strict=True))


def test_a_stranger_gets_nowhere(app: Flask, stranger: Retribusi) -> None:
    for call in calls(app, Surface):
        _refused(call, stranger.raw(call.method, call.path), 401)


def test_a_role_below_the_one_that_is_needed_gets_nowhere(app: Flask, people: dict[Role, Retribusi]) -> None:
    tried = 0
    for call in calls(app, Surface):
        for role, person in people.items():
            if call.policy.role is not None and role < call.policy.role:
                _refused(call, person.raw(call.method, call.path), 403)
                tried += 1
    assert tried > 50


def test_a_person_is_no_device(app: Flask, admin: Retribusi) -> None:
    for call in calls(app, Surface):
        if call.policy.role is None:
            _refused(call, admin.raw(call.method, call.path), 401)


@pytest.mark.parametrize("scope", ["ingest", "reports"])
def test_a_key_opens_only_what_its_scope_is_for(app: Flask, make: Make, scope: str) -> None:
    machine = Retribusi(app.test_client(), key=make.key(scope=scope))
    for call in calls(app, Surface):
        if call.policy.scope not in (scope, PROTECTED.scope):
            _refused(call, machine.raw(call.method, call.path), 403)


def test_a_key_that_nobody_gave_out_opens_nothing(app: Flask) -> None:
    impostor = Retribusi(app.test_client(), key="pk_live_" + "0" * 32)
    for call in calls(app, Surface):
        _refused(call, impostor.raw(call.method, call.path), 401)


def _refused(call: Call, response: TestResponse, status: int) -> None:
    """That the answer is a refusal in the words of the surface."""
    assert response.status_code == status, (call.method, call.path, response.get_data(as_text=True)[:300])
    assert isinstance(call.blueprint, Surface)
    jsonschema_rs.validate(call.blueprint.dialect.error_schema(status), response.json)


def test_a_visitor_of_a_page_is_sent_to_sign_in(app: Flask, visitor: Browser) -> None:
    token = visitor.csrf_token()
    for call in calls(app, Pages):
        response = visitor.client.open(call.path, method=call.method, headers={"X-CSRFToken": token})
        assert response.status_code in (302, 303), call
        assert response.location.startswith("/sign-in"), call


def test_too_low_a_role_is_refused_a_page(
    app: Flask, viewer_browser: Browser, operator_browser: Browser
) -> None:
    for browser, role in ((viewer_browser, Role.VIEWER), (operator_browser, Role.OPERATOR)):
        token = browser.csrf_token()
        for call in calls(app, Pages):
            if call.policy.role is not None and role < call.policy.role:
                response = browser.client.open(call.path, method=call.method, headers={"X-CSRFToken": token})
                assert response.status_code == 403, call
