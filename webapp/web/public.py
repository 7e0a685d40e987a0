"""What a label leads to: the page of one marker for anyone who scans it, without anything about people."""

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue

from webapp import config
from webapp.errors import NotFound
from webapp.identity import PUBLIC
from webapp.markers import service
from webapp.throttle import count_code_lookup
from webapp.web import web


@web.page("/marker/<short_code>", policy=PUBLIC)
def marker_public(short_code: str) -> ResponseReturnValue:
    count_code_lookup(request.remote_addr or "")
    try:
        marker = service.get_by_code(short_code)
    except NotFound:
        response = make_response(render_template("public/unknown.html"), 404)
    else:
        registered = marker.created_at.astimezone(config.current().timezone).date()
        response = make_response(render_template("public/marker.html", marker=marker, registered=registered))
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
