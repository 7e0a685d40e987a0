"""What contract 2 takes and gives of routers. It knows them as `mikrotik_server`."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from webapp.api.ftth.words import columns
from webapp.subscribers import fields as common
from webapp.subscribers import queries
from webapp.subscribers.routers import fields

ROUTER = {
    "nama": "name",
    "host": "host",
    "port": "port",
    "tls": "use_tls",
    "fingerprint": "fingerprint",
    "username": "username",
    "password": "password",
    "ip_pool": "pools",
    "aktif": "is_active",
}
REFUSED = {column: name for name, column in ROUTER.items()}
Status = Literal["unknown", "up", "down"]


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class RouterChange(BaseModel):
    """What to change. For another host or port the password has to be sent again. `fingerprint`: SHA-256 of the
    certificate to be expected with `tls`; empty trusts any."""

    model_config = _example(ip_pool="10.64.0.0/16, 10.65.0.0/16", aktif=True)
    nama: fields.Name = ""
    host: fields.Host = ""
    port: fields.Port = 0
    tls: bool = False
    fingerprint: fields.Fingerprint = ""
    username: fields.Username = ""
    password: fields.Password = ""
    ip_pool: fields.Pools = ""
    aktif: bool = True

    @property
    def columns(self) -> dict[str, Any]:
        return columns(self, ROUTER)


class NewRouter(RouterChange):
    """A router. The port is 8728, with `tls` 8729, when none is given."""

    model_config = _example(
        nama="BRAS-01",
        host="10.0.0.1",
        username="gerbang",
        password="rahasia",  # noqa: S106 - an example
        ip_pool="10.64.0.0/16",
    )
    nama: fields.Name
    host: fields.Host
    username: fields.Username


class StateOut(BaseModel):
    """How a router was found last; `keterangan` is why it is down."""

    status: Status
    keterangan: str
    identity: str | None
    version: str | None
    board: str | None
    uptime_seconds: int | None
    cpu_load: int | None
    checked_at: str | None
    seen_at: str | None


class RouterOut(BaseModel):
    """A router without its password. `belum_sinkron`: lines that it does not have as they are wanted."""

    id: int
    nama: str
    host: str
    port: int
    tls: bool
    fingerprint: str
    username: str
    ip_pool: str
    aktif: bool
    jumlah_pelanggan: int
    belum_sinkron: int
    koneksi: StateOut
    reconciled_at: str | None
    next_try_at: str | None
    created_at: str


class HealthRow(StateOut):
    mikrotik_server_id: int
    nama: str


class HealthOut(BaseModel):
    data: list[HealthRow]
    total_count: int
    online: int
    offline: int


class TestOut(BaseModel):
    """`profil_hilang`: profiles that packages name, or that suspending needs, and that the router does not have."""

    status: Literal["up"]
    identity: str
    version: str
    board: str
    uptime_seconds: int
    cpu_load: int
    fingerprint: str
    profil_hilang: list[str]


class SyncOut(BaseModel):
    """`aksi` is what was done, if anything; `sesi_diputus` how many sessions were ended."""

    model_config = _example(
        mikrotik_server_id=1,
        pelanggan_id=123,
        data_teknis_id=456,
        aksi=["add"],
        sesi_diputus=0,
        mikrotik_sync_pending=False,
        synced_at="2024-01-15T10:00:00Z",
    )
    mikrotik_server_id: int
    pelanggan_id: int
    data_teknis_id: int
    aksi: list[Literal["add", "change", "remove"]]
    sesi_diputus: int
    mikrotik_sync_pending: bool
    synced_at: str | None


class Accepted(BaseModel):
    status: Literal["queued"]
    mikrotik_server_id: int


class DiffRow(BaseModel):
    """`aksi` conflict: the name is taken by a secret that is not ours; `perubahan` maps what changes to [from, to]."""

    aksi: Literal["add", "change", "remove", "conflict"]
    data_teknis_id: int
    pelanggan_id: int
    nama_pelanggan: str
    nama_pppoe: str
    perubahan: dict[str, list[str]]


class DiffOut(BaseModel):
    """`data` has the first 1,000; `asing`: secrets with a mark of a line that is not known here."""

    data: list[DiffRow]
    add: int
    change: int
    remove: int
    conflict: int
    asing: list[str]


class Adopt(BaseModel):
    """Whose secrets, made by others, to take over; `semua`: of all lines that end at the router."""

    model_config = _example(pelanggan_ids=[123])
    pelanggan_ids: list[common.Id] = Field([], max_length=1_000)
    semua: bool = False


class AdoptOut(BaseModel):
    ditulis: int
    ditolak: int


class RouterListing(BaseModel):
    """`search` looks through names and hosts."""

    search: Annotated[str, *common.text(100)] = ""
    skip: int = Field(0, ge=0, le=queries.MAX_SKIP)
    limit: int = Field(15, ge=1, le=100)
