"""Brands: what each is called, taxes, prints on its invoices and numbers them with."""

from decimal import Decimal
from typing import Annotated, Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal
from flask_babel import gettext as _
from pydantic import BaseModel, BeforeValidator

from webapp.billing import numbers
from webapp.billing.days import today
from webapp.documents import logos
from webapp.errors import Invalid, NotFound
from webapp.identity import ADMIN, VIEWER
from webapp.subscribers import catalogue, fields, offers
from webapp.subscribers.models import Brand
from webapp.web import web
from webapp.web.forms import Form, attempt

ONE = "/brands/<code>"
MAX_BODY = logos.MAX_BYTES + 100_000
PATTERN = "INV-{year}-{sequence}"


class BrandIn(BaseModel):
    """`grace_days` empty is the setting's."""

    name: Annotated[str, *fields.text(100, required=True)]
    tax_percent: Annotated[
        Decimal, BeforeValidator(lambda text: offers.percent(str(text).replace(",", ".")))
    ] = Decimal(0)
    gateway_key: Annotated[str, BeforeValidator(offers.key_name)] = ""
    invoice_pattern: Annotated[str, BeforeValidator(offers.invoice_pattern)]
    address: Annotated[str, *fields.text(300)] = ""
    bank_account: Annotated[str, *fields.text(200)] = ""
    grace_days: Annotated[int | None, BeforeValidator(offers.grace_days)] = None
    is_active: bool = False

    @property
    def columns(self) -> dict[str, Any]:
        return self.model_dump()


class NewBrandIn(BrandIn):
    code: Annotated[str, BeforeValidator(offers.code)]


@web.page("/brands", policy=VIEWER)
def brands() -> str:
    return render_template("brands/index.html", brands=catalogue.brands())


@web.page("/brands/new", policy=ADMIN, methods=["GET", "POST"])
def brands_new() -> ResponseReturnValue:
    form = Form(NewBrandIn, conflict=("code", ""), is_active=True, invoice_pattern=PATTERN, tax_percent=11)
    if form.accept(lambda data: catalogue.create_brand(data.columns)):
        flash(_("Brand added."), "success")
        return _to(form.result.code)
    return _page(None, form)


@web.page(f"{ONE}/edit", policy=ADMIN, methods=["GET", "POST"])
def brands_edit(code: str) -> ResponseReturnValue:
    brand = catalogue.get_brand(code)
    form = Form(BrandIn, conflict=("name", ""), **_known(brand))
    if form.accept(lambda data: catalogue.update_brand(code, data.columns)):
        flash(_("Saved."), "success")
        return redirect(url_for("web.brands"), 303)
    return _page(brand, form)


def _known(brand: Brand) -> dict[str, Any]:
    known = {name: getattr(brand, name) for name in BrandIn.model_fields}
    return known | {"tax_percent": f"{brand.tax_percent.normalize():f}"}


def _page(brand: Brand | None, form: Form[Any]) -> ResponseReturnValue:
    pattern = str(form.values.get("invoice_pattern") or "")
    code = brand.code if brand else str(form.values.get("code") or "")
    context = {"brand": brand, "form_data": form, "example": _example(pattern, code)}
    return render_template("brands/form.html", **context), form.status


@web.page("/brands/example", policy=ADMIN)
def brands_example() -> str:
    """What an invoice of today would be numbered, while the pattern is being typed."""
    example = _example(request.args.get("invoice_pattern", ""), request.args.get("code", ""))
    return render_template("brands/_example.html", example=example)


def _example(pattern: str, code: str) -> str | None:
    try:
        series = numbers.series_of(offers.invoice_pattern(pattern), code.upper()[:30] or "BRAND", today())
    except ValueError:
        return None
    return numbers.written(series, 1)


@web.page(f"{ONE}/delete", policy=ADMIN, methods=["POST"])
def brands_delete(code: str) -> ResponseReturnValue:
    logo = catalogue.get_brand(code).logo
    if not attempt(lambda: catalogue.delete_brand(code)):
        return _to(code)
    logos.forget(logo or "")
    flash(_("Brand deleted."), "success")
    return redirect(url_for("web.brands"), 303)


@web.page(f"{ONE}/logo", policy=ADMIN, methods=["POST"], max_body=MAX_BODY)
def brands_logo_save(code: str) -> ResponseReturnValue:
    file = request.files.get("logo")
    data = file.read(logos.MAX_BYTES + 1) if file is not None else b""
    try:
        _change_logo(catalogue.get_brand(code), logos.keep(data))
        flash(_("The logo is on every invoice that is printed from now on."), "success")
    except Invalid as refusal:
        said = " ".join(refusal.fields.values())
        flash(_(said) if data else _("Choose a file."), "danger")
    return _to(code, anchor="logo")


@web.page(f"{ONE}/logo/remove", policy=ADMIN, methods=["POST"])
def brands_logo_remove(code: str) -> ResponseReturnValue:
    _change_logo(catalogue.get_brand(code), None)
    flash(_("The logo is removed."), "success")
    return _to(code, anchor="logo")


def _change_logo(brand: Brand, name: str | None) -> None:
    before = brand.logo
    catalogue.update_brand(brand.code, {"logo": name})
    logos.forget(before or "")


@web.page(f"{ONE}/logo", policy=VIEWER)
def brands_logo(code: str) -> Response:
    """The picture as invoices show it; never another one under an address with its name (`v`)."""
    name = catalogue.get_brand(code).logo or ""
    data = logos.load(name)
    if data is None:
        raise NotFound()
    response = Response(data, mimetype="image/jpeg" if data.startswith(logos.JPEG) else "image/png")
    kept = request.args.get("v") == name
    response.headers["Cache-Control"] = "private, max-age=86400" if kept else "no-store"
    return response


def _to(code: str, anchor: str | None = None) -> ResponseReturnValue:
    return redirect(url_for("web.brands_edit", code=code, _anchor=anchor), 303)


@web.app_template_filter()
def percent(value: Decimal) -> str:
    """`11%`, `1.1%`, in Indonesian `1,1%`."""
    return f"{format_decimal(value, '#,##0.##')}%"
