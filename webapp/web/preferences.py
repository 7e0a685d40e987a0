"""What a visitor may choose about the pages themselves."""

from flask import current_app, redirect, request
from flask.typing import ResponseReturnValue

from webapp.errors import Invalid
from webapp.identity import PUBLIC
from webapp.web import localize, web
from webapp.web.addresses import local_path

A_YEAR = 31_536_000


@web.page("/preferences/language", policy=PUBLIC, methods=["POST"])
def preferences_language() -> ResponseReturnValue:
    """Remember the language, and back to the page it was chosen on."""
    chosen = request.form.get("language", "")
    if chosen not in localize.LANGUAGES:
        raise Invalid({"language": "Must be one of: " + ", ".join(localize.LANGUAGES)})
    response = redirect(local_path(request.form.get("next")), 303)
    response.set_cookie(
        localize.COOKIE,
        chosen,
        max_age=A_YEAR,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
    return response
