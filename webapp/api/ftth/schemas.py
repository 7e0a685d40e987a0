"""What contract 2 takes and gives."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictStr


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class Password(BaseModel):
    """OAuth2's password flow; what else that sends (grant_type, scope, …) is not looked at."""

    model_config = _example(username="user@example.com", password="password123")  # noqa: S106 - the document's
    username: Annotated[StrictStr, Field(min_length=1, max_length=254)]
    password: Annotated[StrictStr, Field(min_length=1, max_length=1024)]


class RefreshToken(BaseModel):
    model_config = _example(refresh_token="eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9...")  # noqa: S106 - the document's
    refresh_token: Annotated[StrictStr, Field(min_length=1, max_length=4096)]


class TokenOut(BaseModel):
    access_token: str
    token_type: Literal["bearer"]
    expires_in: int
    refresh_token: str


class Message(BaseModel):
    message: str
