"""What a report was asked for: checked when it is asked, resolved to days and a source when it runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from webapp import config
from webapp.accounts import settings
from webapp.documents import periods
from webapp.documents.sources import PERIODIC, Source, Wanted, own_events, roots
from webapp.documents.sources.folders import DayFiles
from webapp.errors import Invalid, NotFound
from webapp.kit import clock

STATUSES = {"periodic": PERIODIC, "all": None, "": None}
RESOLVED = "resolved"  # in a payload: ours alone, never taken from whoever asks
CHECKED_LIKE_SETTINGS = ("branch_name", "management_company", "page_size", "output_filename_format")


@dataclass(frozen=True)
class Assignment:
    """What is to be printed, resolved on the day on which it runs."""

    source: Source
    wanted: Wanted
    first: date
    last: date


def checked(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload with its settings in their one spelling. Raises Invalid for one that no worker could print."""
    try:
        assignment(payload)
    except NotFound as error:
        raise Invalid({"filter": error.message}) from None
    asked = {name: value for name, value in payload.items() if name != RESOLVED}
    return {**asked, "settings": _checked_settings(payload.get("settings") or {})}


def resolved(payload: Mapping[str, Any], what: Assignment, branch_name: str) -> dict[str, Any]:
    """The payload of a report that is being printed, with what its words turned out to mean."""
    days = {"first_day": what.first.isoformat(), "last_day": what.last.isoformat()}
    return {**payload, RESOLVED: {**days, "branch_name": branch_name}}


def days_printed(payload: Mapping[str, Any]) -> tuple[date, date] | None:
    """The first and the last day that were read; None for a report that has not begun."""
    known = payload.get(RESOLVED)
    return (date.fromisoformat(known["first_day"]), date.fromisoformat(known["last_day"])) if known else None


def branch(payload: Mapping[str, Any]) -> str:
    """The branch by its number, and by its name as far as one was asked for or printed: `001 · BALMERA`."""
    name = (payload.get(RESOLVED) or payload.get("settings") or {}).get("branch_name")
    return " · ".join(filter(None, (f"{payload['branch_id']:03}", name)))


def _checked_settings(given: Mapping[str, str]) -> dict[str, str]:
    wrong: dict[str, str] = {}
    fit: dict[str, str] = {}
    for key in CHECKED_LIKE_SETTINGS:
        if not given.get(key):
            continue
        try:
            fit[key] = settings.SPECS[key].check(given[key])
        except ValueError as error:
            wrong[f"settings.{key}"] = str(error)
    if wrong:
        raise Invalid(wrong)
    return fit


def assignment(payload: Mapping[str, Any]) -> Assignment:
    """Raises Invalid when the payload's folder, days or filter can't be printed, NotFound for an unknown gate."""
    asked = payload.get("filter") or {}
    first, last = _days(asked)
    start, end = periods.window(first, last, settings.number("time_overlap"))
    status = STATUSES[asked.get("transaction_status") or ""]
    wanted = Wanted(payload["branch_id"], payload["gate_id"], payload["station_id"], start, end, status)
    return Assignment(_source(payload, asked), wanted, first, last)


def _days(asked: Mapping[str, Any]) -> tuple[date, date]:
    given = {name: _date(asked.get(name)) for name in ("date", "range_start", "range_end")}
    today = config.today()
    try:
        return periods.days(asked.get("date_mode") or "daily", today, given)
    except ValueError as error:
        raise Invalid({"filter": str(error)}) from None


def _source(payload: Mapping[str, Any], asked: Mapping[str, Any]) -> Source:
    if not payload.get("root_folder"):
        return own_events(asked)
    folder = roots.folder(payload["root_folder"], roots.parse(config.current().DATA_ROOTS))
    return DayFiles(folder, settings.text("datasource_path_format"))


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def output_stem(payload: Mapping[str, Any], what: Assignment) -> str:
    """The file's name, without its ending, by the format of the request or of the settings."""
    own = payload.get("settings") or {}
    pattern = own.get("output_filename_format") or settings.text("output_filename_format")
    until = f"-{what.last:%Y%m%d}" if what.last != what.first else ""
    words = {
        "branch_id": f"{payload['branch_id']:03}",
        "date": f"{what.first:%Y%m%d}{until}",
        "gate_id": f"{payload['gate_id']:02}",
        "station_id": f"{payload['station_id']:02}",
        "time": f"{clock.now().astimezone(config.current().timezone):%H%M%S}",
    }
    return settings.file_name(pattern, words)[: periods.LONGEST_NAME].strip(" .")
