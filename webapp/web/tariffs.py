"""Tariffs: what each category pays at each gate, now, before and later."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from htmx_flask import request
from pydantic import BaseModel

from webapp.accounts import queries as accounts
from webapp.gates import queries, service
from webapp.gates.models import Tariff
from webapp.gates.service import TariffKey
from webapp.identity import ADMIN, OPERATOR, VIEWER, current_account
from webapp.kit import clock
from webapp.kit.paging import Page
from webapp.web import exports, htmx, lists, web
from webapp.web.forms import Form, Listing, Moment, Query, Rupiah, Word

ONE = "/tariffs/<location_code>/<gate_code>/<category>"


class PriceChange(BaseModel):
    price: Rupiah
    effective_from: Moment | None = None


class TariffIn(PriceChange):
    gate: Word
    category: Word


@web.page("/tariffs", policy=VIEWER)
def tariffs() -> str:
    return render_template("tariffs/index.html", **_choices(), **_listed())


@web.page("/tariffs/rows", policy=VIEWER)
def tariffs_rows() -> ResponseReturnValue:
    return htmx.rows(render_template("tariffs/_rows.html", **_listed()), "web.tariffs")


def _listed() -> dict[str, Any]:
    asked = Query(Listing).data
    found = lists.turned(lambda number: _asked_for(asked, number), asked.page)
    return {"page": found, "changes": queries.next_changes(found.items), "now": clock.unix()}


def _asked_for(asked: Listing, number: int, size: int = 20) -> Page[Tariff]:
    place = {"location_code": asked.location, "gate_code": asked.gate, "category": asked.category}
    return queries.tariffs(number, size, search=asked.search, sort=asked.sort, **place)


def _choices() -> dict[str, Any]:
    return {
        "locations": [(row.code, row.name) for row in queries.locations(1, lists.MAX_CHOICES).items],
        "gates": lists.gate_choices(queries.gates(1, lists.MAX_CHOICES).items),
        "categories": lists.category_choices(queries.categories()),
    }


@web.page(f"/tariffs/export.{exports.FORMATS}", policy=VIEWER)
def tariffs_export(format: str) -> ResponseReturnValue:
    header = [_("Location"), _("Gate"), _("Category"), _("Price"), _("Since"), _("Next price"), _("From")]
    found = _asked_for(Query(Listing).data, 1, exports.MAX_LIST).items
    changes = queries.next_changes(found)
    rows = [_exported(row, changes.get((row.gate_id, row.category_id))) for row in found]
    return exports.table(format, "tariffs", header, rows)


def _exported(tariff: Tariff, change: Tariff | None) -> tuple[object, ...]:
    gate, later = (
        tariff.gate,
        (change.price, exports.local(change.effective_from)) if change else (None, None),
    )
    since = exports.local(tariff.effective_from) if tariff.effective_from else None
    return gate.location.code, gate.code, tariff.category.code, tariff.price, since, *later


@web.page("/tariffs/new", policy=OPERATOR, methods=["GET", "POST"])
def tariffs_new() -> ResponseReturnValue:
    clash = "category", _("This category has a price at this gate. Change it there.")
    form = Form(TariffIn, conflict=clash, gate=request.args.get("gate"))
    if form.accept(_create):
        flash(_("Tariff created."), "success")
        return redirect(_address(form.result), 303)
    return render_template("tariffs/new.html", form_data=form, **_choices()), form.status


def _create(data: TariffIn) -> Tariff:
    location_code, _slash, gate_code = data.gate.partition("/")
    key = TariffKey(location_code, gate_code, data.category)
    return service.create_tariff(key, data.price, effective_from=data.effective_from, by=current_account())


@web.page(ONE, policy=VIEWER, methods=["GET"])
def tariffs_detail(location_code: str, gate_code: str, category: str) -> str:
    return _history_page(TariffKey(location_code, gate_code, category), Form(PriceChange))


@web.page(f"{ONE}/edit", policy=OPERATOR, methods=["GET", "POST"])
def tariffs_edit(location_code: str, gate_code: str, category: str) -> ResponseReturnValue:
    """A new price, from now or from a chosen moment on."""
    key = TariffKey(location_code, gate_code, category)
    form = Form(PriceChange)
    if form.accept(lambda data: _change(key, data)):
        return lists.saved(_address(form.result), "tariffs/_row.html", **_one(key))
    if request.htmx:
        return lists.editing("tariffs", form, **_one(key))
    return _history_page(key, form), form.status


def _change(key: TariffKey, data: PriceChange) -> Tariff:
    return service.change_tariff(key, data.price, effective_from=data.effective_from, by=current_account())


def _history_page(key: TariffKey, form: Form[PriceChange]) -> str:
    tariff = service.current_tariff(key)
    history = service.history(tariff.gate_id, tariff.category_id)
    people = accounts.names(row.created_by_id for row in history)
    context = {"tariff": tariff, "history": history, "people": people, "now": clock.unix()}
    return render_template("tariffs/detail.html", form_data=form, **context)


@web.page(f"{ONE}/row", policy=VIEWER)
def tariffs_row(location_code: str, gate_code: str, category: str) -> str:
    return render_template("tariffs/_row.html", **_one(TariffKey(location_code, gate_code, category)))


def _one(key: TariffKey) -> dict[str, Any]:
    tariff = service.current_tariff(key)
    return {"tariff": tariff, "changes": queries.next_changes([tariff]), "now": clock.unix()}


@web.page(f"{ONE}/changes/<int:tariff_id>/delete", policy=OPERATOR, methods=["POST"])
def tariffs_cancel(location_code: str, gate_code: str, category: str, tariff_id: int) -> ResponseReturnValue:
    left = service.cancel_change(TariffKey(location_code, gate_code, category), tariff_id)
    flash(_("The planned price was taken back."), "success")
    return redirect(_address(left) if left else url_for("web.tariffs"), 303)


@web.page(f"{ONE}/delete", policy=ADMIN, methods=["POST"])
def tariffs_delete(location_code: str, gate_code: str, category: str) -> ResponseReturnValue:
    service.delete_tariff(TariffKey(location_code, gate_code, category))
    flash(_("Tariff deleted. Events keep the price they were stored with."), "success")
    return redirect(url_for("web.tariffs"), 303)


def _address(tariff: Tariff) -> str:
    gate = tariff.gate
    return url_for(
        "web.tariffs_detail",
        location_code=gate.location.code,
        gate_code=gate.code,
        category=tariff.category.code,
    )
