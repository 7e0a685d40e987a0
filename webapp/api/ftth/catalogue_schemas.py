"""What contract 2 takes and gives of brands and packages (beyond the document, in its style)."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, WithJsonSchema

from webapp.api.ftth.customer_schemas import Part
from webapp.api.ftth.words import BRAND, PACKAGE, columns
from webapp.subscribers import fields, offers

BRAND_EXAMPLE: dict[str, Any] = {
    "id_brand": "JAKINET",
    "nama": "Jakinet",
    "pajak_persen": 11,
    "xendit_key_name": "JAKINET",
    "pola_invoice": "INV-{year}-{sequence}",
    "alamat": "Jl. Merdeka No. 1, Jakarta",
    "rekening": "BCA 1234567890",
    "masa_tenggang_hari": 5,
    "aktif": True,
}
PACKAGE_EXAMPLE: dict[str, Any] = {
    "id_brand": "JAKINET",
    "nama_paket": "Internet 50Mbps",
    "kecepatan": 50,
    "harga": 500000,
    "profil_mikrotik": "50M",
    "aktif": True,
}


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


Percent = Annotated[
    Decimal,
    BeforeValidator(offers.percent),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100, "multipleOf": 0.01}),
]
Code = Annotated[
    str,
    BeforeValidator(offers.code),
    WithJsonSchema({"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]{0,29}$"}),
]
KeyName = Annotated[
    str,
    BeforeValidator(offers.key_name),
    WithJsonSchema({"type": "string", "pattern": "^[A-Za-z0-9_]{0,40}$"}),
]
Pattern = Annotated[
    str,
    BeforeValidator(offers.invoice_pattern),
    WithJsonSchema({"type": "string", "maxLength": 60, "examples": ["INV-{year}-{sequence}"]}),
]
GraceDays = Annotated[
    int | None,
    BeforeValidator(offers.grace_days),
    WithJsonSchema({"type": ["integer", "null"], "minimum": 0, "maximum": 365}),
]
Price = Annotated[int, *fields.number(0, offers.MAX_PRICE)]
Speed = Annotated[int, *fields.number(0, 1_000_000)]


class BrandChange(BaseModel):
    """What to change; what is absent stays. `masa_tenggang_hari: null` is the setting's."""

    model_config = _example(pajak_persen=11, aktif=True)
    nama: Annotated[str, *fields.text(100, required=True)] = ""
    pajak_persen: Percent = Decimal(0)
    xendit_key_name: KeyName = ""
    pola_invoice: Pattern = "INV-{year}-{sequence}"
    alamat: Annotated[str, *fields.text(300)] = ""
    rekening: Annotated[str, *fields.text(200)] = ""
    masa_tenggang_hari: GraceDays = None
    aktif: bool = True

    @property
    def columns(self) -> dict[str, Any]:
        return columns(self, BRAND)


class NewBrand(BrandChange):
    """A brand; its Xendit key is XENDIT_API_KEY_<xendit_key_name>, by default its code's."""

    model_config = _example(**BRAND_EXAMPLE)
    id_brand: Code
    nama: Annotated[str, *fields.text(100, required=True)]


class BrandOut(BaseModel):
    model_config = _example(
        **BRAND_EXAMPLE, created_at="2024-01-15T10:00:00Z", updated_at="2024-01-15T10:00:00Z"
    )
    id_brand: str
    nama: str
    pajak_persen: float
    xendit_key_name: str
    pola_invoice: str
    alamat: str
    rekening: str
    masa_tenggang_hari: int | None
    aktif: bool
    created_at: str
    updated_at: str


class PackageChange(BaseModel):
    """What to change; what is absent stays. A new `harga` is that of running subscriptions from next month on."""

    model_config = _example(harga=550000)
    nama_paket: Annotated[str, *fields.text(100, required=True)] = ""
    kecepatan: Speed = 0
    harga: Price = 0
    profil_mikrotik: Annotated[str, *fields.text(100)] = ""
    aktif: bool = True

    @property
    def columns(self) -> dict[str, Any]:
        return columns(self, PACKAGE)


class NewPackage(PackageChange):
    """A package of a brand; `kecepatan` in Mbps, `harga` a month in rupiah before tax."""

    model_config = _example(**PACKAGE_EXAMPLE)
    id_brand: fields.BrandCode
    nama_paket: Annotated[str, *fields.text(100, required=True)]
    harga: Price


class PackageListing(Part):
    id_brand: Annotated[str, *fields.text(30)] = ""
    aktif: bool | None = None


class PackageOut(BaseModel):
    model_config = _example(
        id=1, **PACKAGE_EXAMPLE, created_at="2024-01-15T10:00:00Z", updated_at="2024-01-15T10:00:00Z"
    )
    id: int
    id_brand: str
    nama_paket: str
    kecepatan: int
    harga: int
    profil_mikrotik: str
    aktif: bool
    created_at: str
    updated_at: str
