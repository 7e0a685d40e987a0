"""Accounts, as administrators manage them."""

import uuid
from collections.abc import Callable
from typing import Annotated, Any, Literal

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import BaseModel, BeforeValidator, Field

from webapp.accounts import queries, second_factor, service
from webapp.accounts.models import Role, User
from webapp.accounts.service import Changes
from webapp.accounts.sessions import revoke_all, revoke_session
from webapp.errors import Conflict, Forbidden
from webapp.identity import ADMIN, current_account, current_visit
from webapp.kit.paging import Page
from webapp.web import exports, htmx, lists, web
from webapp.web.addresses import split
from webapp.web.forms import Form, Listing, Password, Query, Text
from webapp.web.localize import role_name
from webapp.web.sessions import after_ending

_ROLES = {role.word: role for role in Role}
_REFUSED = ("", "")  # the refusal says itself which field it is about, and what to do


class UserListing(Listing):
    role: Annotated[Role | None, BeforeValidator(_ROLES.get)] = None


class UserChange(BaseModel):
    username: Annotated[Text, Field(max_length=64)]
    name: Annotated[Text, Field(max_length=100)]
    email: Annotated[Text, Field(max_length=254)] = ""
    role: Literal["member", "viewer", "operator", "admin"]


class UserIn(UserChange):
    password: Password


class PasswordIn(BaseModel):
    password: Password


@web.page("/users", policy=ADMIN)
def users() -> str:
    return render_template("users/index.html", roles=role_choices(), **_listed())


@web.page("/users/rows", policy=ADMIN)
def users_rows() -> ResponseReturnValue:
    return htmx.rows(render_template("users/_rows.html", **_listed()), "web.users")


def _listed() -> dict[str, Any]:
    asked = Query(UserListing).data
    found = lists.turned(lambda number: _asked_for(asked, number), asked.page)
    return {"page": found, "last_sign_ins": queries.last_sign_ins(user.id for user in found.items)}


def _asked_for(asked: UserListing, number: int, size: int = 20) -> Page[User]:
    return queries.users_page(
        number, size, search=asked.search, role=asked.role, active=asked.active, sort=asked.sort
    )


@web.page(f"/users/export.{exports.FORMATS}", policy=ADMIN)
def users_export(format: str) -> ResponseReturnValue:
    found = _asked_for(Query(UserListing).data, 1, exports.MAX_LIST).items
    header = [_("User name"), _("Name"), _("E-mail"), _("Role"), _("Second factor"), _("State"), _("Created")]
    return exports.table(format, "users", header, [_exported(user) for user in found])


def _exported(user: User) -> tuple[object, ...]:
    secured = _("On") if user.has_second_factor else _("Off")
    state = _("Active") if user.is_active else _("Inactive")
    created = exports.local(user.created_at)
    return (user.username, user.name, user.email or "", role_name(user.role), secured, state, created)


@web.page("/users/new", policy=ADMIN, methods=["GET", "POST"])
def users_new() -> ResponseReturnValue:
    form = Form(UserIn, conflict=_REFUSED, role=Role.VIEWER.word)
    if form.accept(_create):
        flash(_("User created."), "success")
        return redirect(url_for("web.users_detail", user_id=form.result.id), 303)
    return render_template("users/new.html", form_data=form, roles=role_choices()), form.status


def _create(data: UserIn) -> User:
    return service.create_user(
        data.username, data.password, _ROLES[data.role], email=data.email, name=data.name
    )


@web.page("/users/<int:user_id>", policy=ADMIN)
def users_detail(user_id: int) -> str:
    user = service.get_user(user_id)
    return render_template(
        "users/detail.html",
        user=user,
        live=queries.sessions_page(1, 20, user_id=user_id),
        last_sign_in=queries.last_sign_ins([user_id]).get(user_id),
        recovery_codes=queries.unused_recovery_codes(user_id),
    )


@web.page("/users/<int:user_id>/edit", policy=ADMIN, methods=["GET", "POST"])
def users_edit(user_id: int) -> ResponseReturnValue:
    user = service.get_user(user_id)
    known = {"username": user.username, "name": user.name, "email": user.email, "role": user.role.word}
    form = Form(UserChange, conflict=_REFUSED, **known)
    if form.accept(lambda data: _update(user_id, data)):
        return lists.saved(url_for("web.users_detail", user_id=user_id), "users/_row.html", **_one(user))
    return lists.editing("users", form, user=user, roles=role_choices())


