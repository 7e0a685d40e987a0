"""Signing in and out with the browser."""

from datetime import timedelta

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user

from webapp import identity
from webapp.accounts import service
from webapp.errors import Forbidden, InvalidCredentials, TooManyRequests
from webapp.identity import PUBLIC, SignedIn, signed_in
from webapp.web import web
from webapp.web.addresses import local_path

LIFETIME = timedelta(hours=12)


@web.page("/sign-in", policy=PUBLIC)
def sign_in() -> ResponseReturnValue:
    if signed_in():
        return redirect(local_path(request.args.get("next")))
    return _form()


@web.page("/sign-in", policy=PUBLIC, methods=["POST"])
def sign_in_submit() -> ResponseReturnValue:
    try:
        opened = identity.sign_in(
            request.form.get("username", ""), request.form.get("password", ""), "web", LIFETIME
        )
    except (InvalidCredentials, Forbidden, TooManyRequests) as error:
        return _form(error.code), error.status
    session.clear()  # a session that someone else may have planted ends here
    login_user(SignedIn(opened))
    return redirect(local_path(request.args.get("next")), 303)


@web.page("/sign-out", policy=PUBLIC, methods=["POST"])
def sign_out() -> ResponseReturnValue:
    visitor = signed_in()
    if visitor is not None:
        service.revoke_session(visitor.session.id)
    logout_user()
    session.clear()
    return redirect(url_for("web.sign_in"), 303)


def _form(failure: str | None = None) -> str:
    """The page, with what was typed (but the password) and why it did not work."""
    return render_template("session/sign_in.html", username=request.form.get("username", ""), failure=failure)
