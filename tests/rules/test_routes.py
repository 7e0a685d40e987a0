"""Every route has a policy, and every route of a surface is in its documentation."""

import re

from flask import Flask

from webapp.api.openapi import document
from webapp.api.surface import Surface, surface_of
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


def test_operations_have_names_of_their_own(app: Flask) -> None:
    with app.app_context():
        operations = [one for path in document(app)["paths"].values() for one in path.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
