"""What the database refuses because somebody else has it, in words that name the field."""

import re

from sqlalchemy.exc import IntegrityError

from webapp.errors import Conflict
from webapp.extensions import db

_NAMED = re.compile(r"uq_[a-z]+(?:_data)?_(\w+)_(?:present|current)|UNIQUE constraint failed: \w+\.(\w+)")
TAKEN = {
    "email": "Another customer has this e-mail",
    "national_id": "Another customer has this KTP number",
    "customer_id": "This customer already has one",
    "pppoe_name": "Another line has this PPPoE name",
    "ip_address": "Another line has this IP address",
    "ont_serial": "Another line has this ONT",
    "odp_port": "Another line has this ODP port",
}


def flush() -> None:
    """Write what is waiting. Raises Conflict that names the `field` of which there may be one only."""
    try:
        db.session.flush()
    except IntegrityError as error:
        raise clash(error) from None


def clash(error: IntegrityError) -> Conflict:
    """The refusal as people and programs read it."""
    found = _NAMED.search(str(error.orig))
    field = (found[1] or found[2]) if found else ""
    return Conflict(TAKEN.get(field), field=field if field in TAKEN else "")
