"""The dunning board: who is late and what comes next; exempt, promise, suspend and let in again, many at once."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any, Literal

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext, ngettext
from flask_babel import gettext as _
from pydantic import BaseModel, BeforeValidator

from webapp.billing import board, reminders
from webapp.billing import dunning as chasing
from webapp.billing.board import AGES
from webapp.billing.days import today
from webapp.errors import Conflict, Invalid, NotFound
from webapp.identity import OPERATOR, VIEWER
from webapp.subscribers import catalogue
from webapp.web import htmx, lists, web
from webapp.web.forms import Day, Form, Name, PageNumber, Query, Word

MOST_AT_ONCE = 100
PAGE_SIZE = 20
AGE_NAMES: Mapping[str, LazyString] = {
    "7": lazy_gettext("1–7 days"),
    "30": lazy_gettext("8–30 days"),
    "60": lazy_gettext("31–60 days"),
    "90": lazy_gettext("61–90 days"),
    "more": lazy_gettext("over 90 days"),
}


class BoardListing(BaseModel):
    """The filters in the address; nonsense counts as none."""

    age: Annotated[str | None, BeforeValidator(lambda text: text if text in AGES else None)] = None
    brand: Word | None = None
    page: PageNumber = 1


class ActIn(BaseModel):
    action: Literal["exempt", "promise", "suspend", "resume"]
    until: Day | None = None
    note: Name = ""


@web.page("/dunning", policy=VIEWER)
def dunning() -> str:
    asked = Query(BoardListing).data
    context = {"ages": board.ages(asked.brand), "age_names": AGE_NAMES, "upcoming": reminders.upcoming()}
    return render_template("dunning/index.html", brands=_brands(), **context, **_listed())


@web.page("/dunning/rows", policy=VIEWER)
def dunning_rows() -> ResponseReturnValue:
    return htmx.rows(render_template("dunning/_rows.html", **_listed()), "web.dunning")


def _listed() -> dict[str, Any]:
    asked = Query(BoardListing).data
    wanted = partial(board.overdue, age=asked.age, brand=asked.brand)
    page = lists.sliced(wanted, asked.page, PAGE_SIZE)
    return {"page": page, "today": today(), "last": today() + chasing.LONGEST_PROMISE}


def _brands() -> list[tuple[str, str]]:
    return [(brand.code, brand.name) for brand in catalogue.brands()]


@web.page("/dunning/act", policy=OPERATOR, methods=["POST"])
def dunning_act() -> ResponseReturnValue:
    """Do the same for everybody who was chosen."""
    form = Form(ActIn)
    chosen = lists.ticked("customer")
    if not chosen:
        flash(_("Choose at least one customer."), "warning")
    elif not form.accept(lambda data: _act(data, chosen[:MOST_AT_ONCE])):
        flash(_("Choose a day from today to 90 days ahead."), "danger")
    else:
        flash(ngettext("%(num)s customer changed.", "%(num)s customers changed.", form.result), "success")
    page = "web.dunning_suspended" if request.form.get("from") == "suspended" else "web.dunning"
    return redirect(lists.back_to(page), 303)


def _act(data: ActIn, customer_ids: list[int]) -> int:
    """For how many it changed anything; those who are gone meanwhile are passed over."""
    acts: Mapping[str, Callable[[int], Any]] = {
        "exempt": chasing.exempt,
        "promise": lambda customer_id: _promise(customer_id, data),
        "suspend": lambda customer_id: chasing.suspend_now(customer_id, data.note),
        "resume": lambda customer_id: chasing.resume_now(customer_id, data.note),
    }
    changed = 0
    for customer_id in dict.fromkeys(customer_ids):
        try:
            changed += bool(acts[data.action](customer_id))
        except (NotFound, Conflict):
            continue
    return changed


def _promise(customer_id: int, data: ActIn) -> int:
    if data.until is None:
        raise Invalid({"until": "Field is required"})
    return chasing.promise_all(customer_id, data.until, data.note)


@web.page("/dunning/suspended", policy=VIEWER)
def dunning_suspended() -> str:
    return render_template("dunning/suspended.html", rows=board.suspended(), exempt=board.exempt())


@web.page("/dunning/exempt/<int:customer_id>/end", policy=OPERATOR, methods=["POST"])
def dunning_exempt_end(customer_id: int) -> ResponseReturnValue:
    chasing.exempt(customer_id, never_suspend=False)
    flash(_("Saved."), "success")
    return redirect(url_for("web.dunning_suspended"), 303)


@web.page("/dunning/promises", policy=VIEWER)
def dunning_promises() -> str:
    return render_template("dunning/promises.html", rows=board.promises())


@web.page("/dunning/promises/<int:promise_id>/withdraw", policy=OPERATOR, methods=["POST"])
def dunning_withdraw(promise_id: int) -> ResponseReturnValue:
    chasing.withdraw(promise_id)
    flash(_("The promise no longer counts."), "success")
    return redirect(url_for("web.dunning_promises"), 303)
