"""What contract 2 takes and gives of invoices and payments."""

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
)

from webapp.billing.amounts import MOST
from webapp.billing.days import PERIOD
from webapp.database import MAX_ID
from webapp.subscribers import fields
from webapp.subscribers.fields import Day, Id

MAX_ITEMS = 100


def _text(most: int, *, required: bool = False) -> Any:
    """The annotation of a line of text, as subscribers' are."""
    schema = {"type": "string", "maxLength": most, "minLength": int(required)}
    check = BeforeValidator(lambda value: fields.plain_text(value, most, required=required))
    return check, WithJsonSchema(schema)


def _recent(moment: datetime) -> datetime:
    if not 2000 <= moment.year < 2100:
        raise ValueError("Must be a moment from 2000 to 2099")
    return moment


def _month(value: Any) -> str:
    if not isinstance(value, str) or re.fullmatch(PERIOD, value) is None:
        raise ValueError("Must be a month as YYYY-MM")
    return value


Amount = Annotated[int, *fields.number(1, MOST)]
Period = Annotated[
    str,
    BeforeValidator(_month),
    WithJsonSchema({"type": "string", "pattern": PERIOD, "examples": ["2024-01"]}),
]
Text = Annotated[str, *_text(200)]
RequiredText = Annotated[str, *_text(200, required=True)]
Moment = Annotated[AwareDatetime, AfterValidator(_recent)]
Status = Literal["Draft", "Menunggu Pembayaran", "Lunas", "Jatuh Tempo", "Batal"]
Method = Literal["cash", "transfer", "xendit"]
ByHand = Literal["cash", "transfer"]


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class Page(BaseModel):
    """Query of every list."""

    skip: Annotated[int, Field(ge=0, le=MAX_ID)] = 0
    limit: Annotated[int, Field(ge=1, le=100)] = 15


class InvoiceQuery(Page):
    pelanggan_id: Annotated[int, Field(ge=1, le=MAX_ID)] | None = None
    status_invoice: Status | None = None
    periode: Period | None = None


class ItemIn(BaseModel):
    deskripsi: RequiredText
    jumlah: Annotated[int, *fields.number(1, 100_000)] = 1
    harga: Annotated[int, *fields.number(0, MOST)]


class InvoiceIn(BaseModel):
    model_config = _example(
        pelanggan_id=123,
        periode="2024-01",
        tanggal_jatuh_tempo="2024-01-31",
        items=[{"deskripsi": "Internet 50Mbps", "jumlah": 1, "harga": 500000}],
    )
    pelanggan_id: Id
    periode: Period
    tanggal_jatuh_tempo: Day
    items: Annotated[list[ItemIn], Field(min_length=1, max_length=MAX_ITEMS)]
    status_invoice: Literal["Draft", "Menunggu Pembayaran"] = "Menunggu Pembayaran"


class StatusIn(BaseModel):
    model_config = _example(status_invoice="Lunas")
    status_invoice: Status


class CreditNoteIn(BaseModel):
    model_config = _example(jumlah=50000, alasan="Gangguan dua hari")
    jumlah: Amount
    alasan: RequiredText


class InvoiceOut(BaseModel):
    id: int
    nomor_invoice: str
    pelanggan_id: int
    periode: str
    tanggal_invoice: date
    tanggal_jatuh_tempo: date
    total_harga: int
    status_invoice: Status
    paid_at: datetime | None
    created_at: datetime
    id_brand: str
    subtotal: int
    pajak: int
    total_dibayar: int
    total_dikredit: int
    sisa_tagihan: int


class ItemOut(BaseModel):
    deskripsi: str
    jumlah: int
    harga: int
    subtotal: int


class SourceOut(BaseModel):
    """`payment_id` null: of the customer's credit."""

    payment_id: int | None
    jumlah: int
    metode: str
    tanggal_bayar: datetime | None


class CreditNoteOut(BaseModel):
    id: int
    nomor: str
    invoice_id: int
    jumlah: int
    pajak: int
    alasan: str
    tanggal: date


class InvoiceDetail(InvoiceOut):
    items: list[ItemOut]
    pembayaran: list[SourceOut]
    nota_kredit: list[CreditNoteOut]


class PaymentQuery(Page):
    pelanggan_id: Annotated[int, Field(ge=1, le=MAX_ID)] | None = None
    invoice_id: Annotated[int, Field(ge=1, le=MAX_ID)] | None = None
    metode: Method | None = None


class PaymentIn(BaseModel):
    """What was handed over or seen on the account; the gateway's payments come from the gateway."""

    model_config = _example(
        pelanggan_id=123,
        invoice_id=789,
        jumlah=500000,
        metode="transfer",
        referensi="BCA-20240120-001",
        catatan="Transfer BCA",
    )
    pelanggan_id: Id
    invoice_id: Id | None = None
    jumlah: Amount
    metode: ByHand
    referensi: Annotated[str, *_text(100)] = ""
    catatan: Text = ""
    tanggal_bayar: Moment | None = None


class ReversalIn(BaseModel):
    model_config = _example(alasan="Transfer ditolak bank")
    alasan: RequiredText


class ShareOut(BaseModel):
    invoice_id: int
    nomor_invoice: str
    jumlah: int


class PaymentOut(BaseModel):
    id: int
    pelanggan_id: int
    id_brand: str
    jumlah: int
    metode: str
    referensi: str | None
    catatan: str
    tanggal_bayar: datetime
    dibatalkan_pada: datetime | None
    alasan_pembatalan: str
    created_at: datetime
    invoices: list[ShareOut]


class BalanceOut(BaseModel):
    """`saldo` is the credit, or what is owed as a negative number."""

    pelanggan_id: int
    tagihan: int
    kredit: int
    saldo: int
    jatuh_tempo_terlama: date | None
    pernah_telat: bool
