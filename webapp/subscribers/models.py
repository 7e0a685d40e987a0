"""Brands, packages, customers with their subscription and line (contract 2). The wire's names are the presenters'."""

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Numeric, String, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.audit import SECRET
from webapp.database import Base, UtcDateTime
from webapp.kit import clock
from webapp.vault import EncryptedText

ACTIVE, SUSPENDED, ENDED = "Aktif", "Suspended", "Berhenti"  # of subscriptions, and so of customers and lines
STATUSES = (ACTIVE, SUSPENDED, ENDED)
AUTOMATIC, PRORATED = "Otomatis", "Prorate"  # how a subscription is billed
PAYMENT_METHODS = (AUTOMATIC, PRORATED)
PRESENT = text("deleted_at IS NULL")
READ = 70  # percent of an import, when all is read and compared


class Brand(Base):
    """A name that the operator sells under, with its tax, its numbers and its account at the gateway.

    `gateway_key` is the <BRAND> of XENDIT_API_KEY_<BRAND>; `invoice_pattern` has {sequence}, and may have {year},
    {month} and {brand}; `logo` names a file in the storage; `grace_days` None is the setting's.
    """

    __tablename__ = "brands"

    code: Mapped[str] = mapped_column(String(30), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    tax_percent: Mapped[Decimal] = mapped_column(Numeric(5, 2), default=Decimal(0))
    gateway_key: Mapped[str] = mapped_column(String(40), default="")
    invoice_pattern: Mapped[str] = mapped_column(String(60), default="INV-{year}-{sequence}")
    address: Mapped[str] = mapped_column(String(300), default="")
    bank_account: Mapped[str] = mapped_column(String(200), default="")  # printed on invoices
    logo: Mapped[str | None] = mapped_column(String(150))
    grace_days: Mapped[int | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)


class Package(Base):
    """What a brand sells: a speed for a price a month, in whole rupiah before tax. `profile` is the router's."""

    __tablename__ = "packages"
    __table_args__ = (Index(None, "brand_code", "name", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    brand_code: Mapped[str] = mapped_column(ForeignKey("brands.code"))
    name: Mapped[str] = mapped_column(String(100))
    speed_mbps: Mapped[int] = mapped_column(default=0)
    price: Mapped[int] = mapped_column(BigInteger)
    profile: Mapped[str] = mapped_column(String(100), default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)

    brand: Mapped[Brand] = relationship(lazy="joined", innerjoin=True)


class Customer(Base):
    """Who has (or had) a line. A deleted one keeps its row for 30 days, out of sight; its e-mail, KTP, address and
    ports are free again at once.

    `search_text` is what search looks through (queries.py writes it); `status` follows the subscription's.
    """

    __tablename__ = "customers"
    __table_args__ = (
        Index(
            "uq_customers_national_id_present",
            "national_id",
            unique=True,
            sqlite_where=PRESENT,
            postgresql_where=PRESENT,
        ),
        Index(
            "uq_customers_email_present", "email", unique=True, sqlite_where=PRESENT, postgresql_where=PRESENT
        ),
        Index(None, "brand_code", "id"),
        Index(None, "status", "id"),
        Index(None, "name", "id"),
        Index(None, "import_id"),
        Index(None, "deleted_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(150))
    email: Mapped[str | None] = mapped_column(String(254))  # lower case
    phone: Mapped[str] = mapped_column(String(20), default="")
    national_id: Mapped[str | None] = mapped_column(String(16))  # No KTP (NIK)
    address: Mapped[str] = mapped_column(String(300), default="")
    address_2: Mapped[str] = mapped_column(String(150), default="")
    block: Mapped[str] = mapped_column(String(30), default="")
    unit: Mapped[str] = mapped_column(String(30), default="")
    installed_on: Mapped[date | None]
    brand_code: Mapped[str] = mapped_column(ForeignKey("brands.code"))
    status: Mapped[str] = mapped_column(String(12), default=ACTIVE)
    language: Mapped[str] = mapped_column(String(5), default="id")  # of what is sent to them
    no_messages: Mapped[bool] = mapped_column(default=False)  # they opted out of reminders
    never_suspend: Mapped[bool] = mapped_column(default=False)
    search_text: Mapped[str] = mapped_column(Text, default="")
    import_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("customer_imports.id", ondelete="SET NULL")
    )
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)

    brand: Mapped[Brand] = relationship(lazy="joined", innerjoin=True)


class CustomerNote(Base):
    """What somebody of the house wrote down about a customer."""

    __tablename__ = "customer_notes"
    __table_args__ = (Index(None, "customer_id", "id"),)
    label_field = "author"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    author: Mapped[str] = mapped_column(String(150))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)


class Subscription(Base):
    """A customer's package. A customer has one that has not ended; the ended ones are history.

    `due_day` is 1…28; `suspended_by` is `dunning` or `hand` while it is suspended: a payment restores only the former.
    """

    __tablename__ = "subscriptions"
    __table_args__ = (
        Index(
            "uq_subscriptions_customer_id_current",
            "customer_id",
            unique=True,
            sqlite_where=text("status != 'Berhenti'"),
            postgresql_where=text("status != 'Berhenti'"),
        ),
        Index(None, "customer_id", "id"),
        Index(None, "status", "due_day", "id"),
        Index(None, "package_id"),
    )
    label_field = "label"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    package_id: Mapped[int] = mapped_column(ForeignKey("packages.id"))
    status: Mapped[str] = mapped_column(String(12), default=ACTIVE)
    started_on: Mapped[date]
    ended_on: Mapped[date | None]  # the last day
    due_day: Mapped[int] = mapped_column(default=1)
    payment_method: Mapped[str] = mapped_column(String(10), default=AUTOMATIC)
    suspended_by: Mapped[str | None] = mapped_column(String(10))
    suspended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)

    customer: Mapped[Customer] = relationship()
    package: Mapped[Package] = relationship(lazy="joined", innerjoin=True)

    @property
    def label(self) -> str:
        return f"{self.customer_id} · {self.package_id}"


class SubscriptionChange(Base):
    """A subscription's history, from which a month's price follows: from `effective_on` on it was so.

    `kind` is start, package, suspend, resume, end or reopen.
    """

    __tablename__ = "subscription_changes"
    __table_args__ = (Index(None, "subscription_id", "effective_on", "id"),)
    in_activity_log = False  # it is a log itself, and the subscription's own row is in the other

    id: Mapped[int] = mapped_column(primary_key=True)
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id", ondelete="CASCADE"))
    effective_on: Mapped[date]
    kind: Mapped[str] = mapped_column(String(10))
    package_id: Mapped[int] = mapped_column(ForeignKey("packages.id"))
    price: Mapped[int] = mapped_column(BigInteger)  # a month, as it was on that day
    reason: Mapped[str] = mapped_column(String(200), default="")
    actor_name: Mapped[str] = mapped_column(String(150), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)


class CustomerImport(Base):
    """A file of customers that was taken in, or is being: `status` is waiting, running, done, failed, undoing or
    undone.
    """

    __tablename__ = "customer_imports"
    __table_args__ = (Index(None, "created_at"),)
    in_activity_log = False  # a machine moves it; the import itself is noted

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    file_name: Mapped[str] = mapped_column(String(150))
    storage_name: Mapped[str] = mapped_column(String(150))
    status: Mapped[str] = mapped_column(String(10), default="waiting")
    rows: Mapped[int] = mapped_column(default=0)
    progress: Mapped[int] = mapped_column(default=0)  # percent
    created: Mapped[int] = mapped_column(default=0)
    fault_count: Mapped[int] = mapped_column(default=0)
    faults: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # the first thousand
    attempt: Mapped[int] = mapped_column(default=0)
    alive_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def is_storing(self) -> bool:
        """Whether all of the file has been read and compared."""
        return self.progress >= READ


class Router(Base):
    """A Mikrotik that lines end at. `pools` are the networks (CIDR, with commas) of its customers' addresses."""

    __tablename__ = "routers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    host: Mapped[str] = mapped_column(String(253))
    port: Mapped[int] = mapped_column(default=8728)
    use_tls: Mapped[bool] = mapped_column(default=False)
    fingerprint: Mapped[str] = mapped_column(
        String(95), default=""
    )  # SHA-256 of its certificate; "" trusts any
    username: Mapped[str] = mapped_column(String(100))
    password: Mapped[str | None] = mapped_column(EncryptedText, deferred=True, info=SECRET)
    pools: Mapped[str] = mapped_column(String(500), default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)


class RouterState(Base):
    """What the last look at a router found. `status` is unknown, up or down; it is left alone until `next_try_at`."""

    __tablename__ = "router_states"
    in_activity_log = False

    router_id: Mapped[int] = mapped_column(ForeignKey("routers.id", ondelete="CASCADE"), primary_key=True)
    status: Mapped[str] = mapped_column(String(10), default="unknown")
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # version, uptime, load
    error: Mapped[str] = mapped_column(Text, default="")
    failures: Mapped[int] = mapped_column(default=0)
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reconciled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TechnicalData(Base):
    """A customer's line. An OLT's port is shared (a splitter hangs on it); an ODP's is one customer's."""

    __tablename__ = "technical_data"
    __table_args__ = (
        *(
            Index(
                f"uq_technical_data_{column}_present",
                column,
                unique=True,
                sqlite_where=PRESENT,
                postgresql_where=PRESENT,
            )
            for column in ("customer_id", "pppoe_name", "ip_address", "ont_serial", "odp_port")
        ),
        Index(None, "customer_id"),
        Index(None, "router_id", "id"),
    )
    label_field = "pppoe_name"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    router_id: Mapped[int | None] = mapped_column(ForeignKey("routers.id"))
    pppoe_name: Mapped[str] = mapped_column(String(100))
    pppoe_password: Mapped[str | None] = mapped_column(EncryptedText, deferred=True, info=SECRET)
    ip_address: Mapped[str | None] = mapped_column(String(39))
    vlan: Mapped[int | None]
    ont_serial: Mapped[str | None] = mapped_column(String(50))
    odp_port: Mapped[str | None] = mapped_column(String(50))
    olt_port: Mapped[str | None] = mapped_column(String(50))
    status: Mapped[str] = mapped_column(String(12), default=ACTIVE)
    sync_exempt: Mapped[bool] = mapped_column(default=False)  # the reconciler leaves it alone
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)

    customer: Mapped[Customer] = relationship()
    router: Mapped[Router | None] = relationship()
    sync: Mapped["LineSync | None"] = relationship(lazy="joined", viewonly=True)

    @property
    def awaits_router(self) -> bool:
        """`mikrotik_sync_pending`: its router does not have it as it is wanted, and is to get it."""
        if self.router_id is None or self.sync_exempt:
            return False
        return self.sync is not None and self.sync.pending


class LineSync(Base):
    """Whether a line's router has it as it is wanted (`mikrotik_sync_pending`: it does not yet)."""

    __tablename__ = "line_syncs"
    __table_args__ = (Index(None, "pending", "technical_data_id"),)
    in_activity_log = False

    technical_data_id: Mapped[int] = mapped_column(
        ForeignKey("technical_data.id", ondelete="CASCADE"), primary_key=True
    )
    pending: Mapped[bool] = mapped_column(default=True)
    error: Mapped[str] = mapped_column(Text, default="")
    wanted_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    synced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
