"""HTTP calls that a schedule makes: only to hosts that the settings name, and never by a detour.

The address is looked up once, judged, and the connection is made to exactly that address, so that a name can't lead
somewhere else a moment later. Redirects are not followed and no proxy is asked.
"""

import ipaddress
import re
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import SplitResult, urlsplit

import httpx

from webapp import config
from webapp.errors import Invalid

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
PORTS = {"http": 80, "https": 443}
MASK = "•••"
WHOLE_CALL = 60.0  # seconds
TIMEOUT = httpx.Timeout(30.0, connect=5.0)
MAX_ANSWER = 1_000_000  # bytes that are read
NOT_ALLOWED = "Is not one of the hosts that HTTP_JOB_HOSTS allows"
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_RESERVED = {"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer"}


@dataclass(frozen=True)
class HttpRequest:
    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> Self:
        return cls(payload["method"], payload["url"], payload.get("headers") or {}, payload.get("body"))


@dataclass(frozen=True)
class HttpResult:
    good: bool
    detail: str


class _Refused(Exception):
    """The call may not be made."""


def check(payload: Mapping[str, Any]) -> None:
    """Raises Invalid for a call that may not be made as the settings are; where its name leads is seen when it runs."""
    wrong: dict[str, str] = {}
    try:
        _allowed(_target(payload["url"]))
    except (_Refused, ValueError) as error:
        wrong["url"] = str(error)
    for name, value in (payload.get("headers") or {}).items():
        if not _HEADER.fullmatch(name) or name.lower() in _RESERVED:
            wrong["headers"] = f"{name[:100]!r} can't be set"
        elif not re.fullmatch(r"[\t -~]{0,2000}", value):
            wrong["headers"] = f"The value of {name} has characters that are not allowed"
    if wrong:
        raise Invalid({f"task_payload.{name}": text for name, text in wrong.items()})


def send(request: HttpRequest) -> HttpResult:
    """Make the call. Good is an answer of 2xx; what went wrong otherwise is in `detail`, without anything secret."""
    try:
        target = _target(request.url)
        address = _pinned(target, private=_allowed(target))
        return _send_to(address, target, request)
    except (_Refused, ValueError) as error:
        return HttpResult(False, str(error))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return HttpResult(False, f"{type(error).__name__}: {error}"[:300])


def _target(url: str) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname or parts.username is not None:
        raise ValueError("Must begin with https:// or http://, and have no password in it")
    if parts.port == 0 or not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("Has characters that are not allowed")
    return parts


def _port(target: SplitResult) -> int:
    return target.port or PORTS[target.scheme]


def _allowed(target: SplitResult) -> bool:
    """Whether the host may have a private address. Raises _Refused when it may not be called at all."""
    settings = config.current()
    if _names(settings.HTTP_JOB_PRIVATE_HOSTS, target):
        return True
    if _names(settings.HTTP_JOB_HOSTS, target):
        return False
    raise _Refused(NOT_ALLOWED)


def _names(hosts: str, target: SplitResult) -> bool:
    """Whether the list has this host with this port; without one it means the scheme's usual port."""
    wanted = {part.strip().lower() for part in hosts.split(",")}
    host = (target.hostname or "").lower()
    usual = _port(target) == PORTS[target.scheme]
    return f"{host}:{_port(target)}" in wanted or (usual and host in wanted)


def _pinned(target: SplitResult, *, private: bool) -> str:
    """One address of the host; all of them must be fit, for any may be the one that counts."""
    try:
        found = socket.getaddrinfo(target.hostname, _port(target), type=socket.SOCK_STREAM)
    except OSError as error:
        raise _Refused(f"{target.hostname} can't be looked up: {error}") from None
    addresses = [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    if not private and not all(_is_public(address) for address in addresses):
        raise _Refused(f"{target.hostname} has a private address (see HTTP_JOB_PRIVATE_HOSTS)")
    return str(addresses[0])


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None) or address
    return bool(inner.is_global and not inner.is_multicast)


def _send_to(address: str, target: SplitResult, request: HttpRequest) -> HttpResult:
    host = f"[{address}]" if ":" in address else address
    url = target._replace(netloc=f"{host}:{_port(target)}", fragment="").geturl()
    headers = {"User-Agent": "Gerbang", **request.headers, "Host": target.netloc}
    body = request.body.encode() if request.body else None
    secure = {"sni_hostname": target.hostname}  # the certificate must be the name's, not the address's
    began = time.monotonic()
    with (
        httpx.Client(timeout=TIMEOUT, trust_env=False, follow_redirects=False) as client,
        client.stream(request.method, url, headers=headers, content=body, extensions=secure) as response,
    ):
        _read(response, began + WHOLE_CALL)
        seconds = time.monotonic() - began
        return HttpResult(response.is_success, f"{response.status_code} after {seconds:.1f} s")


def _read(response: httpx.Response, deadline: float) -> None:
    """To its end, within reason: the job has not been done before it is answered."""
    size = 0
    for chunk in response.iter_raw():
        size += len(chunk)
        if size > MAX_ANSWER:
            return
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("the answer took too long")
