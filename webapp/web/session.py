"""Signing in and out with the browser."""

from datetime import timedelta
from urllib.parse import urlsplit

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user

from webapp.accounts import service
from webapp.errors import Forbidden, InvalidCredentials
from webapp.extensions import limiter
from webapp.identity import PUBLIC, SignedIn, signed_in
from webapp.web import web

LIFETIME = timedelta(hours=12)
FAILURES = "10 per 5 minutes"


@web.page("/sign-in", policy=PUBLIC)
def sign_in() -> ResponseReturnValue:
    if signed_in():
        return redirect(_local(request.args.get("next")))
    return render_template("session/sign_in.html", username="", failure=None)


@web.page("/sign-in", policy=PUBLIC, methods=["POST"])
@limiter.limit(FAILURES, deduct_when=lambda response: response.status_code in (401, 403))
def sign_in_submit() -> ResponseReturnValue:
    username, password = request.form.get("username", ""), request.form.get("password", "")
    try:
        opened = service.sign_in(
            username,
            password,
            surface="web",
            lifetime=LIFETIME,
            ip_address=request.remote_addr or "",
            user_agent=request.user_agent.string,
        )
    except (InvalidCredentials, Forbidden) as error:
        return render_template("session/sign_in.html", username=username, failure=error.code), error.status
    session.clear()  # a session that someone else may have planted ends here
    login_user(SignedIn(opened))
    return redirect(_local(request.args.get("next")))


@web.page("/sign-out", policy=PUBLIC, methods=["POST"])
def sign_out() -> ResponseReturnValue:
    visitor = signed_in()
    if visitor is not None:
        service.revoke_session(visitor.session.id)
    logout_user()
    session.clear()
    return redirect(url_for("web.sign_in"))


def _local(target: str | None) -> str:
    """Where to go after signing in: a path of this application, whatever the URL asks for."""
    if target and target.startswith("/") and not target.startswith("//") and "\\" not in target:
        parts = urlsplit(target)
        if not parts.scheme and not parts.netloc:
            return target
    return url_for("web.dashboard")
