"""Every route has a policy, and every route of a surface is in its documentation."""

import re
from collections.abc import Iterator
from typing import Any

from flask import Flask

from webapp.api.openapi import document
from webapp.api.surface import Operation, Surface, surface_of
from webapp.identity import Policy

OTHERS = {"static", "observability.metrics"}  # files of our own; a token of its own


def test_every_route_has_a_policy(app: Flask) -> None:
    bare = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in OTHERS
        and not isinstance(getattr(app.view_functions[rule.endpoint], "policy", None), Policy)
    ]
    assert bare == []


def test_every_route_of_a_surface_is_documented(app: Flask) -> None:
    with app.app_context():
        paths = document(app)["paths"]
    for rule in app.url_map.iter_rules():
        if isinstance(app.blueprints.get(rule.endpoint.split(".")[0]), Surface):
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            assert methods == {method.upper() for method in paths[path]} & methods, rule.rule


def test_every_route_of_a_surface_lies_under_its_prefixes(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        blueprint = app.blueprints.get(rule.endpoint.split(".")[0])
        if isinstance(blueprint, Surface):
            assert surface_of(app, rule.rule) is blueprint, rule.rule


def test_the_document_says_who_may_call_and_how_they_are_refused(app: Flask) -> None:
    schemes = {"bearer": "role", "apiKey": "scope"}
    for surface, operation, documented in _documented(app):
        wanted = {scheme for scheme, part in schemes.items() if getattr(operation.policy, part) is not None}
        assert {scheme for choice in documented.get("security", []) for scheme in choice} == wanted
        refusals = {"401", "403"} if wanted else set()
        assert refusals | {"500", "503"} <= set(documented["responses"]), operation.path
        for status, answer in documented["responses"].items():
            if status >= "400":
                schema = answer["content"]["application/json"]["schema"]
                assert schema == surface.dialect.error_schema(int(status)), (operation.path, status)


def test_the_document_says_where_bodies_are_signed(app: Flask) -> None:
    signed = {
        operation.path
        for _, operation, documented in _documented(app)
        if "X-Signature" in [parameter["name"] for parameter in documented["parameters"]]
    }
    assert {"/api/settings", "/api/api-keys"} <= signed
    assert "/api/auth/login" not in signed
    assert not any(path.startswith("/retribusi") for path in signed)


def test_the_document_says_what_kind_of_thing_stands_in_a_path(app: Flask) -> None:
    formats = {"uuid": ("string", "uuid"), "int": ("integer", None)}
    for _, operation, documented in _documented(app):
        kinds = {name: kind for kind, name in re.findall(r"<(?:(\w+):)?(\w+)>", operation.path)}
        for parameter in documented["parameters"]:
            if parameter["in"] == "path":
                schema, kind = parameter["schema"], kinds[parameter["name"]]
                assert (schema["type"], schema.get("format")) == formats.get(kind, ("string", None))


def test_a_sign_in_that_takes_forms_says_so(app: Flask) -> None:
    for _, operation, documented in _documented(app):
        if operation.forms:
            content = documented["requestBody"]["content"]
            assert set(content) == {"application/json", "application/x-www-form-urlencoded"}


def _documented(app: Flask) -> Iterator[tuple[Surface, Operation, dict[str, Any]]]:
    """Every operation, with its surface and what the document says of it."""
    with app.app_context():
        paths = document(app)["paths"]
    for surface in app.blueprints.values():
        if isinstance(surface, Surface):
            for operation in surface.operations:
                path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", operation.path)
                yield surface, operation, paths[path][operation.method.lower()]


def test_operations_have_names_of_their_own(app: Flask) -> None:
    with app.app_context():
        operations = [one for path in document(app)["paths"].values() for one in path.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
