"""What contract 2 takes and gives of customers."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from webapp.api.ftth.line_schemas import LineOut
from webapp.api.ftth.words import CUSTOMER, columns
from webapp.database import MAX_ID
from webapp.subscribers import fields, queries
from webapp.subscribers.queries import CustomerFilter
from webapp.subscribers.subscriptions import Terms

Status = Literal["Aktif", "Suspended", "Berhenti"]
PaymentMethod = Literal["Otomatis", "Prorate"]
Language = Literal["id", "en"]
EXAMPLE: dict[str, Any] = {
    "nama": "John Doe",
    "email": "john@example.com",
    "no_telp": "08123456789",
    "no_ktp": "1234567890123456",
    "alamat": "Jl. Example No. 123",
    "id_brand": "JAKINET",
    "tanggal_instalasi": "2024-01-15",
}
WHOLE: dict[str, Any] = {
    "id": 123,
    "nama": "John Doe",
    "email": "john@example.com",
    "no_telp": "08123456789",
    "no_ktp": "1234567890123456",
    "alamat": "Jl. Example No. 123",
    "alamat_2": "RT 01/RW 02",
    "blok": "A",
    "unit": "123",
    "tanggal_instalasi": "2024-01-15",
    "id_brand": "JAKINET",
    "status": "Aktif",
    "created_at": "2024-01-15T10:00:00Z",
    "updated_at": "2024-01-15T10:00:00Z",
}


def example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class TermsIn(BaseModel):
    """The subscription that a new customer begins with; it starts on the day of the installation, or today."""

    model_config = example(paket_id=1)
    paket_id: fields.Id
    tanggal_mulai: fields.MaybeDay = None
    jatuh_tempo_hari: fields.DueDay = 1
    metode_pembayaran: PaymentMethod = "Otomatis"

    @property
    def terms(self) -> Terms:
        return Terms(self.paket_id, self.tanggal_mulai, self.jatuh_tempo_hari, self.metode_pembayaran)


class NewCustomer(BaseModel):
    """A customer, with a subscription if `langganan` says so (beyond the document)."""

    model_config = example(**EXAMPLE)
    nama: fields.Name
    email: fields.Email = None
    no_telp: fields.Phone
    no_ktp: fields.KnownNationalId
    alamat: fields.Address
    alamat_2: fields.Address2 = ""
    blok: fields.ShortText = ""
    unit: fields.ShortText = ""
    tanggal_instalasi: fields.MaybeDay = None
    id_brand: fields.BrandCode
    bahasa: Language = "id"
    tanpa_pesan: bool = False
    jangan_suspend: bool = False
    langganan: TermsIn | None = None

    @property
    def columns(self) -> dict[str, Any]:
        return columns(self, CUSTOMER)


class CustomerChange(BaseModel):
    """What to change; what is absent stays. `null` clears e-mail, date, second line, block and unit."""

    model_config = example(nama="John Smith", alamat="Jl. Updated Address No. 456")
    nama: fields.Name = ""
    email: fields.Email = None
    no_telp: fields.Phone = ""
    no_ktp: fields.KnownNationalId = ""
    alamat: fields.Address = ""
    alamat_2: fields.Address2 = ""
    blok: fields.ShortText = ""
    unit: fields.ShortText = ""
    tanggal_instalasi: fields.MaybeDay = None
    id_brand: fields.BrandCode = ""
    bahasa: Language = "id"
    tanpa_pesan: bool = False
    jangan_suspend: bool = False

    @property
    def columns(self) -> dict[str, Any]:
        return columns(self, CUSTOMER)


MODEL = tuple(WHOLE)  # the fields of the document's model, in its order
NESTED = ("harga_layanan", "data_teknis", "langganan")  # of the detail; a list has those that `fields` names


def _known_fields(text: str) -> str:
    wanted = [name.strip() for name in text.split(",")]
    if unknown := [name for name in wanted if name not in (*MODEL, *NESTED)]:
        raise ValueError(f"There is no field {unknown[0][:40]!r}")
    return ",".join(wanted)


class Part(BaseModel):
    """Query of every list of these: which part of it."""

    skip: int = Field(0, ge=0, le=queries.MAX_SKIP)
    limit: int = Field(15, ge=1, le=100)


class CustomerListing(Part):
    """`search` looks into nama, email and no_telp; `fields` names what the answer has (status, paket_id and
    mikrotik_server_id are beyond the document)."""

    search: Annotated[str, *fields.text(100)] = ""
    alamat: Annotated[str, *fields.text(100)] = ""
    id_brand: Annotated[str, *fields.text(30)] = ""
    status: Status | None = None
    paket_id: int | None = Field(None, ge=1, le=MAX_ID)
    mikrotik_server_id: int | None = Field(None, ge=1, le=MAX_ID)
    fields: Annotated[str, Field(max_length=500), AfterValidator(_known_fields)] | None = None

    @property
    def wanted(self) -> CustomerFilter:
        return CustomerFilter(
            search=self.search,
            address=self.alamat,
            brand=self.id_brand,
            status=self.status or "",
            package_id=self.paket_id,
            router_id=self.mikrotik_server_id,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """What each customer of the answer has."""
        return tuple(self.fields.split(",")) if self.fields else MODEL


class PriceOut(BaseModel):
    model_config = example(id=1, nama_paket="Internet 50Mbps", harga=500000)
    id: int
    nama_paket: str
    harga: int


class TermsOut(BaseModel):
    id: int
    status: Status
    tanggal_mulai: str
    jatuh_tempo_hari: int
    metode_pembayaran: PaymentMethod


class CustomerOut(BaseModel):
    model_config = example(**WHOLE)
    id: int
    nama: str
    email: str | None
    no_telp: str
    no_ktp: str | None
    alamat: str
    alamat_2: str
    blok: str
    unit: str
    tanggal_instalasi: str | None
    id_brand: str
    status: Status
    created_at: str
    updated_at: str


class CustomerDetail(CustomerOut):
    """`harga_layanan`, `langganan` and `data_teknis` are null while there are none."""

    bahasa: Language
    tanpa_pesan: bool
    jangan_suspend: bool
    harga_layanan: PriceOut | None
    langganan: TermsOut | None
    data_teknis: LineOut | None


class ListedCustomer(BaseModel):
    """The whole model, or what `fields` names of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [WHOLE], "required": []})
    id: int = 0
    nama: str = ""
    email: str | None = None
    no_telp: str = ""
    no_ktp: str | None = None
    alamat: str = ""
    alamat_2: str = ""
    blok: str = ""
    unit: str = ""
    tanggal_instalasi: str | None = None
    id_brand: str = ""
    status: Status = "Aktif"
    created_at: str = ""
    updated_at: str = ""
    harga_layanan: PriceOut | None = None
    langganan: TermsOut | None = None
    data_teknis: LineOut | None = None


class DeletedCustomer(CustomerOut):
    deleted_at: str
