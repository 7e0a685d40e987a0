"""The live dashboard."""

from flask import render_template

from webapp.identity import VIEWER
from webapp.web import web


@web.page("/dashboard", policy=VIEWER)
def dashboard() -> str:
    return render_template("dashboard/index.html")
