"""What every template may call, beside what localize.py gives it."""

from flask import Flask, request

from webapp.accounts.maintenance import notice
from webapp.web import menu
from webapp.web.addresses import address, home


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(
        address=address, home=home, maintenance=notice, menu_sections=menu.sections, shown_path=shown_path
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


SAME_PATH = {"web.sign_in_submit", "web.sign_in_code_submit"}  # forms whose page has the same address


def shown_path() -> str:
    """Where to come back to: this page; nowhere when it answers a form that has no page of its own."""
    if request.method == "GET" or request.endpoint in SAME_PATH:
        return request.full_path.rstrip("?")
    return ""
