"""Signing in and out with the browser: the password, then, for accounts that have one, the second factor's code."""

import time

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user

from webapp import signin
from webapp.accounts import queries, second_factor, sessions
from webapp.accounts.models import User
from webapp.accounts.service import get_user
from webapp.errors import (
    Forbidden,
    InvalidCredentials,
    NotFound,
    SecondFactorRequired,
    TooManyRequests,
)
from webapp.identity import PUBLIC, SignedIn, signed_in
from webapp.kit import tokens
from webapp.throttle import counting_failures
from webapp.web import preferences, web
from webapp.web.addresses import local_path

PENDING = "second_factor_of"  # who has given the password, and when
PATIENCE = 300  # seconds to enter the code


@web.page("/sign-in", policy=PUBLIC)
def sign_in() -> ResponseReturnValue:
    if signed_in():
        return redirect(local_path(request.args.get("next")))
    return _form()


@web.page("/sign-in", policy=PUBLIC, methods=["POST"], always=True)
def sign_in_submit() -> ResponseReturnValue:
    username, password = request.form.get("username", ""), request.form.get("password", "")
    try:
        with counting_failures(username, request.remote_addr or ""):
            user = sessions.authenticate(username, password)
    except (InvalidCredentials, Forbidden, TooManyRequests) as error:
        return _form(error.code), error.status
    _leave()  # also a session that someone else may have planted
    if user.has_second_factor:
        session[PENDING] = [user.id, int(time.time()), _password_mark(user)]
        return redirect(url_for("web.sign_in_code", next=request.args.get("next")), 303)
    return _open(user)


@web.page("/sign-in/code", policy=PUBLIC)
def sign_in_code() -> ResponseReturnValue:
    if _pending_user() is None:
        return redirect(url_for("web.sign_in", next=request.args.get("next")))
    return render_template("session/code.html", failure=None)


@web.page("/sign-in/code", policy=PUBLIC, methods=["POST"], always=True)
def sign_in_code_submit() -> ResponseReturnValue:
    user = _pending_user()
    if user is None:
        return redirect(url_for("web.sign_in", next=request.args.get("next")), 303)
    try:
        with counting_failures(user.username, request.remote_addr or ""):
            second_factor.demand(user, request.form.get("code"))
    except (InvalidCredentials, SecondFactorRequired, TooManyRequests) as error:
        return render_template("session/code.html", failure=error.code), error.status
    _leave()
    return _open(user)


def _pending_user() -> User | None:
    """Who has given the right password a short while ago and still owes the code."""
    user_id, since, mark = session.get(PENDING, (0, 0, ""))
    if time.time() - since > PATIENCE:
        return None
    try:
        user = get_user(user_id)
    except NotFound:
        return None
    fits = user.is_active and user.has_second_factor and _password_mark(user) == mark
    return user if fits else None


def _password_mark(user: User) -> str:
    """Changes with the password: who gave the old one is not half-way in any more."""
    return tokens.digest(user.password_hash)[:16]


def _open(user: User) -> ResponseReturnValue:
    opened = sessions.open_session(user, signin.caller("web"), signin.lifetimes("web").session)
    login_user(SignedIn(queries.visit_of(opened)))
    response = redirect(local_path(request.args.get("next")), 303)
    preferences.restore(response, user)
    return response


@web.page("/sign-out", policy=PUBLIC, methods=["POST"], always=True)
def sign_out() -> ResponseReturnValue:
    _leave()
    return redirect(url_for("web.sign_in"), 303)


def _leave() -> None:
    """End this browser's session, if it has one, and forget all that its cookie held."""
    visitor = signed_in()
    if visitor is not None:
        sessions.revoke_session(visitor.session_id)
    logout_user()
    session.clear()


def _form(failure: str | None = None) -> str:
    """The page, with what was typed (but the password) and why it did not work."""
    return render_template("session/sign_in.html", username=request.form.get("username", ""), failure=failure)
