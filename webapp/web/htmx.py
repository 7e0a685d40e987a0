"""The only place that knows HTMX's response headers (request headers are on `request.htmx`)."""

from typing import Any

import orjson
from flask import Response, make_response


def redirect_whole_page(url: str) -> Response:
    """Make the browser leave for `url`, also when it only asked for a fragment."""
    response = make_response("", 204)
    response.headers["HX-Redirect"] = url
    return response


def trigger(content: Any, **events: Any) -> Response:
    """A fragment that also fires events in the page, e.g. `toast="Saved"`."""
    response = make_response(content)
    response.headers["HX-Trigger"] = orjson.dumps(events).decode()
    return response
