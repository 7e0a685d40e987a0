"""What people choose for a report, here and in a schedule: the form's fields to contract 3's payload and back."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from flask_babel import gettext as _
from pydantic import BaseModel, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from webapp import config
from webapp.accounts import settings
from webapp.documents import stations
from webapp.documents.sources import roots
from webapp.errors import Invalid
from webapp.gates import queries as gates
from webapp.web import lists
from webapp.web.forms import Day, Text, Word

Number = Annotated[int, Field(ge=1, le=999_999)]
MODES = ("yesterday", "today", "daily", "range")
NEEDED = {
    "date": "daily",
    "range_start": "range",
    "range_end": "range",
}  # a day, and the mode that asks for it
# Where the form shows what is wrong with a part of the payload.
FIELD_OF = {
    "filter": "date_mode",
    "root_folder": "below",
    "task_payload.url": "url",
    "task_payload.headers": "headers",
    "settings.page_size": "page_size",
    "settings.output_filename_format": "output_filename_format",
}


class ReportIn(BaseModel):
    """Fields of the source or of the days that were not chosen are there all the same, and are not looked at."""

    source: Literal["folder", "events"]
    root: Word = ""
    below: Word = ""
    place: Word = ""
    branch_id: Number
    gate_id: Number | None = Field(None, validate_default=True)
    station_id: Number | None = Field(None, validate_default=True)
    date_mode: Literal["yesterday", "today", "daily", "range"]
    date: Day | None = Field(None, validate_default=True)
    range_start: Day | None = Field(None, validate_default=True)
    range_end: Day | None = Field(None, validate_default=True)
    transaction_status: Literal["periodic", "all"] = "periodic"
    page_size: Literal["A4", "A3", "A5", "Letter"] = "A4"
    output_filename_format: Annotated[Text, Field(max_length=100)] = ""

    @field_validator("gate_id", "station_id")
    @classmethod
    def _numbered_in_folders(cls, number: int | None, info: ValidationInfo) -> int | None:
        if number is None and info.data.get("source") == "folder":
            raise PydanticCustomError("missing", "missing")
        return number

    @field_validator("date", "range_start", "range_end")
    @classmethod
    def _day_of_its_mode(cls, day: dt.date | None, info: ValidationInfo) -> dt.date | None:
        if day is None and info.data.get("date_mode") == NEEDED[str(info.field_name)]:
            raise PydanticCustomError("missing", "missing")
        first = info.data.get("range_start")
        if (
            info.field_name == "range_end"
            and info.data.get("date_mode") == "range"
            and day
            and first
            and day < first
        ):
            raise PydanticCustomError("backwards", "ends before it begins")
        return day

    def payload(self) -> dict[str, Any]:
        """As contract 3 words it."""
        days = {name: getattr(self, name) for name, mode in NEEDED.items() if mode == self.date_mode}
        asked = {name: day.isoformat() for name, day in days.items()}
        asked |= {"date_mode": self.date_mode, "transaction_status": self.transaction_status}
        wishes = {"page_size": self.page_size, "output_filename_format": self.output_filename_format}
        payload = {
            "branch_id": self.branch_id,
            "gate_id": self.gate_id or 1,
            "station_id": self.station_id or 1,
            "filter": asked,
            "settings": {name: value for name, value in wishes.items() if value},
        }
        if self.source == "folder":
            return payload | {"root_folder": "/".join(filter(None, (self.root, self.below)))}
        location, _slash, gate = self.place.partition("/")
        asked |= {"location_code": location, "gate_code": gate}
        return payload


def refused(refusal: Invalid) -> Invalid:
    """What the service says of a payload, beside the fields that people see."""
    return Invalid({FIELD_OF.get(name, name): _(text) for name, text in refusal.fields.items()})


def values_of(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The form's fields as they would have to be for this payload."""
    asked, wishes = payload.get("filter") or {}, payload.get("settings") or {}
    folder = payload.get("root_folder")
    root, below = _parted(folder) if folder else ("", "")
    codes = asked.get("location_code"), asked.get("gate_code")
    return {
        **starting_values(),
        **{name: value for name, value in (*asked.items(), *wishes.items()) if value},
        **{name: payload[name] for name in ("branch_id", "gate_id", "station_id")},
        "source": "folder" if folder else "events",
        "root": root,
        "below": below,
        "place": "/".join(map(str, codes)) if all(codes) else "",
    }


def starting_values() -> dict[str, Any]:
    """For someone who has never asked for a report."""
    known = settings.everything()
    return {
        "source": "folder" if roots_known() else "events",
        "branch_id": int(known["branch_id"]),
        "gate_id": 1,
        "station_id": 1,
        "date_mode": "yesterday",
        "transaction_status": "periodic",
        "page_size": known["page_size"],
    }


def choices() -> dict[str, Any]:
    """What the form offers."""
    return {
        "roots": [(name, folder_name(name)) for name in roots_known()],
        "places": lists.gate_choices(gates.gates(1, lists.MAX_CHOICES).items),
        "stations": [(one.id, f"{one.id:02} · {one.name}") for one in stations.listed()],
        "page_sizes": [(size, size) for size in settings.PAGE_SIZES],
        "usual_name": settings.text("output_filename_format"),
    }


def roots_known() -> list[str]:
    return list(roots.parse(config.current().DATA_ROOTS))


def folder_name(name: str) -> str:
    """A folder as its owner writes it: with backslashes where it begins with a drive's letter."""
    return name.replace("/", "\\") if re.match("[A-Za-z]:", name) else name


def _parted(folder: str) -> tuple[str, str]:
    """A folder as one of the roots and the path below it."""
    plain = folder.replace("\\", "/").rstrip("/")
    for root in roots_known():
        if f"{plain.lower()}/".startswith(f"{root.lower()}/"):
            return root, plain[len(root) :].strip("/")
    return "", plain
