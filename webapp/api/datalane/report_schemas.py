"""What contract 3 takes and gives for tasks, schedules and stations (B, C, H)."""

import re
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    RootModel,
    StrictBool,
    StrictInt,
    StrictStr,
    Tag,
    model_validator,
)

from webapp.api.datalane.schemas import Name
from webapp.documents.httpjobs import METHODS
from webapp.documents.models import STATES

LARGEST = 2**31 - 1
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff]")
BATCH = 1_000  # stations in one call


def _plain_date(value: Any) -> Any:
    if value == "":
        return None
    if not (value is None or isinstance(value, date) or (isinstance(value, str) and len(value) == 10)):
        raise ValueError("Must be a date as YYYY-MM-DD")
    return value


def _clean(text: str) -> str:
    if _UNPRINTABLE.search(text):
        raise ValueError("Must not contain control characters")
    return text.strip()


Number = Annotated[StrictInt, Field(ge=0, le=LARGEST)]
Day = Annotated[date | None, BeforeValidator(_plain_date, json_schema_input_type=date | None)]
Code = Annotated[StrictStr, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
Text = Annotated[StrictStr, Field(max_length=100), AfterValidator(_clean)]
Path = Annotated[StrictStr, Field(max_length=500), AfterValidator(_clean)]
Cron = Annotated[StrictStr, Field(min_length=9, max_length=100)]
Email = Annotated[StrictStr, Field(max_length=254, pattern=r"^[^@\s\x00-\x1f,;<>]+@[A-Za-z0-9.-]+$")]
Retries = Annotated[StrictInt, Field(ge=0, le=4)]


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


# Tasks


class FilterIn(BaseModel):
    """Which transactions. The days that `yesterday` and `today` mean are settled when the report runs.

    Beyond the document: `location_code` and `gate_code` choose one of our own gates where no `root_folder` is given.
    """

    date_mode: Literal["daily", "range", "yesterday", "today"] = "daily"
    date: Day = None
    range_start: Day = None
    range_end: Day = None
    transaction_status: Literal["periodic", "all", ""] = ""
    location_code: Code | None = None
    gate_code: Code | None = None


class TaskSettingsIn(BaseModel):
    """What this report has otherwise than the settings say."""

    branch_name: Text | None = None
    management_company: Text | None = None
    page_size: Text | None = None
    output_filename_format: Text | None = None


class TaskIn(BaseModel):
    model_config = _example(
        root_folder="C:\\Data\\AccessDB",
        branch_id=1,
        gate_id=1,
        station_id=1,
        filter={
            "date_mode": "daily",
            "date": "2025-12-15",
            "range_start": "2025-12-01",
            "range_end": "2025-12-31",
            "transaction_status": "periodic",
        },
        settings={
            "branch_name": "BALMERA",
            "management_company": "PT Jasa Marga",
            "page_size": "A4",
            "output_filename_format": "{branch_id}_{date}_{gate_id}",
        },
    )
    kind: Literal["report"] = "report"
    root_folder: Path | None = None
    branch_id: Number = 0
    gate_id: Number = 0
    station_id: Number = 0
    filter: FilterIn
    settings: TaskSettingsIn | None = None

    @model_validator(mode="after")
    def _folder_has_numbers(self) -> Self:
        missing = {"branch_id", "gate_id", "station_id"} - self.model_fields_set
        if self.root_folder and missing:
            raise ValueError("branch_id, gate_id and station_id go with root_folder")
        return self

    @property
    def payload(self) -> dict[str, Any]:
        """As it is kept."""
        return self.model_dump(mode="json", exclude_none=True, exclude={"kind"})


class TaskListing(BaseModel):
    """`from` and `to` are business days; both count."""

    page: int = Field(1, ge=1, le=1_000_000)
    limit: int = Field(10, ge=1, le=100)
    status: Literal[STATES] | None = None  # type: ignore[valid-type]
    first: Day = Field(None, alias="from")
    last: Day = Field(None, alias="to")


class QueuedTask(BaseModel):
    task_id: str
    status: str
    queue_position: int
    queue_size: int
    created_at: str


class TaskOut(BaseModel):
    """From `progress` on it is beyond the document."""

    id: str
    status: Literal[STATES]  # type: ignore[valid-type]
    output_file_size: int | None
    created_at: str
    updated_at: str
    progress: int
    number: str


class TaskDetail(BaseModel):
    """From `number` on it is beyond the document."""

    id: str
    schedule_id: str | None
    status: Literal[STATES]  # type: ignore[valid-type]
    metadata: dict[str, Any]
    output_file_path: str | None
    output_file_size: int | None
    created_at: str
    updated_at: str
    number: str
    progress: int
    stage: str
    queue_position: int
    error: str | None
    warnings: list[str]
    pages: int | None
    transactions: int | None
    sha256: str | None
    requested_by: str
    started_at: str | None
    finished_at: str | None


class CancelledTask(BaseModel):
    id: str
    status: Literal["cancelled"]


# Schedules


class HttpJobIn(BaseModel):
    """Beyond the document: a call to a host that HTTP_JOB_HOSTS allows. Its headers and body are kept secret."""

    kind: Literal["http"]
    method: Literal[METHODS] = "POST"  # type: ignore[valid-type]
    url: Annotated[StrictStr, Field(min_length=8, max_length=2_000)]
    headers: dict[StrictStr, StrictStr] = Field(default_factory=dict, max_length=30)
    body: Annotated[StrictStr, Field(max_length=100_000)] | None = None
    retries: Retries = 3

    @property
    def payload(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_none=True)


def _kind(value: Any) -> str:
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return "http" if kind == "http" else "report"


Payload = Annotated[
    Annotated[TaskIn, Tag("report")] | Annotated[HttpJobIn, Tag("http")], Discriminator(_kind)
]


class ScheduleIn(BaseModel):
    """From `timezone` on it is beyond the document. `email` hears of failures, with `email_on` always of every run."""

    model_config = _example(
        cron="0 0 * * *",
        task_payload={
            "root_folder": "C:\\Data\\AccessDB",
            "branch_id": 1,
            "gate_id": 1,
            "station_id": 1,
            "filter": {"date_mode": "yesterday"},
        },
    )
    cron: Cron
    task_payload: Payload
    timezone: Annotated[StrictStr, Field(max_length=60)] = ""
    name: Text = ""
    email: Email | None = None
    email_on: Literal["failure", "always"] = "failure"


class ScheduleChange(BaseModel):
    """What is left out stays; `active` pauses and resumes."""

    model_config = _example(active=False)
    cron: Cron = ""
    task_payload: Payload | None = None
    timezone: Annotated[StrictStr, Field(max_length=60)] = ""
    name: Text = ""
    email: Email | None = None
    email_on: Literal["failure", "always"] = "failure"
    active: StrictBool = True

    @property
    def changes(self) -> dict[str, Any]:
        """As the service calls them."""
        given = {name: getattr(self, name) for name in self.model_fields_set - {"task_payload", "active"}}
        if self.task_payload is not None:
            given["payload"] = self.task_payload.payload
        return given | ({"is_active": self.active} if "active" in self.model_fields_set else {})


class NewSchedule(BaseModel):
    schedule_id: str
    cron: str
    next_run: str | None
    active: bool


class ScheduleOut(BaseModel):
    """From `name` on it is beyond the document."""

    id: str
    cron: str
    active: bool
    last_run: str | None
    next_run: str | None
    name: str
    timezone: str
    email: str | None
    email_on: str
    task_payload: dict[str, Any]


class SchedulesOut(BaseModel):
    items: list[ScheduleOut]


class RunOut(BaseModel):
    id: str
    trigger: str
    status: str
    planned_at: str
    started_at: str
    finished_at: str | None
    detail: str
    task_id: str | None


class RunListing(BaseModel):
    page: int = Field(1, ge=1, le=1_000_000)
    limit: int = Field(20, ge=1, le=100)


# Stations


class StationIn(BaseModel):
    model_config = _example(id=2, name="Station B")
    id: Number
    name: Name


class StationList(RootModel[list[StationIn]]):
    model_config = ConfigDict(json_schema_extra={"examples": [[{"id": 1, "name": "Updated Station A"}]]})
    root: Annotated[list[StationIn], Field(min_length=1, max_length=BATCH)]

    @property
    def pairs(self) -> list[tuple[int, str]]:
        return [(one.id, one.name) for one in self.root]


def _one_or_many(value: Any) -> str:
    return "many" if isinstance(value, list) else "one"


class NewStations(RootModel[Any]):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"id": 2, "name": "Station B"},
                [{"id": 3, "name": "Station C"}, {"id": 4, "name": "Station D"}],
            ]
        }
    )
    root: Annotated[
        Annotated[StationIn, Tag("one")]
        | Annotated[Annotated[list[StationIn], Field(min_length=1, max_length=BATCH)], Tag("many")],
        Discriminator(_one_or_many),
    ]

    @property
    def is_batch(self) -> bool:
        return isinstance(self.root, list)

    @property
    def pairs(self) -> list[tuple[int, str]]:
        stations = self.root if isinstance(self.root, list) else [self.root]
        return [(one.id, one.name) for one in stations]


class StationName(BaseModel):
    model_config = _example(name="Updated Station Name")
    name: Name


class StationNumbers(RootModel[list[int]]):
    model_config = ConfigDict(json_schema_extra={"examples": [[1, 2, 3]]})
    root: Annotated[list[Number], Field(min_length=1, max_length=BATCH)]


class StationOut(BaseModel):
    id: int
    name: str
    created_at: str
    updated_at: str


class StationsOut(BaseModel):
    stations: list[StationOut]


class RenamedStation(BaseModel):
    id: int
    name: str


class Counted(BaseModel):
    count: int


class Deleted(BaseModel):
    deleted: int
