"""What contract 2 takes and gives of subscriptions (beyond the document, in its style)."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from webapp.api.ftth.customer_schemas import Part, PaymentMethod, Status, TermsIn
from webapp.database import MAX_ID
from webapp.subscribers import fields
from webapp.subscribers.amendments import Amendment

EXAMPLE: dict[str, Any] = {
    "pelanggan_id": 123,
    "paket_id": 1,
    "tanggal_mulai": "2024-01-15",
    "jatuh_tempo_hari": 1,
    "metode_pembayaran": "Otomatis",
}


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class NewSubscription(TermsIn):
    """Without `tanggal_mulai` it starts on the day of the installation, or today."""

    model_config = _example(**EXAMPLE)
    pelanggan_id: fields.Id


class SubscriptionChange(BaseModel):
    """What to change; what is absent stays.

    `tanggal_efektif` is when another package begins (today; up to a year ahead), `tanggal_berhenti` the last day with
    status `Berhenti` (today, or one that has passed).
    """

    model_config = _example(paket_id=2, tanggal_efektif="2024-02-01", alasan="Upgrade")
    paket_id: fields.Id | None = None
    tanggal_efektif: fields.MaybeDay = None
    status: Status | None = None
    tanggal_berhenti: fields.MaybeDay = None
    jatuh_tempo_hari: fields.DueDay | None = None
    metode_pembayaran: PaymentMethod | None = None
    alasan: fields.Reason = ""

    @property
    def wanted(self) -> Amendment:
        return Amendment(
            package_id=self.paket_id,
            effective_on=self.tanggal_efektif,
            status=self.status,
            last_day=self.tanggal_berhenti,
            due_day=self.jatuh_tempo_hari,
            payment_method=self.metode_pembayaran,
            reason=self.alasan,
        )


class SubscriptionListing(Part):
    pelanggan_id: int | None = Field(None, ge=1, le=MAX_ID)
    paket_id: int | None = Field(None, ge=1, le=MAX_ID)
    status: Status | None = None


class SubscriptionOut(BaseModel):
    model_config = _example(
        id=1,
        **EXAMPLE,
        nama_paket="Internet 50Mbps",
        harga=500000,
        status="Aktif",
        tanggal_berhenti=None,
        suspended_by=None,
        created_at="2024-01-15T10:00:00Z",
        updated_at="2024-01-15T10:00:00Z",
    )
    id: int
    pelanggan_id: int
    paket_id: int
    nama_paket: str
    harga: int
    status: Status
    tanggal_mulai: str
    tanggal_berhenti: str | None
    jatuh_tempo_hari: int
    metode_pembayaran: PaymentMethod
    suspended_by: str | None
    created_at: str
    updated_at: str


class ChangeOut(BaseModel):
    """`jenis`: start, package, suspend, resume, end or reopen."""

    model_config = _example(
        id=1,
        jenis="start",
        tanggal_efektif="2024-01-15",
        paket_id=1,
        harga=500000,
        alasan="",
        oleh="admin",
        created_at="2024-01-15T10:00:00Z",
    )
    id: int
    jenis: str
    tanggal_efektif: str
    paket_id: int
    harga: int
    alasan: str
    oleh: str
    created_at: str
