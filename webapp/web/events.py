"""Events: looking through what passed, newest first, and taking it along as a file."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import BaseModel, BeforeValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import Row

from webapp import config
from webapp.extensions import db
from webapp.gates import queries
from webapp.identity import VIEWER
from webapp.kit import clock
from webapp.web import exports, htmx, lists, web
from webapp.web.addresses import address
from webapp.web.forms import MAX_MOMENT, Query, Since, Until, Word, local_moment

PAGE_SIZE = 50


def _place(text: Any) -> queries.Place:
    moment, _dot, event_id = str(text).partition(".")
    if not (moment.isdigit() and event_id.isdigit() and len(text) < 40 and int(event_id) < 2**63):
        raise PydanticCustomError("place", "not a place in the list")
    return min(int(moment), MAX_MOMENT), int(event_id)


Place = Annotated[queries.Place, BeforeValidator(_place)]


class EventQuery(BaseModel):
    """`since` and `until` are business time, a day or a minute, both included; without them, today."""

    since: Since = Field(default_factory=lambda: _today()[0])
    until: Until = Field(default_factory=lambda: _today()[1])
    location: Word | None = None
    gate: Word | None = None
    category: Word | None = None
    before: Place | None = None
    after: Place | None = None

    @field_validator("until")
    @classmethod
    def _forwards(cls, until: int, info: ValidationInfo) -> int:
        if until <= info.data.get("since", 0):
            raise PydanticCustomError("backwards", "ends before it begins")
        return until

    @property
    def chosen(self) -> queries.EventFilter:
        location, _slash, gate = (self.gate or "").partition("/")
        place = {"location_code": location or self.location, "gate_code": gate or None}
        return queries.EventFilter(self.since, self.until, category=self.category, **place)


def _today() -> tuple[int, int]:
    zone = config.current().timezone
    return clock.day_bounds(clock.today(zone), zone)


@web.page("/events", policy=VIEWER)
def events() -> ResponseReturnValue:
    context, status = _listed()
    return render_template("events/index.html", **_choices(), **context), status


@web.page("/events/rows", policy=VIEWER)
def events_rows() -> ResponseReturnValue:
    context, status = _listed()
    return htmx.rows((render_template("events/_rows.html", **context), status), "web.events")


def _listed() -> tuple[dict[str, Any], int]:
    query = Query(EventQuery)
    asked = query.data
    page = queries.EventPage([], None, None)
    if not query.errors:
        zone = config.current().timezone
        page = queries.browse(asked.chosen, zone, PAGE_SIZE, before=asked.before, after=asked.after)
    moments = {"since": local_moment(asked.since), "until": local_moment(asked.until - 60)}
    moments |= {name: request.args[name] for name in query.errors if name in request.args}
    return {"page": page, "errors": query.errors, "moments": moments}, query.status


def _choices() -> dict[str, Any]:
    return {
        "presets": _presets(),
        "locations": [(row.code, row.name) for row in queries.locations(1, lists.MAX_CHOICES).items],
        "gates": lists.gate_choices(queries.gates(1, lists.MAX_CHOICES).items),
        "categories": lists.category_choices(queries.categories()),
    }


def _presets() -> list[tuple[str, str, str]]:
    """Periods that people ask for most: (name, first day, last day)."""
    today = config.today()
    yesterday = today - timedelta(days=1)
    spans = (
        (_("Today"), today, today),
        (_("Yesterday"), yesterday, yesterday),
        (_("Last 7 days"), today - timedelta(days=6), today),
        (_("This month"), today.replace(day=1), today),
    )
    return [(name, first.isoformat(), last.isoformat()) for name, first, last in spans]


@web.page(f"/events/export.{exports.FORMATS}", policy=VIEWER)
def events_export(format: str) -> ResponseReturnValue:
    query = Query(EventQuery)
    chosen = query.data.chosen
    if query.errors:
        return redirect(address("web.events", format=None), 303)
    if format == "xlsx" and queries.count_events(chosen, exports.MAX_XLSX + 1) > exports.MAX_XLSX:
        flash(_("An XLSX file holds at most 1,000,000 events. Choose a shorter period, or CSV."), "warning")
        return redirect(address("web.events", format=None), 303)
    names = _("Event"), _("Time"), _("Received"), _("Location"), _("Gate"), _("Gate name"), _("Category")
    rows = _exported(queries.stream_events(db.engine, chosen), config.current().timezone)
    return exports.table(format, "events", [*names, _("Rupiah")], rows)


def _exported(events: Iterable[Row[Any]], zone: ZoneInfo) -> Iterator[tuple[object, ...]]:
    """Runs while the file is being sent, when the request is over."""
    for row in events:
        times = exports.local(row.event_time, zone), exports.local(row.received_at, zone)
        yield row.id, *times, row.location_code, row.gate_code, row.gate_name, row.category, row.amount
