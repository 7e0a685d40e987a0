"""Shifts: closing one at a gate, its receipt, its second signature, and the list of all."""

from typing import Any, Literal

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import BaseModel, Field

from webapp import config
from webapp.accounts import queries as accounts
from webapp.accounts import settings
from webapp.errors import Conflict, Forbidden
from webapp.gates import papers, queries, service
from webapp.gates import shifts as closing
from webapp.gates.models import Gate, Shift
from webapp.identity import OPERATOR, VIEWER, current_account
from webapp.kit import clock
from webapp.kit.paging import Page
from webapp.web import exports, htmx, lists, web
from webapp.web.addresses import address
from webapp.web.forms import MAX_MOMENT, Day, Form, Listing, Note, Query, Rupiah

DENOMINATIONS = (100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100)


class CloseIn(BaseModel):
    """The period as the cashier was shown it, and what was in the drawer."""

    starts_at: int = Field(ge=0, le=MAX_MOMENT)
    ends_at: int = Field(ge=0, le=MAX_MOMENT)
    counted: Rupiah
    note: Note = ""


class ShiftListing(Listing):
    since: Day | None = None
    until: Day | None = None
    signed: Literal["0", "1"] | None = None
    balance: Literal["exact", "short", "over"] | None = None

    @property
    def chosen(self) -> closing.ShiftFilter:
        location, _slash, gate = (self.gate or "").partition("/")
        start, end = closing.days(self.since, self.until, config.current().timezone)
        signed = None if self.signed is None else self.signed == "1"
        place = location or self.location, gate or None
        return closing.ShiftFilter(*place, start, end, signed, self.balance)


@web.page("/shifts", policy=VIEWER)
def shifts() -> ResponseReturnValue:
    context, status = _listed()
    locations = [(row.code, row.name) for row in queries.locations(1, lists.MAX_CHOICES).items]
    gates = lists.gate_choices(queries.gates(1, lists.MAX_CHOICES).items)
    return render_template("shifts/index.html", locations=locations, gates=gates, **context), status


@web.page("/shifts/rows", policy=VIEWER)
def shifts_rows() -> ResponseReturnValue:
    context, status = _listed()
    return htmx.rows((render_template("shifts/_rows.html", **context), status), "web.shifts")


def _listed() -> tuple[dict[str, Any], int]:
    query = Query(ShiftListing)
    found: Page[Shift] = Page([], 1, 20, 0)
    if not query.errors:
        asked = query.data
        found = lists.turned(lambda number: closing.page(number, 20, asked.chosen), asked.page)
    people = accounts.names(row.closed_by_id for row in found.items)
    return {"page": found, "people": people, "errors": query.errors, "values": query.values}, query.status


@web.page("/shifts/export.csv", policy=VIEWER)
def shifts_export() -> ResponseReturnValue:
    query = Query(ShiftListing)
    if query.errors:
        return redirect(address("web.shifts"), 303)
    names = _("Receipt"), _("Location"), _("Gate"), _("From"), _("Until"), _("Events"), _("Expected")
    more = _("Counted"), _("Variance"), _("Note"), _("Cashier"), _("Closed"), _("Signed off by")
    found = closing.page(1, exports.MAX_LIST, query.data.chosen).items
    people = accounts.names(person for row in found for person in (row.closed_by_id, row.signed_off_by_id))
    return exports.csv("shifts", [*names, *more], [_exported(shift, people) for shift in found])


def _exported(shift: Shift, people: dict[int, str]) -> tuple[object, ...]:
    place = shift.gate.location.code, shift.gate.code
    period = exports.local(shift.starts_at), exports.local(shift.ends_at)
    sums = shift.expected_count, shift.expected_amount, shift.counted_amount, shift.variance, shift.note
    signed_by = people.get(shift.signed_off_by_id or 0, "")
    cashier = people.get(shift.closed_by_id, ""), exports.local(shift.closed_at)
    return shift.number, *place, *period, *sums, *cashier, signed_by


