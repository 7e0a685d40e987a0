"""One's own account: who one is, the password, where one is signed in."""

import uuid
from typing import Annotated, Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import BaseModel, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from webapp.accounts import queries, second_factor, service
from webapp.accounts.service import Changes
from webapp.accounts.sessions import revoke_all, revoke_session
from webapp.identity import MEMBER, current_account, current_visit
from webapp.throttle import count_proof
from webapp.web import htmx, lists, web
from webapp.web.forms import Form, Listing, Password, Query, Text
from webapp.web.sessions import after_ending


class ProfileIn(BaseModel):
    name: Annotated[Text, Field(max_length=100)]
    email: Annotated[Text, Field(max_length=254)] = ""


class PasswordChange(BaseModel):
    current_password: Password
    password: Password
    again: Password

    @field_validator("again")
    @classmethod
    def _same(cls, again: str, others: ValidationInfo) -> str:
        if again != others.data.get("password", again):
            raise PydanticCustomError("differs", "differs")
        return again


@web.page("/profile", policy=MEMBER, methods=["GET", "POST"])
def profile() -> ResponseReturnValue:
    me = current_account()
    form = Form(ProfileIn, conflict=("", ""), name=me.name, email=me.email)
    if form.accept(lambda data: service.update_user(me.id, Changes(name=data.name, email=data.email), by=me)):
        flash(_("Saved."), "success")
        return redirect(url_for("web.profile"), 303)
    demanded = second_factor.is_required(me.role)
    return render_template(
        "profile/index.html", form_data=form, me=me, demanded=demanded, **_listed()
    ), form.status


@web.page("/profile/rows", policy=MEMBER)
def profile_rows() -> ResponseReturnValue:
    return htmx.rows(render_template("profile/_rows.html", **_listed()), "web.profile")


def _listed() -> dict[str, Any]:
    mine = current_visit().user_id
    number = Query(Listing).data.page
    return {"page": lists.turned(lambda number: queries.sessions_page(number, 10, user_id=mine), number)}


@web.page("/profile/password", policy=MEMBER, methods=["GET", "POST"])
def profile_password() -> ResponseReturnValue:
    form = Form(PasswordChange)
    if form.accept(_change_password):
        flash(_("Password changed. You are signed out everywhere else."), "success")
        return redirect(url_for("web.profile"), 303)
    return render_template("profile/password.html", form_data=form), form.status


def _change_password(data: PasswordChange) -> None:
    me = current_visit()
    count_proof(me.user_id)
    service.change_password(me.user_id, data.current_password, data.password, session_id=me.session_id)


@web.page("/profile/sessions/<uuid:session_id>/revoke", policy=MEMBER, methods=["POST"])
def profile_session_revoke(session_id: uuid.UUID) -> ResponseReturnValue:
    revoke_session(session_id, of=current_account())
    return after_ending(session_id, url_for("web.profile") + "#sessions")


@web.page("/profile/sessions/revoke", policy=MEMBER, methods=["POST"])
def profile_sessions_revoke() -> ResponseReturnValue:
    revoke_all(current_account(), but=current_visit().session_id)
    flash(_("You are signed out everywhere else."), "success")
    return redirect(url_for("web.profile") + "#sessions", 303)
