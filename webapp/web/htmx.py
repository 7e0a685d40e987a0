"""The only place that knows HTMX's response headers (request headers are on `request.htmx`)."""

import json
from typing import Any, Literal

from flask import Response, make_response
from htmx_flask import request

from webapp.web.addresses import address

Level = Literal["success", "info", "warning", "danger"]


def redirect_whole_page(url: str) -> Response:
    """Make the browser leave for `url`, also when it only asked for a fragment."""
    response = make_response("", 204)
    response.headers["HX-Redirect"] = url
    return response


def trigger(content: Any, **events: Any) -> Response:
    """A fragment that also fires events in the page."""
    response = make_response(content)
    # JSON in ASCII, because a header holds nothing else
    response.headers["HX-Trigger"] = json.dumps(events)
    return response


def toast(content: Any, message: str, level: Level = "success") -> Response:
    """A fragment that also shows a short message, e.g. `toast(render_template(…), _("Saved"))`."""
    return trigger(content, toast={"message": str(message), "level": level})


def refusal(message: str, status: int) -> Response:
    """An error: the message as a toast, the page as it was."""
    response = toast((message, status, {"Content-Type": "text/plain; charset=utf-8"}), message, "danger")
    response.headers["HX-Reswap"] = "none"
    return response


def rows(content: Any, page: str) -> Response:
    """A list's fragment; the address bar then shows the endpoint `page` with the same filters."""
    response = make_response(content)
    if request.htmx:
        response.headers["HX-Push-Url"] = address(page)
    return response