@web.page("/shifts/close", policy=OPERATOR)
def shifts_close() -> str:
    """Which gate?"""
    search = Query(Listing).data.search
    found = queries.gates(1, 100, search=search, active=True)
    last = closing.gate_of_last_close(current_account())
    return render_template("shifts/choose.html", page=found, last=last)


@web.page("/shifts/close/<location_code>/<gate_code>", policy=OPERATOR, methods=["GET", "POST"])
def shifts_close_at(location_code: str, gate_code: str) -> ResponseReturnValue:
    gate = service.get_gate(location_code, gate_code)
    form = Form(CloseIn)
    try:
        if form.accept(lambda data: _close(gate, data)):
            flash(_("Shift closed."), "success")
            return redirect(url_for("web.shifts_detail", shift_id=form.result.id), 303)
    except closing.AlreadyClosed as refusal:
        return _too_late(gate, closing.get(refusal.shift_id))
    return _close_page(gate, form)


def _close(gate: Gate, data: CloseIn) -> Shift:
    return closing.close(gate, data.starts_at, data.ends_at, data.counted, data.note, current_account())


def _too_late(gate: Gate, shift: Shift) -> ResponseReturnValue:
    """The same person pressed twice: here is their shift. Someone else was faster: say so, and lose nothing."""
    if shift.closed_by_id == current_account().id:
        flash(_("You have closed this shift already."), "info")
        return redirect(url_for("web.shifts_detail", shift_id=shift.id), 303)
    name = accounts.names([shift.closed_by_id]).get(shift.closed_by_id, "")
    counted = request.form.get("counted", "")
    context = {"gate": gate, "shift": shift, "name": name, "counted": counted}
    return render_template("shifts/too_late.html", **context), 409


def _close_page(gate: Gate, form: Form[CloseIn]) -> ResponseReturnValue:
    """A refused form keeps the period that the cashier was shown."""
    starts_at, ends_at = closing.next_start(gate, config.current().timezone), clock.unix()
    if form.status != 200 and not {"starts_at", "ends_at"} & form.errors.keys():
        starts_at, ends_at = int(form.values["starts_at"]), int(form.values["ends_at"])
    found = closing.expected(gate, starts_at, ends_at)
    context = {"gate": gate, "expected": found, "denominations": DENOMINATIONS}
    return render_template("shifts/close.html", form_data=form, **context), form.status


@web.page("/shifts/<int:shift_id>", policy=VIEWER)
def shifts_detail(shift_id: int) -> str:
    shift = closing.get(shift_id)
    may_sign = closing.may_sign_off(shift, current_account())
    return render_template("shifts/detail.html", may_sign=may_sign, **_whole(shift))


@web.page("/shifts/<int:shift_id>/receipt", policy=VIEWER)
def shifts_receipt(shift_id: int) -> str:
    company = settings.text("management_company")
    return render_template("shifts/receipt.html", company=company, **_whole(closing.get(shift_id)))


@web.page("/shifts/<int:shift_id>/receipt.pdf", policy=VIEWER)
def shifts_receipt_pdf(shift_id: int) -> Response:
    """For a roll of 80 mm."""
    whole = _whole(closing.get(shift_id))
    name = f"shift-{whole['shift'].number}"
    return exports.pdf(papers.shift_receipt(**whole), name)


def _whole(shift: Shift) -> dict[str, Any]:
    people = accounts.names([shift.closed_by_id, shift.signed_off_by_id])
    return {"shift": shift, "people": people, "late": closing.late(shift)}


@web.page("/shifts/<int:shift_id>/sign-off", policy=OPERATOR, methods=["POST"])
def shifts_sign_off(shift_id: int) -> ResponseReturnValue:
    try:
        closing.sign_off(shift_id, current_account())
        flash(_("Shift signed off."), "success")
    except (Conflict, Forbidden) as refusal:
        flash(_(refusal.message), "danger")
    return redirect(url_for("web.shifts_detail", shift_id=shift_id), 303)
