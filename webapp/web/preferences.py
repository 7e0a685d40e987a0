"""What a visitor may choose about the pages themselves."""

from flask import current_app, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from webapp.accounts import service
from webapp.accounts.models import User
from webapp.errors import Invalid
from webapp.identity import MEMBER, PUBLIC, current_account, signed_in
from webapp.web import localize, web
from webapp.web.addresses import local_path

A_YEAR = 31_536_000
THEME_COOKIE = "theme"  # read by js/theme.js, once


@web.page("/preferences/language", policy=PUBLIC, methods=["POST"], always=True)
def preferences_language() -> ResponseReturnValue:
    """Remember the language, and back to the page it was chosen on."""
    chosen = request.form.get("language", "")
    if chosen not in localize.LANGUAGES:
        raise Invalid({"language": "Must be one of: " + ", ".join(localize.LANGUAGES)})
    visitor = signed_in()
    if visitor is not None:
        service.set_preferences(current_account(), language=chosen)
    response = redirect(local_path(request.form.get("next")), 303)
    _set_cookie(response, localize.COOKIE, chosen)
    return response


@web.page("/preferences/theme", policy=MEMBER, methods=["POST"], unsecured=True, always=True)
def preferences_theme() -> ResponseReturnValue:
    """Remember the theme with the account; the page has put it on already (js/theme.js)."""
    service.set_preferences(current_account(), theme=request.form.get("theme", ""))
    return "", 204


def restore(response: Response, user: User) -> None:
    """At sign-in: the account's own language and theme on this device too."""
    if user.language:
        _set_cookie(response, localize.COOKIE, user.language)
    if user.theme:
        _set_cookie(response, THEME_COOKIE, user.theme, httponly=False)


def _set_cookie(response: Response, name: str, value: str, *, httponly: bool = True) -> None:
    response.set_cookie(
        name,
        value,
        max_age=A_YEAR,
        httponly=httponly,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
