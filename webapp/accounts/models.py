"""Users, their sessions, tokens and second factors; API keys; settings."""

import uuid
from datetime import datetime
from enum import IntEnum

from sqlalchemy import ForeignKey, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.audit import SECRET
from webapp.database import Base, UtcDateTime
from webapp.kit import clock
from webapp.vault import EncryptedText


class Role(IntEnum):
    """What an account may do; each role includes those below it."""

    MEMBER = 1
    VIEWER = 2
    OPERATOR = 3
    ADMIN = 4

    @property
    def word(self) -> str:
        """The role as every contract spells it."""
        return self.name.lower()


class User(Base):
    """A person or a service. A deleted one stays as a tombstone, so that what it did keeps its name."""

    __tablename__ = "users"
    label_field = "username"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(Uuid, unique=True, default=uuid.uuid4)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(100), default="")
    password_hash: Mapped[str] = mapped_column(String(72), info=SECRET)
    role_level: Mapped[int] = mapped_column("role", default=Role.VIEWER)
    is_active: Mapped[bool] = mapped_column(default=True)
    language: Mapped[str | None] = mapped_column(String(5))
    theme: Mapped[str | None] = mapped_column(String(10))
    totp_secret: Mapped[str | None] = mapped_column(EncryptedText, deferred=True, info=SECRET)
    totp_enabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    totp_last_step: Mapped[int | None] = mapped_column(info=SECRET)  # no code is good twice
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def role(self) -> Role:
        return Role(self.role_level)

    @property
    def has_second_factor(self) -> bool:
        return self.totp_enabled_at is not None


class LoginSession(Base):
    """One sign-in through one door. Revoking it stops its cookie, its tokens and its streams."""

    __tablename__ = "sessions"
    in_activity_log = False  # signing in and out are noted as such
    __table_args__ = (Index(None, "user_id", "expires_at"), Index(None, "expires_at"))

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    surface: Mapped[str] = mapped_column(String(20))
    ip_address: Mapped[str] = mapped_column(String(45), default="")
    user_agent: Mapped[str] = mapped_column(String(255), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)

    @property
    def is_live(self) -> bool:
        return self.revoked_at is None and self.expires_at > clock.now() and self.user.is_active


class RefreshToken(Base):
    """Good once, for the next pair of tokens of its session (columns: contract 5; the token's SHA-256 is kept)."""

    __tablename__ = "refresh_tokens"
    in_activity_log = False

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.public_id", ondelete="CASCADE"), index=True)
    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True, info=SECRET)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    user_agent: Mapped[str] = mapped_column(String(255), default="")
    ip_address: Mapped[str] = mapped_column(String(45), default="")

    session: Mapped[LoginSession] = relationship(lazy="joined", innerjoin=True)


class RecoveryCode(Base):
    """Lets its owner in once when the phone with the second factor is lost."""

    __tablename__ = "recovery_codes"
    in_activity_log = False  # their making and use are noted

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), info=SECRET)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Setting(Base):
    """A setting that differs from its default (settings.py knows them all)."""

    __tablename__ = "settings"
    label_field = "key"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)


class ApiKey(Base):
    """A machine's key: found by its digest, kept encrypted to be shown again; `hint` is what people know it by."""

    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(Uuid, unique=True, default=uuid.uuid4)
    name: Mapped[str] = mapped_column(String(100))
    key_hash: Mapped[str] = mapped_column(String(64), unique=True, info=SECRET)
    encrypted_key: Mapped[str | None] = mapped_column(EncryptedText, deferred=True, info=SECRET)
    hint: Mapped[str] = mapped_column(String(24))
    scope: Mapped[str] = mapped_column(String(40), default="ingest")
    gate_id: Mapped[int | None] = mapped_column(ForeignKey("gates.id", ondelete="CASCADE"), index=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("api_keys.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= clock.now()
