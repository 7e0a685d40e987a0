"""Language, numbers and times as the reader expects them."""

from collections.abc import Iterable
from datetime import date, datetime

from flask import Flask, request
from flask_babel import format_date, format_datetime, format_decimal
from flask_babel import gettext as _

from webapp import config
from webapp.accounts.models import Role
from webapp.extensions import babel
from webapp.gates.models import Category
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
    app.jinja_env.filters.update(
        rupiah=money.rupiah,
        thousands=money.thousands,
        one_decimal=one_decimal,
        moment=moment,
        clock_time=clock_time,
        day=day,
        span=span,
    )
    app.jinja_env.globals.update(language=language, LANGUAGES=LANGUAGES, role_name=role_name)


def language() -> str:
    """The reader's choice, else the browser's, else Indonesian."""
    chosen = request.cookies.get(COOKIE, "") if request else ""
    if chosen in LANGUAGES:
        return chosen
    return (request.accept_languages.best_match(LANGUAGES) if request else None) or "id"


def moment(value: datetime | int | None) -> str:
    """A moment (aware, or Unix seconds) in business time: `21 Nov 2026 10:05:00`."""
    return "–" if value is None else str(format_datetime(_local(value), "d MMM yyyy HH:mm:ss", rebase=False))


def clock_time(value: datetime | int) -> str:
    """The time of a moment in business time: `10:05:00`."""
    return _local(value).strftime("%H:%M:%S")


def day(value: date) -> str:
    """`Saturday, 21 November 2026`."""
    return str(format_date(value, "EEEE, d MMMM yyyy"))


def span(seconds: int) -> str:
    """How long: `47 min`, `3 h 5 min`, `2 days`."""
    minutes = seconds // 60
    if minutes < 60:
        return _("%(minutes)s min", minutes=minutes)
    if minutes < 48 * 60:
        return _("%(hours)s h %(minutes)s min", hours=minutes // 60, minutes=minutes % 60)
    return _("%(days)s days", days=minutes // 1440)


def one_decimal(number: float) -> str:
    """`12.5`, in Indonesian `12,5`."""
    return str(format_decimal(number, "#,##0.#"))


def role_name(role: Role) -> str:
    return {
        Role.MEMBER: _("Member"),
        Role.VIEWER: _("Viewer"),
        Role.OPERATOR: _("Operator"),
        Role.ADMIN: _("Administrator"),
    }[role]


def category_names(categories: Iterable[Category]) -> dict[str, str]:
    """What each category's code is called."""
    return {row.code: row.name_id if language() == "id" else row.name_en for row in categories}


def _local(value: datetime | int) -> datetime:
    aware = clock.from_unix(value) if isinstance(value, int) else value
    return aware.astimezone(config.current().timezone)
