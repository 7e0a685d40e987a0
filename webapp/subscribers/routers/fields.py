"""What a router's fields may be; see subscribers/fields.py."""

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from webapp.errors import Invalid
from webapp.subscribers.fields import plain_text, whole

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:_-]*[A-Za-z0-9])?")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


def host(value: Any) -> str:
    """A name or an IP address, without a scheme, a port or a path."""
    text = plain_text(value, 253, required=True)
    if not _HOST.fullmatch(text):
        raise ValueError("Must be a host name or an IP address")
    return text


def fingerprint(value: Any) -> str:
    """SHA-256 of a certificate as 64 hexadecimal digits, with or without colons between; empty trusts any."""
    digits = re.sub(r"[\s:]", "", plain_text(value, 200)).lower()
    if digits and not _FINGERPRINT.fullmatch(digits):
        raise ValueError("Must be a SHA-256 of 64 hexadecimal digits")
    return digits


def pools(value: Any) -> str:
    """Networks (`10.64.0.0/16`) with commas between, in their normal form; empty for any."""
    given = [part.strip() for part in plain_text(value, 500).split(",") if part.strip()]
    try:
        return ", ".join(str(ip_network(part, strict=False)) for part in given)
    except ValueError:
        raise ValueError("Must be networks such as 10.64.0.0/16, with commas between") from None


def name(value: Any) -> str:
    return plain_text(value, 100, required=True)


def password(value: Any) -> str:
    return plain_text(value, 200)


def port(value: Any) -> int:
    return whole(value, 1, 65_535)


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of a Router as they were typed, in their normal form. Raises Invalid."""
    found, faults = dict(values), {}
    for column, check in _CHECKS.items():
        try:
            if column in values:
                found[column] = check(values[column])
        except ValueError as error:
            faults[column] = str(error)
    if faults:
        raise Invalid(faults)
    return found


_CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "name": name,
    "host": host,
    "port": port,
    "fingerprint": fingerprint,
    "username": name,
    "password": password,
    "pools": pools,
}


def _type(check: Any, **schema: Any) -> Any:
    return (BeforeValidator(check), WithJsonSchema({"type": "string", **schema}))


Name = Annotated[str, *_type(name, minLength=1, maxLength=100)]
Username = Name
Host = Annotated[str, *_type(host, minLength=1, maxLength=253)]
Password = Annotated[str, *_type(password, maxLength=200, writeOnly=True)]
Port = Annotated[
    int, BeforeValidator(port), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 65_535})
]
Fingerprint = Annotated[str, *_type(fingerprint, maxLength=95)]
Pools = Annotated[str, *_type(pools, maxLength=500)]
