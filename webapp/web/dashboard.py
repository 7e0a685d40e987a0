"""The live dashboard: a page, the fragments that it refreshes, and the stream that says when."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from flask import Response, render_template, request
from flask_babel import gettext as _

from webapp import config
from webapp.extensions import db
from webapp.gates import board, queries
from webapp.gates.runtime import runtime
from webapp.gates.stream import StreamEvent
from webapp.gates.totals import Where
from webapp.identity import VIEWER, current_visit
from webapp.kit import clock
from webapp.web import charts, localize, web

EARLIEST = date(2000, 1, 1)
MAX_LOCATIONS = 1_000
FEED_LENGTH = 12
GATES_SHOWN = 15
TOTALS_EVERY = 1.0  # seconds; also how long the stream waits for the rest of a burst
PING_EVERY = 10.0


@dataclass(frozen=True)
class Asked:
    """What the address asks for; what it asks wrongly is left out, and `notice` says so."""

    day: date
    today: date
    location: str | None
    locations: list[tuple[str, str]]
    notice: str

    @property
    def is_today(self) -> bool:
        return self.day == self.today

    @property
    def where(self) -> Where:
        return Where(self.location)

    @property
    def next_day(self) -> date:
        return self.day + timedelta(days=1)

    @property
    def day_before(self) -> date:
        return self.day - timedelta(days=1)

    @property
    def week_before(self) -> date:
        return self.day - timedelta(days=7)


@web.page("/dashboard", policy=VIEWER)
def dashboard() -> str:
    asked = _asked()
    parts = _cards(asked) | _quiet(asked) | _feed(asked) | _gates(asked)
    return render_template("dashboard/index.html", charts=_charts(asked), **parts)


@web.page("/dashboard/cards", policy=VIEWER)
def dashboard_cards() -> str:
    return render_template("dashboard/_cards.html", **_cards(_asked()))


@web.page("/dashboard/quiet", policy=VIEWER)
def dashboard_quiet() -> str:
    return render_template("dashboard/_quiet.html", **_quiet(_asked()))


@web.page("/dashboard/feed", policy=VIEWER)
def dashboard_feed() -> str:
    return render_template("dashboard/_feed.html", **_feed(_asked()))


@web.page("/dashboard/gates", policy=VIEWER)
def dashboard_gates() -> str:
    return render_template("dashboard/_gates.html", **_gates(_asked()))


@web.page("/dashboard/charts", policy=VIEWER)
def dashboard_charts() -> dict[str, Any]:
    """The numbers of all charts (static/js/charts.js)."""
    return _charts(_asked())


def _asked() -> Asked:
    today = config.today()
    locations = [(row.code, row.name) for row in queries.locations(1, MAX_LOCATIONS).items]
    wanted = request.args.get("location", "").strip()
    known = wanted in dict(locations)
    day = _day(request.args.get("date", "").strip(), today)
    notices = [
        _("There is no such location; this is all of them.") if wanted and not known else "",
        _("There is nothing to see on that date; this is today.") if day is None else "",
    ]
    return Asked(day or today, today, wanted if known else None, locations, " ".join(filter(None, notices)))


def _day(text: str, today: date) -> date | None:
    """The date in the address (today, when it has none); None when it is none, or has not come yet."""
    try:
        day = date.fromisoformat(text) if text else today
    except ValueError:
        return None
    return day if EARLIEST <= day <= today else None


def _cards(asked: Asked) -> dict[str, Any]:
    return (
        {"headline": board.headline(asked.day, asked.where, _clock(asked))} | _active(asked) | _quiet(asked)
    )


def _active(asked: Asked) -> dict[str, Any]:
    return {"active_gates": board.count_active_gates(asked.where)}


def _clock(asked: Asked) -> board.Clock | None:
    now = clock.now().astimezone(config.current().timezone)
    return board.Clock(now.hour, now.minute) if asked.is_today else None


def _quiet(asked: Asked) -> dict[str, Any]:
    quiet = board.quiet(config.current().timezone, asked.where) if asked.is_today else []
    return {"asked": asked, "quiet": quiet, "now": clock.unix()}


def _feed(asked: Asked) -> dict[str, Any]:
    events = queries.latest_events(FEED_LENGTH, asked.location) if asked.is_today else []
    return {"asked": asked, "events": events, "category_names": localize.category_names(queries.categories())}


def _gates(asked: Asked) -> dict[str, Any]:
    gates = board.gates(asked.day, asked.where)
    more = max(0, len(gates) - GATES_SHOWN)
    return {"asked": asked, "gates": gates[:GATES_SHOWN], "more_gates": more} | _active(asked)


def _charts(asked: Asked) -> dict[str, Any]:
    so_far, (day, week_before) = _clock(asked), board.hours(asked.day, asked.where)
    names = localize.category_names(queries.categories())
    return {
        "hours": charts.hours(asked.day, day, week_before, so_far.hour if so_far else 23),
        "days": charts.days(board.days(asked.day, asked.where)),
        "categories": charts.categories(board.categories(asked.day, asked.where), names),
    }


@web.page("/dashboard/stream", policy=VIEWER)
def dashboard_stream() -> Response:
    """Server-sent events: `totals` when something arrived, at most once a second; else a `ping` now and then."""
    location = request.args.get("location") or None
    follower = runtime().hub.follow(current_visit().session_id, None, location, idle=TOTALS_EVERY)
    zone = config.current().timezone
    db.session.remove()  # an open stream must not keep a database connection
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return Response(_frames(follower, zone), mimetype="text/event-stream", headers=headers)


def _frames(follower: Iterator[list[StreamEvent]], zone: ZoneInfo) -> Iterator[bytes]:
    yield _frame("ping", None, zone)
    sent, waiting = 0.0, None
    for events in follower:
        waiting = events[-1].id if events else waiting
        silence = time.monotonic() - sent
        if waiting is not None and silence >= TOTALS_EVERY:
            yield _frame("totals", waiting, zone)
        elif waiting is None and silence >= PING_EVERY:
            yield _frame("ping", None, zone)
        else:
            continue
        sent, waiting = time.monotonic(), None


def _frame(kind: str, last_id: int | None, zone: ZoneInfo) -> bytes:
    """The day goes with it, so that the page notices midnight."""
    data = orjson.dumps({"id": last_id, "day": clock.today(zone).isoformat()})
    return b"event: %s\ndata: %s\n\n" % (kind.encode(), data)
