"""Reading a request into a pydantic schema, or refusing it field by field."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import orjson
from flask import request
from gunicorn.http.errors import ParseException
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from webapp.errors import Invalid, Malformed, TooLarge, WrongContentType

S = TypeVar("S", bound=BaseModel)
MAX_JSON = 1_000_000  # bytes; a route that takes more reads its own body
TORN = "Did not arrive whole"
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


def read(schema: type[S], *, forms: bool = False) -> S:
    """The JSON body, with `forms` also a form, as `schema`. Raises WrongContentType, TooLarge, Malformed or Invalid."""
    if forms and request.mimetype in FORM_TYPES:
        if (request.content_length or 0) > MAX_JSON:
            raise TooLarge()
        return validated(schema, request.form.to_dict())
    if not request.is_json:
        raise WrongContentType()
    return parsed(schema, raw(MAX_JSON))


def read_query(schema: type[S]) -> S:
    """The query string as `schema`; an empty parameter counts as absent. Raises Invalid."""
    return validated(schema, {name: value for name, value in request.args.items() if value != ""})


def raw(limit: int) -> bytes:
    """The body. Raises TooLarge, before reading when it says that it is over `limit` bytes; Invalid when it is torn."""
    announced = request.content_length
    if (announced or 0) > limit:
        raise TooLarge()
    request.max_content_length = limit + 1  # where a body without a length is cut off, and nothing is said
    try:
        data = request.get_data()
    except RequestEntityTooLarge:
        raise TooLarge() from None
    except (ClientDisconnected, ParseException):
        raise Malformed({"body": TORN}) from None
    if len(data) > limit:
        raise TooLarge()
    if announced is not None and len(data) != announced:
        raise Malformed({"body": TORN})  # lines that did arrive would count twice when all are sent again
    return data


def parsed(schema: type[S], data: bytes) -> S:
    """JSON bytes as `schema`. Raises Invalid."""
    return validated(schema, load(data))


def load(data: bytes) -> Any:
    """JSON bytes (no NaN, no lone surrogates) as plain values. Raises Invalid."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        raise Malformed({"body": "Must be valid JSON"}) from None


def validated(schema: type[S], value: Any) -> S:
    """A plain value as `schema`. Raises Invalid (Malformed when it is no object)."""
    try:
        return schema.model_validate(value)
    except ValidationError as error:
        faults = error.errors()
        kind = (
            Malformed if any(fault["type"] in _NO_OBJECT for fault in faults if not fault["loc"]) else Invalid
        )
        raise kind(fields(faults)) from None


def fields(faults: Sequence[Any]) -> dict[str, str]:
    """pydantic's list of faults as contract 1 words them: the field's name to one sentence."""
    found: dict[str, str] = {}
    for fault in faults:
        name = ".".join(str(part) for part in fault["loc"] if part not in _UNION_BRANCHES) or "body"
        found.setdefault(name, message(fault))
    return found


_NO_OBJECT = {"model_type", "model_attributes_type"}
_UNION_BRANCHES = {"int", "str", "constrained-str", "constrained-int"}
_MESSAGES = {
    "missing": "Field is required",
    "greater_than_equal": "Must be >= {ge}",
    "less_than_equal": "Must be <= {le}",
    "string_too_short": "Must have at least {min_length} characters",
    "string_too_long": "Must have at most {max_length} characters",
    "string_type": "Must be text",
    "int_type": "Must be a whole number",
    "int_parsing": "Must be a whole number",
    "int_parsing_size": "Is too large",
    "int_from_float": "Must be a whole number",
    "literal_error": "Must be one of: {expected}",
    "string_pattern_mismatch": "Has characters that are not allowed",
    "model_type": "Must be an object",
    "model_attributes_type": "Must be an object",
    "date_from_datetime_parsing": "Must be a date as YYYY-MM-DD",
    "date_parsing": "Must be a date as YYYY-MM-DD",
    "date_type": "Must be a date as YYYY-MM-DD",
    "bool_parsing": "Must be 0, 1, true or false",
    "bool_type": "Must be 0, 1, true or false",
}


def message(fault: Mapping[str, Any]) -> str:
    """One fault in words."""
    template = _MESSAGES.get(fault["type"])
    if template is None:
        return str(fault["msg"]).removeprefix("Value error, ")
    return template.format(**fault.get("ctx", {})).replace("'", "")
