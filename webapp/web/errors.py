"""Error pages for people."""

from flask import Response, make_response, render_template
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from htmx_flask import request
from werkzeug.exceptions import HTTPException

from webapp.errors import DomainError, Maintenance
from webapp.web import htmx


def error_page(known: DomainError | None, http: HTTPException | None) -> Response:
    """A page (for HTMX: a toast) that says what happened and what to do."""
    status = http.code if http is not None and http.code else (known.status if known else 500)
    title, advice = _said(known, http) or _words(status)
    if request.htmx:
        return htmx.refusal(f"{title}. {advice}", status)
    response = make_response(
        render_template("errors/page.html", status=status, title=title, advice=advice), status
    )
    response.headers.extend(_retry_after(known))
    return response


def _retry_after(known: DomainError | None) -> dict[str, str]:
    seconds = getattr(known, "retry_after", None)
    return {"Retry-After": str(seconds)} if seconds else {}


def _said(known: DomainError | None, http: HTTPException | None) -> tuple[str, str] | None:
    """What a status alone does not say."""
    if isinstance(http, CSRFError):
        return _("This form has expired"), _("Reload the page and try again.")
    if isinstance(known, Maintenance):
        return _("Maintenance"), known.notice or _(
            "Nothing can be saved for now. Try again in a few minutes."
        )
    return None


def _words(status: int) -> tuple[str, str]:
    """What happened, and what to do about it."""
    known = {
        400: (_("The request could not be understood"), _("Go back, check what you entered and try again.")),
        401: (_("You are not signed in"), _("Sign in and try again.")),
        403: (_("You may not do this"), _("Ask an administrator if your account should be able to.")),
        404: (_("Nothing here"), _("The page may have moved, or the address may be mistyped.")),
        405: (_("That does not work here"), _("Go back and use the page's own buttons and links.")),
        409: (_("This already exists"), _("Reload the page to see what is there now.")),
        413: (_("That is too large"), _("Send a smaller file or less text.")),
        415: (_("That kind of file is not accepted"), _("Choose another file and try again.")),
        422: (_("Something in the address or form is not valid"), _("Go back, correct it and try again.")),
        429: (_("Too many tries"), _("Wait a few minutes and try again.")),
        503: (_("Temporarily out of reach"), _("Nothing was lost. Try again in a moment.")),
    }
    ours = (_("Something went wrong on our side"), _("It has been noted. Try again in a moment."))
    return known.get(status, known[400] if status < 500 else ours)
