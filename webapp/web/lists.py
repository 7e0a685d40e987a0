"""What pages with a list share."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from htmx_flask import request

from webapp.accounts.models import Role
from webapp.gates.models import Category, Gate
from webapp.identity import current_account
from webapp.kit.paging import Page
from webapp.web import htmx, web
from webapp.web.addresses import split
from webapp.web.forms import Form
from webapp.web.localize import language

T = TypeVar("T")
MAX_CHOICES = 1_000


def turned(ask: Callable[[int], Page[T]], number: int) -> Page[T]:
    """Page `number` of a list, or its last one when the list has become shorter."""
    found = ask(number)
    return found if found.items or number == 1 else ask(found.pages)


def sliced(ask: Callable[..., tuple[Sequence[T], int]], number: int, size: int) -> Page[T]:
    """`turned` for what answers `ask(skip=…, limit=…)` with some rows and how many there are in all."""

    def page(number: int) -> Page[T]:
        rows, total = ask(skip=(number - 1) * size, limit=size)
        return Page(rows, number, size, total)

    return turned(page, number)


def ticked(name: str) -> list[int]:
    """The ids that were ticked in a list's form; what is none is left out."""
    typed = request.form.getlist(name)
    return [int(text) for text in typed if text.isascii() and text.isdigit() and len(text) < 10]


def back_to(endpoint: str) -> str:
    """The list's address with the filters it was left with."""
    page, came_from = url_for(endpoint), split(request.referrer or "")
    return f"{page}?{came_from.query}" if came_from.path == page and came_from.query else page


@web.app_template_global()
def may(role: str) -> bool:
    """Whether the reader's account is at least `role`: what it may not do, a page does not offer."""
    return current_account().role >= Role[role.upper()]


@web.app_template_filter()
def category_name(category: Category) -> str:
    """In the reader's language."""
    return category.name_id if language() == "id" else category.name_en


def category_choices(categories: Iterable[Category]) -> list[tuple[str, str]]:
    return [(category.code, category_name(category)) for category in categories]


def gate_path(gate: Gate) -> str:
    """What a gate is called in a form's field."""
    return f"{gate.location.code}/{gate.code}"


def gate_choices(gates: Iterable[Gate]) -> list[tuple[str, str]]:
    return [(gate_path(gate), f"{gate.location.name} · {gate.name}") for gate in gates]


def saved(page: str, row: str, **context: object) -> ResponseReturnValue:
    """After an edit in place: the row as it is now; without JavaScript, back to the page."""
    message = _("Saved.")
    if request.htmx:
        return htmx.toast(render_template(row, **context), message)
    flash(message, "success")
    return redirect(page, 303)


def editing(thing: str, form: Form[Any], **context: object) -> ResponseReturnValue:
    """The form to edit a row with: in place of the row, or, without JavaScript, a page of its own."""
    template = f"{thing}/_edit.html" if request.htmx else f"{thing}/edit.html"
    return render_template(template, form_data=form, **context), form.status
