"""What the gateway tells, and how its inbox is shown."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class XenditCallback(BaseModel):
    """As Xendit sends it; whatever else it says is kept too."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "579c8d61f23fa4ca35e52da4",
                    "external_id": "INV-2024-001",
                    "status": "PAID",
                    "amount": 500000,
                    "paid_amount": 500000,
                    "paid_at": "2024-01-20T08:15:03.404Z",
                    "payment_method": "BANK_TRANSFER",
                    "payment_channel": "BCA",
                }
            ]
        }
    )
    id: str
    external_id: str
    status: str
    amount: int
    paid_amount: int | None = None
    paid_at: str | None = None
    payment_method: str | None = None
    payment_channel: str | None = None


class Received(BaseModel):
    status: Literal["received"]


class CallbackQuery(BaseModel):
    skip: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=100)] = 15
    status: Literal["waiting", "applied", "ignored", "failed"] | None = None


class CallbackOut(BaseModel):
    id: int
    external_id: str
    xendit_id: str
    jenis: str
    status: Literal["waiting", "applied", "ignored", "failed"]
    keterangan: str
    invoice_id: int | None
    received_at: str
    applied_at: str | None
