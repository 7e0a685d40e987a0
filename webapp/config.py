"""The environment, typed. Every variable the product reads is a field here and a line in `.env.example`."""

import os
import re
import secrets
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from flask import current_app
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from webapp.kit import clock

PER_BRAND = ("XENDIT_API_KEY", "XENDIT_CALLBACK_TOKEN")  # one variable a brand, with the brand after it


class ConfigError(Exception):
    """A setting has a value that the product refuses to start with; the message is a sentence for people."""


class Config(BaseModel):
    """All settings, in upper case as the environment has them. Built by `Config.from_environment`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    GERBANG_ENV: Literal["development", "production", "testing"] = "development"
    HOST: str = "127.0.0.1"
    PORT: int = Field(8000, ge=0, le=65535)
    DATA_DIR: Path = Path("instance")
    DEMO: bool = True
    ADMIN_PASSWORD: str = ""
    SECRET_KEY: str = ""
    SECRET_KEY_PREVIOUS: str = ""
    DATABASE_URL: str = ""
    REDIS_URL: str = ""
    RETRIBUSI_API_KEY: str = ""
    JWT_TTL_SECONDS: int = Field(3600, ge=60, le=86_400 * 30)
    APP_TIMEZONE: str = "Asia/Jakarta"
    INGEST_MAX_FUTURE_SECONDS: int = Field(300, ge=0, le=86_400)
    RATELIMIT_ENABLED: bool = True
    METRICS_TOKEN: str = ""
    DATA_ROOTS: str = ""
    WEB_WORKERS: int = Field(1, ge=1, le=64)
    JOB_WORKERS: int = Field(1, ge=1, le=64)
    PROXY_COUNT: int = Field(0, ge=0, le=10)
    DEEP_LINK_BASE_URL: str = ""
    MAP_TILES_URL: str = ""
    MAP_TILES_ATTRIBUTION: str = ""
    STORAGE: Literal["folder", "s3", "drive"] = "folder"
    S3_BUCKET: str = ""
    S3_REGION: str = "us-east-1"
    S3_ENDPOINT_URL: str = ""
    S3_ACCESS_KEY: str = ""
    S3_SECRET_KEY: str = ""
    GOOGLE_DRIVE_CREDENTIALS: str = ""
    GOOGLE_DRIVE_FOLDER: str = ""
    GOOGLE_DRIVE_URL: str = "https://www.googleapis.com"
    SMTP_URL: str = ""
    MAIL_FROM: str = "gerbang@localhost"
    HTTP_JOB_HOSTS: str = ""
    HTTP_JOB_PRIVATE_HOSTS: str = ""
    WEBHOOK_PRIVATE_HOSTS: str = ""
    WS_ORIGINS: str = ""
    WHATSAPP_URL: str = ""
    WHATSAPP_TOKEN: str = Field("", repr=False)
    XENDIT_BASE_URL: str = "https://api.xendit.co"
    XENDIT_API_KEY: Mapping[str, str] = Field({}, repr=False)  # by brand: XENDIT_API_KEY_<BRAND>
    XENDIT_CALLBACK_TOKEN: Mapping[str, str] = Field({}, repr=False)
    LOG_LEVEL: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("APP_TIMEZONE")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("is not a time zone name such as Asia/Jakarta")
        return value

    @field_validator("DATABASE_URL")
    @classmethod
    def _supported_database(cls, value: str) -> str:
        value = value.replace("postgres://", "postgresql://", 1)
        value = value.replace("postgresql://", "postgresql+psycopg://", 1)
        if value and not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return value

    @field_validator("REDIS_URL")
    @classmethod
    def _supported_redis(cls, value: str) -> str:
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must begin with redis://, rediss:// or unix://")
        return value

    @field_validator(
        "DEEP_LINK_BASE_URL", "GOOGLE_DRIVE_URL", "S3_ENDPOINT_URL", "WHATSAPP_URL", "XENDIT_BASE_URL"
    )
    @classmethod
    def _address(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^/\s]\S*", value):
            raise ValueError("must begin with https:// or http://")
        return value.rstrip("/")

    @field_validator("SMTP_URL")
    @classmethod
    def _mail_server(cls, value: str) -> str:
        if value and not re.fullmatch(r"smtps?(\+starttls)?://[^/\s]+", value):
            raise ValueError("must be like smtp+starttls://user:password@mail.example.com:587")
        return value

    @field_validator("HTTP_JOB_HOSTS", "HTTP_JOB_PRIVATE_HOSTS", "WEBHOOK_PRIVATE_HOSTS")
    @classmethod
    def _hosts(cls, value: str) -> str:
        for host in filter(None, (part.strip() for part in value.split(","))):
            if not re.fullmatch(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?", host):
                raise ValueError("must be names like api.example.com or 10.0.0.5:8080, several with ,")
        return value

    @field_validator("WS_ORIGINS")
    @classmethod
    def _origins(cls, value: str) -> str:
        for origin in filter(None, (part.strip() for part in value.split(","))):
            if not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?", origin):
                raise ValueError("must be like https://app.example.com, several with ,")
        return value

    @field_validator("MAP_TILES_URL")
    @classmethod
    def _tiles(cls, value: str) -> str:
        pattern = r"(https?://[\w.{}:-]+)?/[\w./{}?=&@%~-]*"  # its host goes into a header
        if value and not (
            re.fullmatch(pattern, value) and all(part in value for part in ("{z}", "{x}", "{y}"))
        ):
            raise ValueError("must be like https://tile.example.org/{z}/{x}/{y}.png")
        return value

    @field_validator("DATA_ROOTS")
    @classmethod
    def _known_folders(cls, value: str) -> str:
        for part in filter(None, (part.strip() for part in value.split(";"))):
            name, _, folder = part.partition("=")
            if not name.strip() or not folder.strip().startswith("/"):
                raise ValueError(
                    r"must be name=/folder, as in C:\Data\AccessDB=/srv/accessdb; several with ;"
                )
        return value

    @model_validator(mode="after")
    def _storage_is_complete(self) -> Self:
        needed = {"s3": ["S3_BUCKET"], "drive": ["GOOGLE_DRIVE_CREDENTIALS", "GOOGLE_DRIVE_FOLDER"]}
        missing = [name for name in needed.get(self.STORAGE, []) if not getattr(self, name)]
        if missing:
            raise ValueError(f"STORAGE={self.STORAGE} needs {' and '.join(missing)}")
        return self

    @model_validator(mode="after")
    def _production_has_secrets(self) -> Self:
        if self.GERBANG_ENV == "production" and len(self.SECRET_KEY) < 32:
            raise ValueError("SECRET_KEY must have at least 32 characters in production")
        return self

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read `environ`; an empty variable counts as unset. Raises ConfigError with one sentence per fault."""
        given = {name: environ[name].strip() for name in cls.model_fields if environ.get(name, "").strip()}
        per_brand = {name: _by_brand(environ, f"{name}_") for name in PER_BRAND}
        try:
            return cls.model_validate(given | per_brand)
        except ValidationError as error:
            raise ConfigError(" ".join(_sentence(fault) for fault in error.errors())) from None

    @property
    def timezone(self) -> ZoneInfo:
        return ZoneInfo(self.APP_TIMEZONE)

    @property
    def data_dir(self) -> Path:
        return self.DATA_DIR.absolute()

    @property
    def database_url(self) -> str:
        return self.DATABASE_URL or f"sqlite:///{self.data_dir / 'gerbang.db'}"

    @property
    def redis_url(self) -> str:
        return self.REDIS_URL or f"unix://{self.data_dir / 'valkey.sock'}"

    def secret_key(self) -> str:
        """`SECRET_KEY`, or one made at the first start and kept in `DATA_DIR` (never in production)."""
        return self.SECRET_KEY or _kept_secret(self.data_dir / "secret_key")

    def secret_keys(self) -> list[str]:
        """The secret key, and the one before it while what that has encrypted is being written anew."""
        path = self._previous_secret
        before = self.SECRET_KEY_PREVIOUS or (path.read_text().strip() if path.exists() else "")
        return [self.secret_key(), *([before] if before else [])]

    def renew_kept_secret(self) -> None:
        """Make a new secret in `DATA_DIR` and keep the old one beside it until `forget_previous_secret`.

        A crash in between loses nothing: an old one that is there already is not overwritten, and what it has begun
        is finished.
        """
        if not self._previous_secret.exists():
            _write_secret(self._previous_secret, self.secret_key())
        if self._previous_secret.read_text().strip() == self.secret_key():
            _write_secret(self.data_dir / "secret_key", secrets.token_hex(32))

    @property
    def has_previous_secret(self) -> bool:
        """Whether a kept secret was renewed and the one before it may still be in use."""
        return self._previous_secret.exists()

    def forget_previous_secret(self) -> None:
        self._previous_secret.unlink(missing_ok=True)

    @property
    def _previous_secret(self) -> Path:
        return self.data_dir / "secret_key.previous"


def _kept_secret(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(secrets.token_hex(32))
    except FileExistsError:
        pass
    return path.read_text().strip()


def _write_secret(path: Path, secret: str) -> None:
    """Whole or not at all, for this user's eyes only."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    with fresh.open("w") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())  # before anything is encrypted with it
    fresh.replace(path)


def _by_brand(environ: Mapping[str, str], prefix: str) -> dict[str, str]:
    """What the variables that begin with `prefix` say, by the rest of their names."""
    given = {name: value.strip() for name, value in environ.items() if name.startswith(prefix)}
    return {name.removeprefix(prefix): value for name, value in given.items() if value}


def _sentence(fault: Mapping[str, object]) -> str:
    name = ".".join(str(part) for part in fault["loc"])  # type: ignore[attr-defined]
    message = str(fault["msg"]).removeprefix("Value error, ")
    return f"{name} {message}." if name else f"{message}."


def current() -> Config:
    """The running application's settings."""
    config: Config = current_app.config["GERBANG"]
    return config


def today() -> date:
    """The business day it is now, in APP_TIMEZONE."""
    return clock.today(current().timezone)
