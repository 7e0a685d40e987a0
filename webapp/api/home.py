"""The paths that a contract shares with the browser: `GET /` and `GET /login` (contracts, All surfaces)."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from webapp.api.scheduler import envelope
from webapp.api.surface import named
from webapp.identity import PUBLIC, signed_in

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """The dashboard (or sign-in) for browsers, contract 4's status for JSON clients, the documentation for the rest."""
    html, json = named("text/html"), named("application/json")
    if html and html >= json:
        return redirect(url_for("web.dashboard" if signed_in() else "web.sign_in"))
    if json:
        return envelope.ok("Gerbang API is running")
    return redirect(url_for("docs.swagger"))


@blueprint.get("/login")
def login() -> ResponseReturnValue:
    """`POST /login` is contract 4's; whoever types the address wants to sign in."""
    return redirect(url_for("web.sign_in"))


index.policy = login.policy = PUBLIC  # type: ignore[attr-defined]
