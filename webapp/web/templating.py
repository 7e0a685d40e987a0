"""What every template may call, beside what localize.py gives it."""

from flask import Flask, request

from webapp.web import menu
from webapp.web.addresses import address


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(address=address, menu_sections=menu.sections, shown_path=shown_path)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def shown_path() -> str:
    """Where to come back to: this page; nowhere when it answers a form that has no page of its own."""
    if request.method == "GET" or request.endpoint == "web.sign_in_submit":
        return request.full_path.rstrip("?")
    return ""
