"""Markers, as contract 5 lists their fields."""

import uuid
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, Numeric, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import User
from webapp.database import Base, UtcDateTime
from webapp.kit import clock


class Marker(Base):
    """One asset. `cell` is its place in kit/geo.py's grid; `photo` names its files in the storage."""

    __tablename__ = "markers"
    __table_args__ = (  # an export goes by time and id, a thousand rows at a time
        Index(None, "cell"),
        Index(None, "creator_id", "created_at", "id"),
        Index(None, "created_at", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    short_code: Mapped[str] = mapped_column(String(8), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(Text, default="")
    strain: Mapped[str] = mapped_column(String(100), default="")
    quantity: Mapped[int] = mapped_column(default=0)
    latitude: Mapped[Decimal] = mapped_column(Numeric(10, 8))
    longitude: Mapped[Decimal] = mapped_column(Numeric(11, 8))
    cell: Mapped[int]
    photo: Mapped[str | None] = mapped_column(String(100))
    owner_name: Mapped[str] = mapped_column(String(100), default="")
    owner_contact: Mapped[str] = mapped_column(String(50), default="")
    creator_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)

    creator: Mapped[User] = relationship(lazy="joined", innerjoin=True)
