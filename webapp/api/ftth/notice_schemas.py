"""What contract 2 takes and gives of notifications and of the activity log."""

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, Field, model_validator

from webapp.database import MAX_ID
from webapp.notifications.models import Kind

RowId = Annotated[int, Field(ge=1, le=MAX_ID)]


class NotificationQuery(BaseModel):
    skip: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=100)] = 15
    unread_only: bool = False
    type: Kind | None = None


class NotificationOut(BaseModel):
    """`type` to `timestamp` are what the WebSocket sends."""

    id: int
    type: Kind
    message: str
    data: dict[str, Any]
    timestamp: str
    is_read: bool
    read_at: str | None


class NotificationsOut(BaseModel):
    data: list[NotificationOut]
    total_count: int
    skip: int
    limit: int
    unread_count: int


class MarkedOut(BaseModel):
    updated: int


class ActivityQuery(BaseModel):
    """The dates are business days, both included."""

    skip: Annotated[int, Field(ge=0, le=100_000)] = 0
    limit: Annotated[int, Field(ge=1, le=100)] = 15
    user_id: RowId | None = None
    action: Annotated[str, Field(max_length=40)] = ""
    start_date: date | None = None
    end_date: date | None = None

    @model_validator(mode="after")
    def _forwards(self) -> "ActivityQuery":
        if self.start_date and self.end_date and self.end_date < self.start_date:
            raise ValueError("end_date must not be before start_date")
        return self


class ActivityOut(BaseModel):
    id: int
    user_id: int | None
    username: str
    action: str
    object_type: str
    object_id: str
    object_label: str
    changes: dict[str, list[Any]]
    surface: str
    ip_address: str
    timestamp: str
