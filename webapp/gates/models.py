"""Locations, gates, tariffs, events and their totals."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import Base, UtcDateTime
from webapp.kit import clock

BigId = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only for plain INTEGER


class Location(Base):
    __tablename__ = "locations"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(150))
    type: Mapped[str] = mapped_column(String(50))
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)


class Gate(Base):
    __tablename__ = "gates"
    __table_args__ = (UniqueConstraint("location_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    location_id: Mapped[int] = mapped_column(ForeignKey("locations.id"))
    code: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(150))
    direction: Mapped[str] = mapped_column(String(10))
    latitude: Mapped[Decimal | None] = mapped_column(Numeric(10, 8))
    longitude: Mapped[Decimal | None] = mapped_column(Numeric(11, 8))
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)

    location: Mapped[Location] = relationship(lazy="joined", innerjoin=True)


class Category(Base):
    """What passes a gate. Rows, not code: a new kind of vehicle is an INSERT."""

    __tablename__ = "categories"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name_id: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(60))
    position: Mapped[int]


class Tariff(Base):
    """The price of one category at one gate from `effective_from` (Unix seconds; 0 = since ever) until the next row."""

    __tablename__ = "tariffs"
    label_field = "label"
    __table_args__ = (UniqueConstraint("gate_id", "category_id", "effective_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    gate_id: Mapped[int] = mapped_column(ForeignKey("gates.id"))
    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"))
    price: Mapped[int] = mapped_column(BigInteger)
    effective_from: Mapped[int] = mapped_column(BigInteger, default=0)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)

    gate: Mapped[Gate] = relationship(lazy="joined", innerjoin=True)
    category: Mapped[Category] = relationship(lazy="joined", innerjoin=True)

    @property
    def label(self) -> str:
        return f"{self.gate.name} · {self.category.code}"


class CatalogueVersion(Base):
    """One row whose number grows with every change to what ingest looks up (see catalogue.py)."""

    __tablename__ = "catalogue_version"
    in_activity_log = False

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, default=1)


class GateEvent(Base):
    """One passage. `id` grows in the order of commits, `event_time` and `received_at` are Unix seconds.

    PostgreSQL keeps this table in one partition a month of `event_time` (see partitions.py).
    """

    __tablename__ = "gate_events"
    in_activity_log = False
    __table_args__ = (Index(None, "gate_id", "event_time"), Index(None, "event_time"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    gate_id: Mapped[int]
    category_id: Mapped[int]
    event_time: Mapped[int] = mapped_column(BigInteger)
    amount: Mapped[int] = mapped_column(BigInteger)
    received_at: Mapped[int] = mapped_column(BigInteger)
    api_key_id: Mapped[int | None]


class EventKey(Base):
    """An `event_id` that a gate's device has used; a second event with it is a duplicate."""

    __tablename__ = "event_keys"
    in_activity_log = False

    gate_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(String(128), primary_key=True)


class HourlyTotal(Base):
    __tablename__ = "hourly_totals"
    in_activity_log = False

    day: Mapped[date] = mapped_column(primary_key=True)
    gate_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    category_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int] = mapped_column(BigInteger)
    amount: Mapped[int] = mapped_column(BigInteger)


class DailyTotal(Base):
    __tablename__ = "daily_totals"
    in_activity_log = False

    day: Mapped[date] = mapped_column(primary_key=True)
    gate_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    category_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int] = mapped_column(BigInteger)
    amount: Mapped[int] = mapped_column(BigInteger)


class GatePulse(Base):
    """When a gate's device was last heard (Unix seconds of reception, not of the event)."""

    __tablename__ = "gate_pulses"
    in_activity_log = False

    gate_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_heard_at: Mapped[int] = mapped_column(BigInteger)


class Recount(Base):
    """One rebuilding of a day's totals from its raw events, gate by gate, with what it found."""

    __tablename__ = "recounts"
    in_activity_log = False
    __table_args__ = (Index(None, "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date]
    state: Mapped[str] = mapped_column(String(10), default="queued")  # queued → running → done
    steps: Mapped[int] = mapped_column(default=0)
    steps_done: Mapped[int] = mapped_column(default=0)
    rows_processed: Mapped[int] = mapped_column(BigInteger, default=0)
    drift: Mapped[int] = mapped_column(BigInteger, default=0)  # totals that were wrong; expected: none
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    moved_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Shift(Base):
    """A cashier's shift at a gate, closed: what the events say, what was counted, and who vouches for it.

    It covers events of [starts_at, ends_at), Unix seconds; a gate's shifts never overlap.
    """

    __tablename__ = "shifts"
    label_field = "number"
    __table_args__ = (UniqueConstraint("gate_id", "starts_at"), Index(None, "ends_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    gate_id: Mapped[int] = mapped_column(ForeignKey("gates.id"))
    starts_at: Mapped[int] = mapped_column(BigInteger)
    ends_at: Mapped[int] = mapped_column(BigInteger)
    expected_count: Mapped[int] = mapped_column(BigInteger)
    expected_amount: Mapped[int] = mapped_column(BigInteger)
    counted_amount: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(String(500), default="")
    closed_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    closed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    signed_off_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    signed_off_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    gate: Mapped[Gate] = relationship(lazy="joined", innerjoin=True)
    lines: Mapped[list["ShiftLine"]] = relationship(order_by="ShiftLine.category_id")

    @property
    def number(self) -> str:
        """What people call it by: it stands on the receipt."""
        return f"S-{self.id:06d}"

    @property
    def variance(self) -> int:
        """Counted minus expected, rupiah: negative when cash is missing."""
        return self.counted_amount - self.expected_amount


class ShiftLine(Base):
    """What one category came to when the shift was closed. Kept, so that a receipt printed again says the same."""

    __tablename__ = "shift_lines"
    in_activity_log = False

    shift_id: Mapped[int] = mapped_column(ForeignKey("shifts.id"), primary_key=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
    amount: Mapped[int] = mapped_column(BigInteger)

    category: Mapped[Category] = relationship(lazy="joined", innerjoin=True)
