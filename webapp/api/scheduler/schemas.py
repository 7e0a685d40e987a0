"""What contract 4 takes and gives."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr, ValidationInfo, field_validator

from webapp.accounts.models import Role
from webapp.accounts.passwords import MIN_LENGTH
from webapp.accounts.service import MAX_EMAIL

RoleWord = Literal["member", "viewer", "operator", "admin"]
Username = Annotated[StrictStr, Field(min_length=1, max_length=64)]
Email = Annotated[StrictStr, Field(max_length=MAX_EMAIL)]
Secret = Annotated[StrictStr, Field(min_length=1, max_length=1024)]
NewPassword = Annotated[StrictStr, Field(min_length=MIN_LENGTH, max_length=1024)]


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class Login(BaseModel):
    model_config = _example(identifier="admin", password="admin123")  # noqa: S106 - the document's example
    identifier: Annotated[StrictStr, Field(min_length=1, max_length=MAX_EMAIL)]
    password: Secret


class RefreshToken(BaseModel):
    model_config = _example(refresh_token="eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9...")  # noqa: S106 - the document's
    refresh_token: Annotated[StrictStr, Field(min_length=1, max_length=4096)]


class TokenPair(BaseModel):
    access_token: str
    refresh_token: str


class PasswordChange(BaseModel):
    model_config = _example(current_password="arbath123", new_password="another day")  # noqa: S106 - an example
    current_password: Secret
    new_password: NewPassword


class Rank(BaseModel):
    """`role` is beyond the document; `is_superuser` is true exactly for the role `admin`."""

    is_superuser: StrictBool | None = None
    role: RoleWord | None = None

    @field_validator("role")
    @classmethod
    def _agrees(cls, role: str | None, known: ValidationInfo) -> str | None:
        is_superuser = known.data.get("is_superuser")
        if None not in (role, is_superuser) and (role == "admin") != is_superuser:
            raise ValueError("Contradicts is_superuser")
        return role

    def wanted(self, today: Role) -> Role | None:
        """The role that is asked for somebody whose role is `today`; None for no change."""
        if self.role is not None:
            return Role[self.role.upper()]
        if self.is_superuser is None or self.is_superuser == (today is Role.ADMIN):
            return None
        return Role.ADMIN if self.is_superuser else Role.VIEWER


class NewUser(Rank):
    model_config = _example(
        username="arbath",
        password="arbath123",  # noqa: S106 - the document's example
        email="arbath@teknohole.com",
        is_superuser=False,
    )
    username: Username
    password: NewPassword
    email: Email


class Profile(Rank):
    """What is left out, or null, stays as it is; an empty e-mail takes it away."""

    model_config = _example(username="admin", email="admin@teknohole.com", is_superuser=True)
    username: Username | None = None
    email: Email | None = None


class Account(Profile):
    is_active: StrictBool | None = None


class Listing(BaseModel):
    page: int = Field(1, ge=1, le=1_000_000)
    limit: int = Field(1000, ge=1, le=1000)


class User(BaseModel):
    model_config = _example(
        id=2,
        username="arbath",
        email="arbath@teknohole.com",
        is_superuser=False,
        created_at="2025-12-13T04:14:04.051047Z",
        updated_at="2025-12-13T04:14:04.051047Z",
    )
    id: int
    username: str
    email: str | None
    is_superuser: bool
    created_at: str
    updated_at: str


class UserDetail(User):
    """Beyond the document: what an administrator also needs to know."""

    role: RoleWord
    is_active: bool
