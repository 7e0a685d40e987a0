"""What contract 2's webhooks take and give (beyond the document)."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr

Url = Annotated[StrictStr, Field(min_length=1, max_length=500)]
Kinds = Annotated[list[Annotated[StrictStr, Field(max_length=60)]], Field(min_length=1, max_length=50)]
Description = Annotated[StrictStr, Field(max_length=150, pattern=r"^[^\x00-\x1f]*$")]


class WebhookIn(BaseModel):
    """`kinds` such as `invoice.paid`, `invoice.*` or `*`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"url": "https://partner.example.com/hooks", "kinds": ["invoice.*", "payment.received"]}
            ]
        }
    )
    url: Url
    kinds: Kinds
    description: Description = ""


class WebhookPatch(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"is_active": False}]})
    url: Url | None = None
    kinds: Kinds | None = None
    description: Description | None = None
    is_active: StrictBool | None = None


class WebhookOut(BaseModel):
    """`disabled_reason` is `hand`, `failing` or `gone` while it is off; `failing_since` says that nothing arrives."""

    id: UUID
    url: str
    kinds: list[str]
    description: str
    is_active: bool
    disabled_reason: str
    failing_since: str | None
    last_success_at: str | None
    created_at: str
    updated_at: str


class NewWebhookOut(WebhookOut):
    """`secret` is told this once."""

    secret: str


class ListQuery(BaseModel):
    skip: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=100)] = 15


class DeliveryQuery(ListQuery):
    status: Literal["waiting", "delivered", "failed"] | None = None


class DeliveryOut(BaseModel):
    """`message_id` is what the partner got as `webhook-id`."""

    id: UUID
    message_id: str
    type: str
    status: Literal["waiting", "delivered", "failed"]
    attempts: int
    answer_status: int | None
    detail: str
    created_at: str
    next_try_at: str | None
    finished_at: str | None
