"""Errors outside any view: in the dialect of the surface that owns the path, else JSON or a page."""

from flask import Flask, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from webapp.api.retribusi import envelope
from webapp.api.surface import as_domain_error, prefers_json, surface_of
from webapp.extensions import log
from webapp.web.errors import error_page


def init_app(app: Flask) -> None:
    """One handler, registered by class: a handler for a code would beat the surfaces' own."""

    def answer(error: Exception) -> ResponseReturnValue:
        if isinstance(error, RequestRedirect):
            return error.get_response()
        surface = surface_of(app, request.path)
        if surface is not None:
            return surface.fail(error)
        return _elsewhere(error)

    app.register_error_handler(Exception, answer)


def _elsewhere(error: Exception) -> ResponseReturnValue:
    known = as_domain_error(error)
    if known is None:
        log.exception("server_error", path=request.path)
    if prefers_json():
        return envelope.crash() if known is None else envelope.fail(known)
    return error_page(known, error if isinstance(error, HTTPException) else None)
