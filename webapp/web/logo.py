"""The company's logo: sent, seen and removed on the settings page."""

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.documents import branding, logos
from webapp.errors import Invalid, NotFound
from webapp.identity import ADMIN, VIEWER
from webapp.web import web

MAX_BODY = logos.MAX_BYTES + 100_000


@web.app_template_global()
def logo_version() -> str:
    """Names the logo that there is; empty without one."""
    return branding.logo_version()


@web.page("/settings/logo", policy=ADMIN, methods=["POST"], max_body=MAX_BODY)
def settings_logo_save() -> ResponseReturnValue:
    file = request.files.get("logo")
    data = file.read(logos.MAX_BYTES + 1) if file is not None else b""
    try:
        branding.change_logo(data)
        flash(_("The logo is on every document that is printed from now on."), "success")
    except Invalid as refusal:
        said = " ".join(refusal.fields.values())
        flash(_(said) if data else _("Choose a file."), "danger")
    return redirect(url_for("web.settings", _anchor="logo"), 303)


@web.page("/settings/logo/remove", policy=ADMIN, methods=["POST"])
def settings_logo_remove() -> ResponseReturnValue:
    branding.remove_logo()
    flash(_("The logo is removed."), "success")
    return redirect(url_for("web.settings", _anchor="logo"), 303)


@web.page("/settings/logo", policy=VIEWER)
def settings_logo() -> Response:
    """The picture as documents show it; never another one under an address with its version (`v`)."""
    data = branding.logo_file()
    if data is None:
        raise NotFound()
    response = Response(data, mimetype="image/jpeg" if data.startswith(logos.JPEG) else "image/png")
    kept = request.args.get("v") == branding.logo_version()
    response.headers["Cache-Control"] = "private, max-age=86400" if kept else "no-store"
    return response