def _update(user_id: int, data: UserChange) -> User:
    changes = Changes(data.username, data.email, data.name, _ROLES[data.role])
    return service.update_user(user_id, changes, by=current_account())


@web.page("/users/<int:user_id>/row", policy=ADMIN)
def users_row(user_id: int) -> str:
    return render_template("users/_row.html", **_one(service.get_user(user_id)))


def _one(user: User) -> dict[str, Any]:
    return {"user": user, "last_sign_ins": queries.last_sign_ins([user.id])}


@web.page("/users/<int:user_id>/deactivate", policy=ADMIN, methods=["POST"])
def users_deactivate(user_id: int) -> ResponseReturnValue:
    return _done(
        lambda: service.update_user(user_id, Changes(is_active=False), by=current_account()),
        _("Account switched off. All its sessions have ended."),
        _back(user_id),
    )


@web.page("/users/<int:user_id>/reactivate", policy=ADMIN, methods=["POST"])
def users_reactivate(user_id: int) -> ResponseReturnValue:
    service.update_user(user_id, Changes(is_active=True), by=current_account())
    flash(_("Account switched on."), "success")
    return redirect(_back(user_id), 303)


@web.page("/users/<int:user_id>/password", policy=ADMIN, methods=["GET", "POST"])
def users_password(user_id: int) -> ResponseReturnValue:
    """Somebody else's; one's own is changed in the profile, which asks for the current one."""
    if user_id == current_visit().user_id:
        return redirect(url_for("web.profile_password"), 303)
    form = Form(PasswordIn)
    if form.accept(lambda data: service.reset_password(user_id, data.password)):
        flash(_("Password changed. All sessions of the account have ended."), "success")
        return redirect(url_for("web.users_detail", user_id=user_id), 303)
    return render_template("users/password.html", form_data=form, user=service.get_user(user_id)), form.status


@web.page("/users/<int:user_id>/second-factor/remove", policy=ADMIN, methods=["POST"])
def users_second_factor_remove(user_id: int) -> ResponseReturnValue:
    """Somebody else's; one's own is switched off in the profile, which asks for the password."""
    if user_id == current_visit().user_id:
        return redirect(url_for("web.profile_second_factor_off"), 303)
    second_factor.forget(service.get_user(user_id))
    flash(_("Second factor removed. The password alone is enough now."), "success")
    return redirect(url_for("web.users_detail", user_id=user_id), 303)


@web.page("/users/<int:user_id>/delete", policy=ADMIN, methods=["POST"])
def users_delete(user_id: int) -> ResponseReturnValue:
    return _done(
        lambda: service.delete_user(user_id, by=current_account()),
        _("Account deleted. What it did stays in the activity log."),
        url_for("web.users"),
    )


@web.page("/users/<int:user_id>/sessions/<uuid:session_id>/revoke", policy=ADMIN, methods=["POST"])
def users_session_revoke(user_id: int, session_id: uuid.UUID) -> ResponseReturnValue:
    revoke_session(session_id, of=service.get_user(user_id))
    return after_ending(session_id, _sessions_of(user_id))


@web.page("/users/<int:user_id>/sessions/revoke", policy=ADMIN, methods=["POST"])
def users_sessions_revoke(user_id: int) -> ResponseReturnValue:
    """All of them, but the one that this request comes from."""
    revoke_all(service.get_user(user_id), but=current_visit().session_id)
    flash(_("All sessions ended."), "success")
    return redirect(_sessions_of(user_id), 303)


def _sessions_of(user_id: int) -> str:
    return url_for("web.users_detail", user_id=user_id) + "#sessions"


def _done(act: Callable[[], object], message: str, back: str) -> ResponseReturnValue:
    """Act, and say that it is done or why it was refused."""
    try:
        act()
    except (Conflict, Forbidden) as refusal:
        flash(_(refusal.message), "danger")
    else:
        flash(message, "success")
    return redirect(back, 303)


def _back(user_id: int) -> str:
    """To the list when the button was pressed there, else to the account's page."""
    if split(request.referrer or "").path == url_for("web.users"):
        return lists.back_to("web.users")
    return url_for("web.users_detail", user_id=user_id)


def role_choices() -> list[tuple[str, str]]:
    return [(role.word, role_name(role)) for role in Role]


@web.app_template_global()
def activity_of(user: User) -> str:
    """The address of what an account has done; empty where there is no such page."""
    known = "web.activity" in current_app.view_functions
    return url_for("web.activity", user=user.id) if known else ""
