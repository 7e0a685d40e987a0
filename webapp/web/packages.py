"""Packages: what brands sell, and for how much a month."""

from functools import partial
from typing import Annotated, Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import BaseModel, BeforeValidator

from webapp.identity import ADMIN, VIEWER
from webapp.subscribers import catalogue, fields
from webapp.web import htmx, lists, web
from webapp.web.customers import brand_choices
from webapp.web.forms import Form, Listing, Query, Rupiah, Word, attempt

ONE = "/packages/<int:package_id>"
PAGE_SIZE = 50


class PackageListing(Listing):
    brand: Word = ""
    state: Annotated[bool | None, BeforeValidator({"1": True, "0": False}.get)] = None


class PackageIn(BaseModel):
    """`profile` is the router's; empty, it is called as the package."""

    name: Annotated[str, *fields.text(100, required=True)]
    speed_mbps: Annotated[int, *fields.number(0, 1_000_000)] = 0
    price: Rupiah
    profile: Annotated[str, *fields.text(100)] = ""
    is_active: bool = False

    @property
    def columns(self) -> dict[str, Any]:
        return self.model_dump() | {"profile": self.profile or self.name}


class NewPackageIn(PackageIn):
    brand_code: fields.BrandCode


@web.page("/packages", policy=VIEWER)
def packages() -> str:
    return render_template("packages/index.html", brands=brand_choices(), **_listed())


@web.page("/packages/rows", policy=VIEWER)
def packages_rows() -> ResponseReturnValue:
    return htmx.rows(render_template("packages/_rows.html", **_listed()), "web.packages")


def _listed() -> dict[str, Any]:
    asked = Query(PackageListing).data
    found = partial(catalogue.packages, brand=asked.brand, is_active=asked.state)
    return {"page": lists.sliced(found, asked.page, PAGE_SIZE)}


@web.page("/packages/new", policy=ADMIN, methods=["GET", "POST"])
def packages_new() -> ResponseReturnValue:
    form = Form(NewPackageIn, conflict=("name", ""), is_active=True, brand_code=request.args.get("brand"))
    if form.accept(lambda data: catalogue.create_package(data.columns)):
        flash(_("Package added."), "success")
        return redirect(url_for("web.packages"), 303)
    page = render_template(
        "packages/form.html", package=None, form_data=form, brands=brand_choices(only_active=True)
    )
    return page, form.status


@web.page(f"{ONE}/edit", policy=ADMIN, methods=["GET", "POST"])
def packages_edit(package_id: int) -> ResponseReturnValue:
    package = catalogue.get_package(package_id)
    known = {name: getattr(package, name) for name in PackageIn.model_fields}
    form = Form(PackageIn, conflict=("name", ""), **known)
    if form.accept(lambda data: catalogue.update_package(package_id, data.columns)):
        flash(_("Saved."), "success")
        return redirect(url_for("web.packages"), 303)
    return render_template("packages/form.html", package=package, form_data=form, brands=[]), form.status


@web.page(f"{ONE}/delete", policy=ADMIN, methods=["POST"])
def packages_delete(package_id: int) -> ResponseReturnValue:
    if not attempt(lambda: catalogue.delete_package(package_id)):
        return redirect(url_for("web.packages_edit", package_id=package_id), 303)
    flash(_("Package deleted."), "success")
    return redirect(url_for("web.packages"), 303)
