"""Language, numbers and times as the reader expects them."""

from datetime import datetime

from flask import Flask, request
from flask_babel import format_datetime

from webapp import config
from webapp.extensions import babel
from webapp.kit import clock, money

LANGUAGES = ("id", "en")
COOKIE = "language"


def init_app(app: Flask) -> None:
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "../translations"
    babel.init_app(
        app,
        default_locale="id",
        default_timezone=app.config["GERBANG"].APP_TIMEZONE,
        locale_selector=language,
    )
    app.jinja_env.filters.update(rupiah=money.rupiah, thousands=money.thousands, moment=moment)
    app.jinja_env.globals.update(language=language, LANGUAGES=LANGUAGES)


def language() -> str:
    """The reader's choice, else the browser's, else Indonesian."""
    chosen = request.cookies.get(COOKIE, "") if request else ""
    if chosen in LANGUAGES:
        return chosen
    return (request.accept_languages.best_match(LANGUAGES) if request else None) or "id"


def moment(value: datetime | int | None) -> str:
    """A moment (aware, or Unix seconds) in business time, in the reader's language."""
    if value is None:
        return "–"
    if isinstance(value, int):
        value = clock.from_unix(value)
    return str(
        format_datetime(value.astimezone(config.current().timezone), "d MMM yyyy HH:mm:ss", rebase=False)
    )
