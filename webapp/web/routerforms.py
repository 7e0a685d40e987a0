"""A router's form: what it is called, where it is, and whether it answers there."""

from typing import Annotated, Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import BaseModel, Field

from webapp.identity import ADMIN
from webapp.subscribers.models import Router
from webapp.subscribers.routers import fields, service
from webapp.subscribers.routers.errors import RouterError
from webapp.web import web
from webapp.web.forms import Form, Password, Text
from webapp.web.routers import ONE, router_words

_REFUSED = ("name", "")  # the refusal says itself what is wrong


class RouterIn(BaseModel):
    """`pin` is the certificate that a test showed, and that is to be expected from now on."""

    name: Text
    host: Text
    port: Annotated[int | None, Field(ge=1, le=65_535)] = None
    use_tls: bool = False
    fingerprint: Text = ""
    username: Text
    password: Annotated[Password, Field(max_length=200)] = ""
    pools: Text = ""
    is_active: bool = False
    pin: Text = ""

    @property
    def columns(self) -> dict[str, Any]:
        """Without a password where none was typed: the one that we have stays. Raises Invalid."""
        typed = self.model_dump(exclude={"pin"}) | {"fingerprint": self.pin or self.fingerprint}
        given = {name: value for name, value in typed.items() if name != "password" or value}
        given["port"] = self.port or (service.TLS_PORT if self.use_tls else service.PLAIN_PORT)
        return fields.checked(given)


@web.page("/routers/new", policy=ADMIN, methods=["GET", "POST"])
def routers_new() -> ResponseReturnValue:
    form = Form(RouterIn, conflict=_REFUSED, is_active=True)
    if form.accept(lambda data: service.create_router(data.columns).id):
        flash(_("Router added."), "success")
        return redirect(url_for("web.routers_detail", router_id=form.result), 303)
    return _page(None, form)


@web.page(f"{ONE}/edit", policy=ADMIN, methods=["GET", "POST"])
def routers_edit(router_id: int) -> ResponseReturnValue:
    router = service.get_router(router_id)
    known = {name: getattr(router, name) for name in RouterIn.model_fields if hasattr(router, name)}
    form = Form(RouterIn, conflict=_REFUSED, **known | {"password": ""})
    if form.accept(lambda data: service.update_router(router_id, data.columns)):
        flash(_("Saved."), "success")
        return redirect(url_for("web.routers_detail", router_id=router_id), 303)
    return _page(router, form)


@web.page("/routers/tried", policy=ADMIN, methods=["POST"])
def routers_tried() -> ResponseReturnValue:
    """Whether a router answers as the form describes it, before it is saved; `router` is the one that is changed."""
    known = request.form.get("router", "")
    router = service.get_router(int(known)) if known.isdecimal() and len(known) < 11 else None
    form = Form(RouterIn)
    found: dict[str, Any] = {}
    if form.accept(lambda data: service.access_for(data.columns, router.id if router else None)):
        found = _tried(form.result)
    if "HX-Request" in request.headers:
        faults = list(form.errors.values())
        return render_template("routers/_tried.html", form_data=form, faults=faults, **found)
    return _page(router, form, **found)


def _tried(access: Any) -> dict[str, Any]:
    try:
        return {"tried": service.try_access(access)}
    except RouterError as error:
        return {"trouble": router_words(str(error))}


def _page(router: Router | None, form: Form[RouterIn], **found: Any) -> ResponseReturnValue:
    page = render_template("routers/form.html", router=router, form_data=form, **found)
    return page, form.status
