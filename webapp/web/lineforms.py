"""What people may write into a line's form."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator

from webapp.database import MAX_ID
from webapp.subscribers import fields
from webapp.subscribers.models import TechnicalData

SECRET = "pppoe_password"  # noqa: S105 - a field's name


class LineIn(BaseModel):
    """A name or password that is left empty is made, or stays as it is."""

    router_id: Annotated[int | None, BeforeValidator(lambda text: fields.whole(text, 1, MAX_ID))] = None
    pppoe_name: fields.Login = None
    pppoe_password: fields.Login = None
    ip_address: fields.IpAddress = None
    vlan: fields.Vlan = None
    ont_serial: fields.Identifier = None
    odp_port: fields.Identifier = None
    olt_port: fields.Identifier = None
    sync_exempt: bool = False

    @property
    def columns(self) -> dict[str, Any]:
        kept = {"pppoe_name", SECRET}
        return {
            name: value for name, value in self.model_dump().items() if value is not None or name not in kept
        }


def line_values(line: TechnicalData | None) -> dict[str, Any]:
    """What the line has, but for its password."""
    return {name: getattr(line, name) for name in LineIn.model_fields if line and name != SECRET}
