"""What the fields of customers and lines may be: one rule for JSON, forms and spreadsheets, in one set of sentences.

The functions take a value from outside and give it back in its normal form, or raise ValueError with a sentence for
people; the types below them are the same for schemas.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from ipaddress import ip_address as parsed_address
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from webapp.database import MAX_ID

FIRST_DAY, LAST_DAY = date(1980, 1, 1), date(2100, 12, 31)
PHONE = re.compile(r"(\+62|62|0)[0-9]{9,13}", re.ASCII)  # contracts, 2 ftth
_NIK = re.compile(r"[0-9]{16}", re.ASCII)  # contracts, 2 ftth
_EMAIL = re.compile(r"[^@\s,;:<>()\"]+@[^@\s.,;:<>()\"]+(\.[^@\s.,;:<>()\"]+)+")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_LOGIN = re.compile(r"[!-~]+")
_SEPARATORS = re.compile(r"[\s().\-]+")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_WHOLE = re.compile(r"\d{1,12}", re.ASCII)


def plain_text(value: Any, most: int, *, required: bool = False) -> str:
    """One line of at most `most` characters without the spaces around it; None is as good as empty."""
    if not isinstance(value, str | None):
        raise ValueError("Must be text")  # noqa: TRY004 - of these, pydantic makes a fault of the field
    text = (value or "").strip()
    if _UNPRINTABLE.search(text):
        raise ValueError("Must not contain control characters")
    if len(text) > most:
        raise ValueError(f"Must have at most {most} characters")
    if required and not text:
        raise ValueError("Must not be blank")
    return unicodedata.normalize("NFC", text)


def email(value: Any) -> str | None:
    """An e-mail address in lower case; None for an empty one."""
    text = plain_text(value, 1000).lower()
    if text and (len(text) > 254 or not text.isprintable() or not _EMAIL.fullmatch(text)):
        raise ValueError("Email format is invalid")  # contract 2, Validation Errors
    return text or None


def phone(value: Any) -> str:
    """A number as it is dialled, without the spaces, dashes and dots that people write between."""
    number = _SEPARATORS.sub("", plain_text(value, 60, required=True))
    if not PHONE.fullmatch(number):
        raise ValueError("Must begin with 0, 62 or +62, followed by 9 to 13 digits")
    return number


def national_id(value: Any) -> str | None:
    """A NIK; None for an empty one."""
    digits = _SEPARATORS.sub("", plain_text(value, 60))
    if digits and not _NIK.fullmatch(digits):
        raise ValueError("Must have 16 digits")
    return digits or None


def day(value: Any) -> date | None:
    """A date as YYYY-MM-DD, 1980 to 2100; None for an empty one."""
    if value in (None, ""):
        return None
    try:
        found = value if type(value) is date else date.fromisoformat(_DAY.fullmatch(value)[0])  # type: ignore[index]
    except (TypeError, ValueError):
        raise ValueError("Must be a date as YYYY-MM-DD") from None
    if not FIRST_DAY <= found <= LAST_DAY:
        raise ValueError("Must be a date from 1980 to 2100")
    return found


def address(value: Any) -> str | None:
    """An IPv4 or IPv6 address of one host, in its shortest form; None for an empty one."""
    text = plain_text(value, 60)
    if not text:
        return None
    try:
        found = parsed_address(text)
    except ValueError:
        raise ValueError("Must be an IPv4 or IPv6 address") from None
    if found.is_unspecified or found.is_multicast or found.is_loopback or "%" in text:
        raise ValueError("Must be the address of one host")
    return str(found)


def vlan(value: Any) -> int | None:
    """1 to 4094; None for none."""
    return None if value in (None, "") else whole(value, 1, 4094)


def whole(value: Any, least: int, most: int) -> int:
    """A whole number, or one as text, `least` to `most`."""
    written = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not _WHOLE.fullmatch(written) or not least <= int(written) <= most:
        raise ValueError(f"Must be a whole number from {least} to {most}")
    return int(written)


def identifier(value: Any) -> str | None:
    """A serial number or a port (`ODP-01/P01`) in capitals: both are read off stickers. None for an empty one."""
    return re.sub(r"\s*/\s*", "/", plain_text(value, 50)).upper() or None


def login(value: Any) -> str | None:
    """A PPPoE name or password: printable ASCII without spaces, as routers take it; None for an empty one."""
    text = plain_text(value, 100)
    if text and not _LOGIN.fullmatch(text):
        raise ValueError("Must have letters, digits and signs only, and no spaces")
    return text or None


def brand_code(value: Any) -> str:
    """A brand's code as it is stored: in capitals."""
    return plain_text(value, 30, required=True).upper()


def _type(check: Callable[[Any], Any], **schema: Any) -> Any:
    return (BeforeValidator(check), WithJsonSchema(schema))


def text(most: int, *, required: bool = False) -> Any:
    """The annotations of one line of at most `most` characters."""
    bounds = {"minLength": 1} if required else {}
    return _type(
        lambda value: plain_text(value, most, required=required), type="string", maxLength=most, **bounds
    )


def number(least: int, most: int) -> Any:
    """The annotations of a whole number from `least` to `most`."""
    return _type(lambda value: whole(value, least, most), type="integer", minimum=least, maximum=most)


def _day_required(value: Any) -> date:
    if (found := day(value)) is None:
        raise ValueError("Must be a date as YYYY-MM-DD")
    return found


def _national_id_required(value: Any) -> str:
    if (found := national_id(value)) is None:
        raise ValueError("Must have 16 digits")
    return found


Name = Annotated[str, *text(150, required=True)]
Email = Annotated[str | None, *_type(email, type=["string", "null"], format="email", maxLength=254)]
Phone = Annotated[str, *_type(phone, type="string", pattern=r"^(\+62|62|0)[0-9]{9,13}$")]
KnownNationalId = Annotated[str, *_type(_national_id_required, type="string", pattern=r"^[0-9]{16}$")]
BrandCode = Annotated[str, *_type(brand_code, type="string", minLength=1, maxLength=30)]
Address = Annotated[str, *text(300, required=True)]
Address2 = Annotated[str, *text(150)]
ShortText = Annotated[str, *text(30)]
Reason = Annotated[str, *text(200)]
Day = Annotated[date, *_type(_day_required, type="string", format="date")]
MaybeDay = Annotated[date | None, *_type(day, type=["string", "null"], format="date")]
IpAddress = Annotated[str | None, *_type(address, type=["string", "null"], maxLength=60)]
Vlan = Annotated[int | None, *_type(vlan, type=["integer", "null"], minimum=1, maximum=4094)]
Identifier = Annotated[str | None, *_type(identifier, type=["string", "null"], maxLength=50)]
Login = Annotated[str | None, *_type(login, type=["string", "null"], maxLength=100)]
Id = Annotated[int, *number(1, MAX_ID)]
DueDay = Annotated[int, *number(1, 28)]
