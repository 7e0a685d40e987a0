"""What the document promises, tried with values that fit it and values that don't; schemathesis makes them up."""

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

from tests.callers import Retribusi
from tests.conftest import ENVIRONMENT_KEY
from tests.support.factories import Make

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
LEFT_OUT = "/stream$|/login$"  # one never ends, the other hashes
# the same values in every run, so that nobody's work fails by another's luck
SAME = settings(
    max_examples=6,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_answer_is_one_that_the_document_lists(
    app: Flask, admin: Retribusi, make: Make, mode: GenerationMode
) -> None:
    make.open_gate()
    headers = admin.headers | {"X-API-KEY": ENVIRONMENT_KEY}
    schema = schemathesis.openapi.from_wsgi("/docs/openapi.json", app)
    operations = [found.ok() for found in schema.exclude(path_regex=LEFT_OUT).get_all_operations()]
    assert len(operations) > 20
    for operation in operations:
        if mode is GenerationMode.NEGATIVE and not (operation.body or operation.query):
            continue  # nothing can be wrong

        @SAME
        @given(case=operation.as_strategy(generation_mode=mode))
        def trial(case: Any) -> None:
            case.call_and_validate(headers=headers, checks=CHECKS)

        trial()
