"""What contract 1 takes and gives. One schema validates, documents and gives the example."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, StrictStr

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff]")
MAX_PRICE = 1_000_000_000_000  # rupiah


def _printable(text: str) -> str:
    if _UNPRINTABLE.search(text):  # no database stores the first, no spreadsheet opens with the others
        raise ValueError("Must not contain control characters")
    if not text.strip():
        raise ValueError("Must not be blank")
    return text.strip()


def _plain_date(value: Any) -> Any:
    if not (isinstance(value, date) or (isinstance(value, str) and len(value) == 10)):
        raise ValueError("Must be a date as YYYY-MM-DD")
    return value


def _flag(value: Any) -> Any:
    """0, 1, true, false: the document writes numbers, its clients write both."""
    if value is True or value is False or (type(value) is int and value in (0, 1)):
        return bool(value)
    raise ValueError("Must be 0, 1, true or false")


Code = Annotated[StrictStr, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
Name = Annotated[StrictStr, Field(max_length=150), AfterValidator(_printable)]
Kind = Annotated[StrictStr, Field(max_length=50), AfterValidator(_printable)]
Direction = Literal["in", "out", "both"]
Price = Annotated[StrictInt, Field(ge=0, le=MAX_PRICE)]
Moment = Annotated[StrictInt, Field(ge=0, le=4_102_444_800, description="Unix seconds")]
Flag = Annotated[bool, BeforeValidator(_flag, json_schema_input_type=Literal[0, 1] | bool)]
Day = Annotated[date, BeforeValidator(_plain_date, json_schema_input_type=date)]
Latitude = Annotated[Decimal, Field(ge=-90, le=90, decimal_places=8, allow_inf_nan=False)]
Longitude = Annotated[Decimal, Field(ge=-180, le=180, decimal_places=8, allow_inf_nan=False)]


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class Listing(BaseModel):
    """Query of every list."""

    page: int = Field(1, ge=1, le=1_000_000)
    limit: int = Field(20, ge=1, le=100)
    location_code: str | None = None


class TariffListing(Listing):
    gate_code: str | None = None
    category: str | None = None


class LocationIn(BaseModel):
    model_config = _example(code="kerkof_02", name="Kerkof 02", type="kerkof", is_active=1)
    code: Code
    name: Name
    type: Kind
    is_active: Flag = True


class LocationChange(BaseModel):
    model_config = _example(name="Kerkof 02 Updated", type="kerkof", is_active=1)
    name: Name | None = None
    type: Kind | None = None
    is_active: Flag | None = None


class LocationOut(BaseModel):
    model_config = _example(code="kerkof_01", name="Kerkof 01", type="kerkof", is_active=1)
    code: str
    name: str
    type: str
    is_active: Literal[0, 1]


class GateIn(BaseModel):
    model_config = _example(
        location_code="kerkof_01", gate_code="gate02", name="Gate 02", direction="out", is_active=1
    )
    location_code: Code
    gate_code: Code
    name: Name
    direction: Direction
    is_active: Flag = True
    latitude: Latitude | None = None
    longitude: Longitude | None = None


class GateChange(BaseModel):
    model_config = _example(name="Gate 02 Updated", direction="out", is_active=1)
    name: Name | None = None
    direction: Direction | None = None
    is_active: Flag | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None


class GateOut(BaseModel):
    """`latitude` and `longitude` are there for gates whose place is known (beyond the document)."""

    model_config = _example(
        location_code="kerkof_01", gate_code="gate01", name="Gate 01", direction="in", is_active=1
    )
    location_code: str
    gate_code: str
    name: str
    direction: str
    is_active: Literal[0, 1]
    latitude: str | None = None
    longitude: str | None = None


class TariffIn(BaseModel):
    """`effective_from` (beyond the document): when the price begins; without it, it holds for every event."""

    model_config = _example(location_code="kerkof_01", gate_code="gate01", category="motor", price=5000)
    location_code: Code
    gate_code: Code
    category: Code
    price: Price
    effective_from: Moment | None = None


class TariffChange(BaseModel):
    """`effective_from` (beyond the document): when the new price begins; without it, now."""

    model_config = _example(price=6000)
    price: Price
    effective_from: Moment | None = None


class TariffOut(BaseModel):
    model_config = _example(location_code="kerkof_01", gate_code="gate01", category="motor", price=5000)
    location_code: str
    gate_code: str
    category: str
    price: int


class Deleted(BaseModel):
    model_config = _example(deleted=True)
    deleted: Literal[True]


class LoginIn(BaseModel):
    model_config = _example(username="admin", password="password123")  # noqa: S106 - the document's example
    username: Annotated[StrictStr, Field(min_length=1, max_length=254)]
    password: Annotated[StrictStr, Field(min_length=1, max_length=1024)]


class LoginUser(BaseModel):
    id: int
    username: str
    role: str


class LoginOut(BaseModel):
    model_config = _example(
        token="eyJ0eXAiOiJKV1QiLCJhbGc...",  # noqa: S106 - the document's example
        expires_in=3600,
        user={"id": 1, "username": "admin", "role": "admin"},
    )
    token: str
    expires_in: int
    user: LoginUser


class EventIn(BaseModel):
    """`timestamp`: Unix seconds, or `YYYY-MM-DD HH:MM:SS` in the business time zone. `event_id` makes a retry safe."""

    model_config = _example(
        timestamp=1703123456, location_code="kerkof_01", gate_code="gate01", category="motor"
    )
    timestamp: Annotated[StrictInt, Field(ge=0)] | Annotated[StrictStr, Field(max_length=32)]
    location_code: Annotated[StrictStr, Field(min_length=1, max_length=64)]
    gate_code: Annotated[StrictStr, Field(min_length=1, max_length=64)]
    category: Annotated[StrictStr, Field(min_length=1, max_length=40)]
    event_id: Annotated[StrictStr, Field(min_length=1, max_length=100, pattern=r"^[\x21-\x7e]+$")] | None = (
        None
    )


class Stored(BaseModel):
    """`duplicate` is there, and true, when the `event_id` had been stored before."""

    model_config = _example(stored=True)
    stored: Literal[True]
    duplicate: Literal[True] | None = None


class EventResult(BaseModel):
    """What became of one event of a batch, in the order sent. A refused one has `error` and `message` or `fields`."""

    stored: bool
    duplicate: bool | None = None
    index: int | None = None
    error: str | None = None
    message: str | None = None
    fields: dict[str, str] | None = None


class BatchOut(BaseModel):
    model_config = _example(
        received=2,
        stored=1,
        duplicates=0,
        failed=1,
        results=[
            {"stored": True},
            {"stored": False, "index": 1, "error": "not_found", "message": "Gate not found"},
        ],
    )
    received: int
    stored: int
    duplicates: int
    failed: int
    results: list[EventResult]


class RecountIn(BaseModel):
    model_config = _example(date="2025-12-16")
    date: Day


class RecountOut(BaseModel):
    model_config = _example(rows_processed=150, date="2025-12-16")
    rows_processed: int
    date: str


class OfDay(BaseModel):
    date: Day
    location_code: str | None = None


class OfDayAtGate(OfDay):
    gate_code: str | None = None


class OfToday(BaseModel):
    date: Day | None = None
    location_code: str | None = None


class OfDays(BaseModel):
    start_date: Day
    end_date: Day
    location_code: str | None = None
    gate_code: str | None = None


class StreamQuery(BaseModel):
    last_id: int | None = Field(None, ge=0, le=2**63 - 1)
    location_code: str | None = None


class DailyRow(BaseModel):
    model_config = _example(
        summary_date="2025-12-16",
        location_code="kerkof_01",
        gate_code="gate01",
        category="motor",
        total_count=100,
        total_amount=500000,
    )
    summary_date: str
    location_code: str
    gate_code: str
    category: str
    total_count: int
    total_amount: int


class Series(BaseModel):
    total_count: list[int]
    total_amount: list[int]


class Chart(BaseModel):
    model_config = _example(
        labels=["2025-12-01", "2025-12-02"],
        series={"total_count": [100, 150], "total_amount": [500000, 750000]},
    )
    labels: list[str]
    series: Series


class GateTotal(BaseModel):
    gate_code: str
    total_count: int
    total_amount: int


class CategoryTotal(BaseModel):
    category: str
    total_count: int
    total_amount: int


class SummaryOut(BaseModel):
    model_config = _example(
        total_count_today=180,
        total_amount_today=900000,
        by_gate=[{"gate_code": "gate01", "total_count": 100, "total_amount": 500000}],
        by_category=[{"category": "motor", "total_count": 100, "total_amount": 500000}],
    )
    total_count_today: int
    total_amount_today: int
    by_gate: list[GateTotal]
    by_category: list[CategoryTotal]


class Health(BaseModel):
    model_config = _example(status="ok", time=1703123456)
    status: Literal["ok"]
    time: int
