"""What contract 3 takes and gives. One schema validates, documents and gives the example."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictInt,
    StrictStr,
    model_validator,
)

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff]")
_END_OF_TIME = datetime(3000, 1, 1, tzinfo=UTC)


def _printable(text: str) -> str:
    if _UNPRINTABLE.search(text):
        raise ValueError("Must not contain control characters")
    if not text.strip():
        raise ValueError("Must not be blank")
    return text.strip()


def _as_text(value: Any) -> Any:
    """Settings are text; a client that sends the number 14 or a bare true means the same."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def _in_reach(moment: datetime) -> datetime:
    if moment >= _END_OF_TIME:
        raise ValueError("Must be before the year 3000")
    return moment


Name = Annotated[StrictStr, Field(max_length=100), AfterValidator(_printable)]
Code = Annotated[StrictStr, Field(min_length=1, max_length=64)]
Value = Annotated[
    StrictStr,
    Field(max_length=200),
    BeforeValidator(_as_text, json_schema_input_type=str | int | float | bool),
]
Moment = Annotated[AwareDatetime, AfterValidator(_in_reach)]


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class Listing(BaseModel):
    """Query of every list."""

    page: int = Field(1, ge=1, le=1_000_000)
    limit: int = Field(100, ge=1, le=100)


class LoginIn(BaseModel):
    model_config = _example(username="admin", password="admin123")  # noqa: S106 - the document's example
    username: Annotated[StrictStr, Field(min_length=1, max_length=254)]
    password: Annotated[StrictStr, Field(min_length=1, max_length=1024)]


class LoginOut(BaseModel):
    token: str
    expires_at: str
    session_id: str


class SettingIn(BaseModel):
    model_config = _example(key="max_output_age_days", value="14")
    key: Code
    value: Value


class SettingOut(BaseModel):
    key: str
    value: str


class DescribedSetting(SettingOut):
    description: str


class SettingsOut(BaseModel):
    settings: list[DescribedSetting]


class KeyIn(BaseModel):
    """Beyond the document: `scope`, when it ends, and `location_code` with `gate_code` for one gate's device."""

    model_config = _example(name="External Client B")
    name: Name
    scope: Literal["reports", "ingest"] = "reports"
    location_code: Code | None = None
    gate_code: Code | None = None
    expires_at: Moment | None = None

    @model_validator(mode="after")
    def _gate_is_whole(self) -> Self:
        if (self.location_code is None) != (self.gate_code is None):
            raise ValueError("location_code and gate_code go together")
        if self.gate_code is not None and self.scope != "ingest":
            raise ValueError("A key for one gate has the scope ingest")
        return self


class KeyOut(BaseModel):
    id: str
    name: str
    active: bool
    created_at: str
    scope: str
    hint: str
    gate_id: int | None
    expires_at: str | None
    last_used_at: str | None


class NewKeyOut(BaseModel):
    id: str
    name: str
    api_key: str
    active: bool
    scope: str
    expires_at: str | None


class ShownKey(BaseModel):
    id: str
    api_key: str


class ToggledKey(BaseModel):
    id: str
    active: bool


class RotationIn(BaseModel):
    """For how many hours (0 to 720) the old key works on."""

    model_config = _example(overlap_hours=24)
    overlap_hours: Annotated[StrictInt, Field(ge=0, le=720)] = 24


class SessionOut(BaseModel):
    id: str
    ip_address: str
    user_agent: str
    created_at: str
    expires_at: str
    username: str
    surface: str
