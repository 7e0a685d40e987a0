"""What contract 2 takes and gives of technical data."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from webapp.api.ftth.words import LINE, columns
from webapp.database import MAX_ID
from webapp.subscribers import fields, queries

MASK = "••••••••"  # what is answered in a password's place; sent back, it changes nothing
EXAMPLE: dict[str, Any] = {
    "pelanggan_id": 123,
    "ip_pelanggan": "192.168.1.100",
    "vlan": 100,
    "sn_ont": "ALCL12345678",
    "port_odp": "ODP-01/P01",
    "port_olt": "1/GP1",
}


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


def _password(value: Any) -> str | None:
    return None if value == MASK else fields.login(value)


def _router(value: Any) -> int | None:
    return None if value is None else fields.whole(value, 1, MAX_ID)


Password = Annotated[
    str | None,
    BeforeValidator(_password),
    WithJsonSchema({"type": ["string", "null"], "maxLength": 100, "writeOnly": True}),
]
RouterId = Annotated[
    int | None,
    BeforeValidator(_router),
    WithJsonSchema({"type": ["integer", "null"], "minimum": 1, "maximum": MAX_ID}),
]


class LineChange(BaseModel):
    """What to change; what is absent stays. `null` clears all but the PPPoE name and password, which stay."""

    model_config = _example(vlan=200, mikrotik_server_id=1)
    ip_pelanggan: fields.IpAddress = None
    nama_pppoe: fields.Login = None
    password_pppoe: Password = None
    vlan: fields.Vlan = None
    sn_ont: fields.Identifier = None
    port_odp: fields.Identifier = None
    port_olt: fields.Identifier = None
    mikrotik_server_id: RouterId = None
    tanpa_sinkron: bool = False

    @property
    def columns(self) -> dict[str, Any]:
        sent = columns(self, LINE)
        never_empty = ("pppoe_name", "pppoe_password")
        return {name: value for name, value in sent.items() if value is not None or name not in never_empty}


class NewLine(LineChange):
    """A customer's line. A PPPoE name or password that is not given is made."""

    model_config = _example(**EXAMPLE)
    pelanggan_id: fields.Id


class LineOut(BaseModel):
    """`password_pppoe` is never in clear; `mikrotik_sync_pending`: the router does not have it like this yet."""

    model_config = _example(
        id=456,
        **EXAMPLE,
        password_pppoe=MASK,
        nama_pppoe="jakinet-000123",
        status="Aktif",
        mikrotik_server_id=1,
        tanpa_sinkron=False,
        mikrotik_sync_pending=True,
        created_at="2024-01-15T10:00:00Z",
    )
    id: int
    pelanggan_id: int
    ip_pelanggan: str | None
    password_pppoe: str
    vlan: int | None
    sn_ont: str | None
    port_odp: str | None
    port_olt: str | None
    status: Literal["Aktif", "Suspended", "Berhenti"]
    mikrotik_server_id: int | None
    created_at: str
    nama_pppoe: str
    tanpa_sinkron: bool
    mikrotik_sync_pending: bool


class Revealed(BaseModel):
    model_config = _example(password_pppoe="k7mw2x9pqrst")  # noqa: S106 - an example
    password_pppoe: str


class OdpListing(BaseModel):
    """`search` is how the distribution point's name begins."""

    search: Annotated[str, *fields.text(50)] = ""
    skip: int = Field(0, ge=0, le=queries.MAX_SKIP)
    limit: int = Field(15, ge=1, le=100)


class OdpPortOut(BaseModel):
    port_odp: str
    pelanggan_id: int
    nama: str


class OdpOut(BaseModel):
    model_config = _example(
        odp="ODP-01",
        port_terpakai=1,
        port=[{"port_odp": "ODP-01/P01", "pelanggan_id": 123, "nama": "John Doe"}],
    )
    odp: str
    port_terpakai: int
    port: list[OdpPortOut]
