"""What contract 2's style takes and gives of the monthly run and of dunning."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from webapp.api.ftth.invoice_schemas import Page, Period
from webapp.billing.reminders import MOST_DAYS
from webapp.billing.wording import MAX_BODY, MAX_SUBJECT
from webapp.subscribers.fields import BrandCode, Day, Id, Reason

Age = Literal["7", "30", "60", "90", "more"]
Channel = Literal["email", "whatsapp"]
MessageStatus = Literal["waiting", "sent", "failed", "dropped"]
Template = Literal["reminder_before", "reminder_due", "reminder_after", "reminder_last"]
RunStatus = Literal["waiting", "running", "done", "failed"]


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class PeriodIn(BaseModel):
    model_config = _example(periode="2024-01")
    periode: Period


class LeftOutOut(BaseModel):
    pelanggan_id: int
    pelanggan_nama: str
    alasan: str


class PreviewOut(BaseModel):
    periode: str
    jumlah_invoice: int
    total_harga: int
    dilewati: dict[str, int]
    contoh_dilewati: list[LeftOutOut]


class RunOut(BaseModel):
    id: UUID
    periode: str
    jatuh_tempo_dari: date
    jatuh_tempo_sampai: date
    pemicu: Literal["clock", "hand"]
    status: RunStatus
    total: int
    diproses: int
    jumlah_invoice: int
    total_harga: int
    dilewati: dict[str, int]
    error: str
    dibuat_oleh: str
    created_at: datetime
    finished_at: datetime | None


class OverdueQuery(Page):
    umur: Age | None = None
    id_brand: Annotated[str, Field(max_length=30)] | None = None


class OverdueOut(BaseModel):
    invoice_id: int
    nomor_invoice: str
    pelanggan_id: int
    pelanggan_nama: str
    tanggal_jatuh_tempo: date
    hari_terlambat: int
    sisa_tagihan: int
    status_langganan: str | None
    dijanjikan_sampai: date | None


class PromiseIn(BaseModel):
    model_config = _example(invoice_id=789, sampai="2024-02-05", catatan="Menunggu gajian")
    invoice_id: Id
    sampai: Day
    catatan: Reason = ""


class PromiseOut(BaseModel):
    id: int
    invoice_id: int
    sampai: date
    catatan: str
    dibuat_oleh: str
    created_at: datetime


class ExemptionOut(BaseModel):
    pelanggan_id: int
    dikecualikan: bool


class RuleBody(BaseModel):
    """`hari` is counted from the due date: negative is before. Without `id_brand` it is of all brands."""

    model_config = _example(hari=-3, saluran="email", template="reminder_before", id_brand=None, aktif=True)
    hari: Annotated[int, Field(ge=-MOST_DAYS, le=MOST_DAYS, strict=True)]
    saluran: Channel
    template: Template
    id_brand: BrandCode | None = None
    aktif: Annotated[bool, Field(strict=True)] = True


class RuleOut(BaseModel):
    id: int
    hari: int
    saluran: str
    template: str
    id_brand: str | None
    aktif: bool


class MessageQuery(Page):
    status: MessageStatus | None = None
    saluran: Channel | None = None


class MessageOut(BaseModel):
    id: int
    saluran: str
    penerima: str
    subjek: str
    isi: str
    pelanggan_id: int
    invoice_id: int | None
    status: MessageStatus
    percobaan: int
    error: str
    created_at: datetime
    sent_at: datetime | None


class TextBody(BaseModel):
    """Placeholders such as {name}, {number}, {amount} and {due_on} are filled in for each customer."""

    model_config = _example(subjek="Tagihan {number}", isi="Yth. {name},\n\nTagihan {number}: {amount}.")
    subjek: Annotated[str, Field(min_length=1, max_length=MAX_SUBJECT)]
    isi: Annotated[str, Field(min_length=1, max_length=MAX_BODY)]


class TextOut(BaseModel):
    kunci: str
    saluran: str
    bahasa: str
    subjek: str
    isi: str
    diubah: bool
