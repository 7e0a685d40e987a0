"""Error pages for people."""

from flask import Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from webapp.errors import DomainError


def error_page(known: DomainError | None, http: HTTPException | None) -> Response:
    """A page (or, for HTMX, a sentence that the page shows as a toast) that says what happened and what to do."""
    status = http.code if http is not None and http.code else (known.status if known else 500)
    message = known.message if known else None
    template = "errors/_toast.html" if request.htmx else "errors/page.html"
    return make_response(render_template(template, status=status, message=message), status)
