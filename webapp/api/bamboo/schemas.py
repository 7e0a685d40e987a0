"""What contract 5 takes and gives."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictStr

from webapp.accounts.passwords import MIN_LENGTH
from webapp.accounts.service import MAX_EMAIL, MAX_NAME

Email = Annotated[StrictStr, Field(min_length=1, max_length=MAX_EMAIL)]


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class Registration(BaseModel):
    model_config = _example(email="siti@example.com", name="Siti", password="rumpun bambu")  # noqa: S106 - an example
    email: Email
    name: Annotated[StrictStr, Field(min_length=1, max_length=MAX_NAME)]
    password: Annotated[StrictStr, Field(min_length=MIN_LENGTH, max_length=1024)]


class Login(BaseModel):
    model_config = _example(email="siti@example.com", password="rumpun bambu")  # noqa: S106 - an example
    email: Email
    password: Annotated[StrictStr, Field(min_length=1, max_length=1024)]


class RefreshToken(BaseModel):
    model_config = _example(refresh_token="eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9...")  # noqa: S106 - an example
    refresh_token: Annotated[StrictStr, Field(min_length=1, max_length=4096)]


class User(BaseModel):
    model_config = _example(
        id="7d3f8b1e-3f55-4b8e-9d59-0f7c8a4f2f10",
        email="siti@example.com",
        name="Siti",
        role="member",
        created_at="2025-12-09T03:01:40Z",
        updated_at="2025-12-09T03:01:40Z",
    )
    id: str
    email: str | None
    name: str
    role: Literal["member", "viewer", "operator", "admin"]
    created_at: str
    updated_at: str


class TokenOut(BaseModel):
    access_token: str
    refresh_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    user: User
