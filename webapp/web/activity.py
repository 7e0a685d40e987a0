"""The activity log: who did what, on which object, when, from where. Read only: nobody changes it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import BaseModel, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from webapp import config
from webapp.accounts import keylist
from webapp.accounts import queries as accounts
from webapp.accounts.service import get_user
from webapp.activity import queries
from webapp.activity.queries import ActivityFilter, ActivityPage
from webapp.database import MAX_ID
from webapp.errors import NotFound
from webapp.extensions import db
from webapp.gates import queries as gates
from webapp.identity import ADMIN
from webapp.kit import clock
from webapp.subscribers.customers import get_customer
from webapp.web import exports, htmx, lists, web, words
from webapp.web.addresses import address
from webapp.web.forms import Day, Query, Word

PAGE_SIZE = 50
MAX_EXPORT = 100_000
RowId = Annotated[int, Field(ge=1, le=MAX_ID)]
LineId = Annotated[int, Field(ge=0, le=2**62)]


class ActivityQuery(BaseModel):
    """The filters in the address. `since` and `until` are business days, both included."""

    user: RowId | None = None
    key: RowId | None = None
    action: Word = ""
    type: Word = ""
    id: Word = ""
    door: Word = ""
    since: Day | None = None
    until: Day | None = None
    search: Word = ""
    before: LineId | None = None
    after: LineId | None = None

    @field_validator("until")
    @classmethod
    def _forwards(cls, until: Any, info: ValidationInfo) -> Any:
        since = info.data.get("since")
        if until and since and until < since:
            raise PydanticCustomError("backwards", "ends before it begins")
        return until

    @property
    def chosen(self) -> ActivityFilter:
        zone = config.current().timezone
        start = clock.from_unix(clock.day_bounds(self.since, zone)[0]) if self.since else None
        end = clock.from_unix(clock.day_bounds(self.until, zone)[1]) if self.until else None
        thing = {"object_type": self.type, "object_id": self.id, "search": self.search}
        return ActivityFilter(self.user, self.key, self.action, door=self.door, start=start, end=end, **thing)


@web.page("/activity", policy=ADMIN)
def activity() -> ResponseReturnValue:
    query, context = _listed()
    return render_template("activity/index.html", **_choices(query.data), **context), query.status


@web.page("/activity/rows", policy=ADMIN)
def activity_rows() -> ResponseReturnValue:
    query, context = _listed()
    return htmx.rows((render_template("activity/_rows.html", **context), query.status), "web.activity")


def _listed() -> tuple[Query[ActivityQuery], dict[str, Any]]:
    query = Query(ActivityQuery)
    asked, page = query.data, ActivityPage([], None, None)
    if not query.errors:
        page = queries.browse(asked.chosen, PAGE_SIZE, before=asked.before, after=asked.after)
    return query, {"page": page, "errors": query.errors}


def _choices(asked: ActivityQuery) -> dict[str, Any]:
    people = [
        (user.id, user.name or user.username) for user in accounts.users_page(1, lists.MAX_CHOICES).items
    ]
    if asked.user and asked.user not in dict(people):  # deleted since
        people += accounts.names([asked.user]).items()
    return {
        "people": people,
        "keys": keylist.names(),
        "actions": words.choices(words.ACTIONS),
        "things": words.choices(words.THINGS),
        "doors": words.choices(words.DOORS),
    }


@web.app_template_global()
def action_word(action: str) -> str:
    return words.word(words.ACTIONS, action)


@web.app_template_global()
def thing_word(object_type: str) -> str:
    return words.word(words.THINGS, object_type)


@web.app_template_global()
def door_word(door: str) -> str:
    return words.word(words.DOORS, door)


@web.app_template_global()
def has_page(object_type: str) -> bool:
    """Whether objects of this type have a page to go to."""
    return object_type in _PAGES


@web.app_template_global()
def differences(changes: Mapping[str, list[Any]]) -> list[tuple[str, str, str]]:
    """What changed: (field, before, after), in words."""
    return [
        (words.word(words.FIELDS, field), words.spoken(field, before), words.spoken(field, after))
        for field, (before, after) in changes.items()
    ]


@web.page("/activity/export.csv", policy=ADMIN)
def activity_export() -> ResponseReturnValue:
    query = Query(ActivityQuery)
    if query.errors:
        return redirect(address("web.activity"), 303)
    header = _("Time"), _("Who"), _("Through"), _("Action"), _("Object"), _("Id"), _("Name")
    lines = queries.stream(db.engine, query.data.chosen, MAX_EXPORT)
    rows = _exported(lines, config.current().timezone)
    return exports.csv("activity", [*header, _("Changes"), _("Address"), _("Request")], rows)


def _exported(lines: Iterable[Any], zone: ZoneInfo) -> Iterator[tuple[object, ...]]:
    """Runs while the file is being sent, when the request and its language are over: names as programs know them."""
    for line in lines:
        changes = "; ".join(f"{field}: {old} → {new}" for field, (old, new) in line.changes.items())
        thing = line.object_type, line.object_id, line.object_label
        what = exports.local(line.at, zone), line.actor_name, line.door, line.action
        yield *what, *thing, changes, line.ip_address, line.request_id


@web.page("/activity/<object_type>/<path:object_id>", policy=ADMIN)
def activity_object(object_type: str, object_id: str) -> Response:
    """To the object's own page, which only one look-up can find; back to its history when it is gone."""
    find = _PAGES.get(object_type)
    if find is None:
        raise NotFound()
    found = find(object_id)
    if found is None:
        flash(_("This no longer exists. Here is what happened to it."), "info")
        found = url_for("web.activity", type=object_type, id=object_id)
    return redirect(found, 303)  # type: ignore[return-value]


def _number(object_id: str) -> int:
    return int(object_id) if object_id.isascii() and object_id.isdigit() and len(object_id) < 10 else 0


def _gate_page(object_id: str) -> str | None:
    gate = gates.gates_by_id([_number(object_id)]).get(_number(object_id))
    if gate is None:
        return None
    return url_for("web.gates_detail", location_code=gate.location.code, gate_code=gate.code)


def _user_page(object_id: str) -> str | None:
    try:
        return url_for("web.users_detail", user_id=get_user(_number(object_id)).id)
    except NotFound:
        return None


def _key_page(object_id: str) -> str | None:
    key = keylist.by_id(_number(object_id))
    return url_for("web.apikeys_detail", public_id=key.public_id) if key else None


def _setting_page(object_id: str) -> str:
    return url_for("web.settings", _anchor=object_id)


def _shift_page(object_id: str) -> str:
    return url_for("web.shifts_detail", shift_id=_number(object_id))


def _recount_page(object_id: str) -> str:
    return url_for("web.recounts_detail", recount_id=_number(object_id))


def _customer_page(object_id: str) -> str | None:
    try:
        return url_for("web.customers_detail", customer_id=get_customer(_number(object_id)).id)
    except NotFound:
        return None


_PAGES = {
    "customers": _customer_page,
    "users": _user_page,
    "gates": _gate_page,
    "api_keys": _key_page,
    "settings": _setting_page,
    "shifts": _shift_page,
    "recounts": _recount_page,
}
