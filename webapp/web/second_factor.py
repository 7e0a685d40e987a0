"""One's own second factor: set up with a QR code, recovery codes, switched off. Each asks for the password."""

import time
from collections.abc import Sequence

import segno
from flask import Response, flash, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import BaseModel

from webapp.accounts import queries, second_factor, service
from webapp.accounts.models import User
from webapp.errors import Conflict
from webapp.identity import MEMBER, current_account, current_visit
from webapp.throttle import count_proof
from webapp.web import web
from webapp.web.addresses import local_path
from webapp.web.forms import Form, Password, Text

PROVEN = "proven_for_second_factor"  # when the password was given to begin with the setting up
PATIENCE = 900  # seconds to finish


class Proof(BaseModel):
    current_password: Password


class CodeIn(BaseModel):
    code: Text


@web.page("/profile/second-factor", policy=MEMBER, methods=["GET", "POST"], unsecured=True, always=True)
def profile_second_factor() -> ResponseReturnValue:
    """Where it stands; for an account without one, the beginning of setting it up."""
    visitor = current_visit()
    demanded = second_factor.is_required(visitor.role)
    if visitor.has_second_factor:
        return _state(demanded)
    form = Form(Proof)
    if form.accept(_begin):
        session[PROVEN] = int(time.time())
        return redirect(_here("web.profile_second_factor_set_up"), 303)
    return render_template("profile/begin.html", form_data=form, demanded=demanded), form.status


def _state(demanded: bool) -> str:
    me = current_account()
    left = queries.unused_recovery_codes(me.id)
    return render_template("profile/second_factor.html", me=me, demanded=demanded, codes_left=left)


def _begin(data: Proof) -> None:
    _prove(data)
    second_factor.begin(current_account())


@web.page(
    "/profile/second-factor/set-up", policy=MEMBER, methods=["GET", "POST"], unsecured=True, always=True
)
def profile_second_factor_set_up() -> ResponseReturnValue:
    me = current_account()
    if not _is_under_way(me):
        return _over(me)
    form = Form(CodeIn)
    try:
        accepted = form.accept(lambda data: second_factor.confirm(me, data.code))
    except Conflict:
        return _over(me)
    if accepted:
        session.pop(PROVEN, None)
        return _shown_once(form.result, _("Second factor is on"), 201)
    return _unkept(render_template("profile/set_up.html", form_data=form, **_drawn(me)), form.status)


def _over(me: User) -> ResponseReturnValue:
    """For who comes too late: sent twice, the codes were in the answer to the first, which nobody may have seen."""
    if request.method == "POST" and me.has_second_factor:
        flash(
            _("The second factor is on. If you have not seen your recovery codes, make new ones."), "warning"
        )
    return redirect(_here("web.profile_second_factor"), 303)


def _is_under_way(me: User) -> bool:
    """Whether this browser's visitor began a short while ago: nobody else may finish what was left lying about."""
    begun = time.time() - session.get(PROVEN, 0) < PATIENCE
    return begun and not me.has_second_factor and me.totp_secret is not None


def _drawn(me: User) -> dict[str, str]:
    """The app's secret as a picture to scan and in letters to type."""
    secret = me.totp_secret or ""
    picture = segno.make(second_factor.address(me), error="m", micro=False)
    return {
        "qr": picture.svg_data_uri(scale=5, border=3, light="#fff"),
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
    }


@web.page("/profile/second-factor/recovery-codes", policy=MEMBER, methods=["GET", "POST"])
def profile_recovery_codes() -> ResponseReturnValue:
    """New ones; the old ones are worth nothing from then on."""
    if not current_visit().has_second_factor:
        return redirect(url_for("web.profile_second_factor"), 303)
    form = Form(Proof)
    if form.accept(_renew):
        return _shown_once(form.result, _("New recovery codes"), 201)
    return render_template("profile/recovery_codes.html", form_data=form), form.status


def _renew(data: Proof) -> Sequence[str]:
    _prove(data)
    return second_factor.renew_recovery_codes(current_account())


@web.page("/profile/second-factor/off", policy=MEMBER, methods=["GET", "POST"])
def profile_second_factor_off() -> ResponseReturnValue:
    visitor = current_visit()
    if not visitor.has_second_factor or second_factor.is_required(visitor.role):
        return redirect(url_for("web.profile_second_factor"), 303)
    form = Form(Proof)
    if form.accept(_switch_off):
        flash(_("Second factor switched off."), "success")
        return redirect(url_for("web.profile"), 303)
    return render_template("profile/off.html", form_data=form), form.status


def _switch_off(data: Proof) -> None:
    _prove(data)
    second_factor.switch_off(current_account())


def _prove(data: Proof) -> None:
    mine = current_visit().user_id
    count_proof(mine)
    service.prove(mine, data.current_password)


def _shown_once(codes: Sequence[str], title: str, status: int) -> Response:
    done = local_path(request.args.get("next") or url_for("web.profile"))
    return _unkept(render_template("profile/codes.html", codes=codes, title=title, done=done), status)


def _unkept(page: str, status: int) -> Response:
    """A page with a secret, which nothing on the way may keep."""
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _here(endpoint: str) -> str:
    """Another step of the same way, which leads on to where the visitor wanted to go."""
    return url_for(endpoint, next=request.args.get("next"))
