"""What the fields of brands and packages may be; like fields.py, each function gives the normal form or ValueError."""

import re
from decimal import Decimal
from typing import Any

from webapp.subscribers import fields

MAX_PRICE = 1_000_000_000_000  # rupiah
_CODE = re.compile(r"[A-Z0-9][A-Z0-9_-]*")
_KEY_NAME = re.compile(r"[A-Z0-9_]*")
_PATTERN = re.compile(r"(?:[A-Za-z0-9 ./_-]|\{(?:sequence|year|month|brand)\})+")
_PERCENT = re.compile(r"\d{1,3}(\.\d{1,2}0*)?", re.ASCII)


def code(value: Any) -> str:
    """A brand's code, in capitals: it is part of file names, invoice numbers and settings."""
    found = fields.brand_code(value)
    if not _CODE.fullmatch(found):
        raise ValueError("Must have letters, digits, _ and - only")
    return found


def key_name(value: Any) -> str:
    """The <BRAND> of XENDIT_API_KEY_<BRAND>."""
    found = fields.plain_text(value, 40).upper()
    if not _KEY_NAME.fullmatch(found):
        raise ValueError("Must have letters, digits and _ only")
    return found


def invoice_pattern(value: Any) -> str:
    """Text with {sequence} once, and {year}, {month} and {brand} as one likes."""
    found = fields.plain_text(value, 60, required=True)
    if not _PATTERN.fullmatch(found) or found.count("{sequence}") != 1:
        raise ValueError("Must have {sequence} once, may have {year}, {month} and {brand}")
    return found


def percent(value: Any) -> Decimal:
    """0 to 100 with at most two decimals, as a number or as text."""
    written = str(value).strip() if isinstance(value, str | int | float | Decimal) else ""
    if isinstance(value, bool) or not _PERCENT.fullmatch(written) or Decimal(written) > 100:
        raise ValueError("Must be a number from 0 to 100 with at most two decimals")
    return Decimal(written)


def grace_days(value: Any) -> int | None:
    """Days, 0 to 365; None is the setting's."""
    return None if value in (None, "") else fields.whole(value, 0, 365)
