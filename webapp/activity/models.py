"""The activity log. The database itself refuses to change or delete a line (migration 0003)."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Base, UtcDateTime
from webapp.kit import clock


class Activity(Base):
    """One thing that somebody did. `changes` maps a field to `[before, after]`.

    No foreign keys: the line must outlive whoever and whatever it speaks of, and says their names itself.
    """

    __tablename__ = "activity_log"
    __table_args__ = (
        Index(None, "user_id", "id"),
        Index(None, "key_id", "id"),
        Index(None, "object_type", "id"),
        Index(None, "object_type", "object_id", "id"),
        Index(None, "action", "id"),
    )
    in_activity_log = False

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, index=True)
    door: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[int | None]
    key_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(String(150))
    ip_address: Mapped[str] = mapped_column(String(45))
    request_id: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(40))
    object_type: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str] = mapped_column(String(80))
    object_label: Mapped[str] = mapped_column(String(150))
    changes: Mapped[dict[str, list[Any]]] = mapped_column(JSON)
