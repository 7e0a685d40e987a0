"""Revenue of a day or a month, everywhere, at a location or at a gate: to look at, and to print."""

import datetime as dt
from dataclasses import replace
from typing import Annotated, Any

from flask import Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from flask_babel import gettext as _
from pydantic import BaseModel, BeforeValidator

from webapp import config
from webapp.gates import papers, queries
from webapp.gates import revenue as figures
from webapp.gates.revenue import Revenue
from webapp.gates.totals import Line, Where
from webapp.identity import VIEWER, current_account
from webapp.web import exports, htmx, lists, localize, web
from webapp.web.forms import Day, Query, Word

PERIODS = ("day", "month")


class RevenueQuery(BaseModel):
    """Which period, by a day in it, and where: nothing, `location` or `location/gate`. Without a day: today."""

    period: Annotated[str, BeforeValidator(lambda text: text if text in PERIODS else "day")] = "day"
    date: Day | None = None
    place: Word = ""

    @property
    def day(self) -> dt.date:
        return self.date or config.today()

    def read(self) -> Revenue:
        """Raises NotFound."""
        location, _slash, gate = self.place.partition("/")
        where = Where(location or None, gate or None)
        if self.period == "month":
            return figures.of_month(self.day.replace(day=1), where)
        return figures.of_day(self.day, where)

    @property
    def file_name(self) -> str:
        """`pendapatan-20251215-kerkof_01-gate01`; codes have nothing in them that a header minds."""
        when = f"{self.day:%Y%m%d}" if self.period == "day" else f"{self.day:%Y%m}"
        return "-".join(filter(None, ("pendapatan", when, *self.place.split("/"))))


@web.page("/revenue", policy=VIEWER)
def revenue() -> ResponseReturnValue:
    context, status = _listed()
    return render_template("revenue/index.html", places=_places(), **context), status


@web.page("/revenue/rows", policy=VIEWER)
def revenue_rows() -> ResponseReturnValue:
    context, status = _listed()
    return htmx.rows((render_template("revenue/_rows.html", **context), status), "web.revenue")


@web.page("/revenue/report.pdf", policy=VIEWER)
def revenue_pdf() -> Response:
    """The page's figures on paper."""
    asked = Query(RevenueQuery).data
    reader = current_account()
    pdf = papers.revenue_report(asked.read(), reader.name or reader.username)
    return exports.pdf(pdf, asked.file_name)


def _listed() -> tuple[dict[str, Any], int]:
    query = Query(RevenueQuery)
    found = query.data.read()
    context = {"asked": query.data, "found": found, "tables": _tables(found), "errors": query.errors}
    return context | {"heading": _heading(found)}, query.status


def _heading(found: Revenue) -> str:
    when = localize.day(found.first) if found.is_day else format_date(found.first, "MMMM yyyy")
    return f"{found.place or _('All locations')}, {when}"


def _tables(found: Revenue) -> list[tuple[str, str, list[Line]]]:
    """Each with its title and what its first column is called, in the reader's language."""
    names = localize.category_names(queries.categories())
    slots = [replace(line, label=_slot(line.label)) for line in found.lines]
    categories = [replace(line, label=names[line.label]) for line in found.by_category]
    by_time = (_("By hour"), _("Hour"), slots) if found.is_day else (_("By day"), _("Day"), slots)
    by_gate = (_("By gate"), _("Gate"), list(found.by_gate))
    return [by_time, (_("By category"), _("Category"), categories), by_gate]


def _slot(label: str) -> str:
    """An hour or a day."""
    if len(label) == 2:
        return f"{label}:00–{label}:59"
    return str(format_date(dt.date.fromisoformat(label), "EEE, d MMM yyyy"))


def _places() -> list[tuple[str, str]]:
    """Locations, and each one's gates."""
    locations = queries.locations(1, lists.MAX_CHOICES).items
    gates = lists.gate_choices(queries.gates(1, lists.MAX_CHOICES).items)
    return [*((row.code, row.name) for row in locations), *gates]
