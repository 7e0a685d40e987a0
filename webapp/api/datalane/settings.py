"""Settings (contract 3, D)."""

from flask import Response

from webapp.accounts import settings
from webapp.api.datalane import datalane, envelope, schemas
from webapp.identity import ADMIN

PATH = "/api/settings"


@datalane.operation("GET", PATH, policy=ADMIN, returns=schemas.SettingsOut)
def list_settings() -> Response:
    """Get all settings."""
    shown = [
        {"key": key, "value": value, "description": settings.SPECS[key].description}
        for key, value in settings.everything().items()
    ]
    return envelope.ok({"settings": shown})


@datalane.operation(
    "PUT",
    PATH,
    policy=ADMIN,
    body=schemas.SettingIn,
    returns=schemas.SettingOut,
    always=True,
    errors=[404],
)
def update_setting(body: schemas.SettingIn) -> Response:
    """Update a setting."""
    return envelope.ok({"key": body.key, "value": settings.change(body.key, body.value)})
