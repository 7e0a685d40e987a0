"""Maintenance mode: while it is on, everything can be read and nothing be written, but what devices send.

Contracts, 2 ftth: a setting; writes answer 503 with `Retry-After`.
"""

from webapp.database import peek
from webapp.errors import Maintenance

_ON = """
    SELECT m.value FROM settings s LEFT JOIN settings m ON m.key = 'maintenance_message'
    WHERE s.key = 'maintenance_mode' AND s.value = 'true'
"""


def notice() -> str | None:
    """What people are told while it is on ("" when an admin wrote nothing); None while it is off."""
    row = peek(_ON)
    return None if row is None else row[0] or ""


def refuse_writes() -> None:
    """Raises Maintenance while it is on."""
    text = notice()
    if text is not None:
        raise Maintenance(text)
