"""HTTP calls to addresses that people typed in: made to the address that was judged, and never by a detour.

The name is looked up once, judged, and the connection is made to exactly that address, so that a name can't lead
somewhere else a moment later. Redirects are not followed, no proxy is asked, and every call and answer has an end.
"""

import ipaddress
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import SplitResult, urlsplit

import httpx

PORTS = {"http": 80, "https": 443}
KEPT = 500  # bytes of an answer that are given back


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
class Patience:
    """How long a call may take, in seconds, and how many bytes of its answer are read."""

    connect: float = 5.0
    silence: float = 30.0
    whole: float = 60.0
    answer: int = 1_000_000


@dataclass(frozen=True)
class Answer:
    """What came back; `start` is the beginning of it, as text."""

    status: int
    seconds: float
    start: str

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300


class Refused(Exception):
    """The call may not be made."""


def target_of(url: str) -> SplitResult:
    """The parts of an address that may be called. Raises ValueError with what is wrong."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname or parts.username is not None:
        raise ValueError("Must begin with https:// or http://, and have no password in it")
    if parts.port == 0 or not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("Has characters that are not allowed")
    return parts


def is_among(hosts: str, target: SplitResult) -> bool:
    """Whether the list (`a.example.com, 10.0.0.5:8080`) has this host; without a port it means the scheme's usual."""
    wanted = {part.strip().lower() for part in hosts.split(",")}
    host = (target.hostname or "").lower()
    usual = _port(target) == PORTS[target.scheme]
    return f"{host}:{_port(target)}" in wanted or (usual and host in wanted)


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None) or address
    return bool(inner.is_global and not inner.is_multicast)


def send(request: HttpRequest, *, private: str | bool, patience: Patience) -> Answer:
    """Make the call. `private` is True when the host may have a private address, else the setting that could allow it.

    Raises Refused, ValueError for an unfit address, httpx.HTTPError and httpx.InvalidURL.
    """
    target = target_of(request.url)
    return _send_to(_pinned(target, private), target, request, patience)


def _port(target: SplitResult) -> int:
    return target.port or PORTS[target.scheme]


def _pinned(target: SplitResult, private: str | bool) -> str:
    """One address of the host; all of them must be fit, for any may be the one that counts."""
    try:
        found = socket.getaddrinfo(target.hostname, _port(target), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Refused(f"{target.hostname} can't be looked up: {error}") from None
    addresses = [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    if private is not True and not all(is_public(address) for address in addresses):
        raise Refused(f"{target.hostname} has a private address (see {private})")
    return str(addresses[0])


def _send_to(address: str, target: SplitResult, request: HttpRequest, patience: Patience) -> Answer:
    host = f"[{address}]" if ":" in address else address
    url = target._replace(netloc=f"{host}:{_port(target)}", fragment="").geturl()
    headers = {"User-Agent": "Gerbang", **request.headers, "Host": target.netloc}
    body = request.body.encode() if request.body else None
    secure = {"sni_hostname": target.hostname}  # the certificate must be the name's, not the address's
    timeout = httpx.Timeout(patience.silence, connect=patience.connect)
    began = time.monotonic()
    with (
        httpx.Client(timeout=timeout, trust_env=False, follow_redirects=False) as client,
        client.stream(request.method, url, headers=headers, content=body, extensions=secure) as response,
    ):
        start = _read(response, began + patience.whole, patience.answer)
        return Answer(response.status_code, time.monotonic() - began, start)


def _read(response: httpx.Response, deadline: float, most: int) -> str:
    """To its end, within reason: the work has not been done before it is answered. Its beginning is returned."""
    size, start = 0, b""
    for chunk in response.iter_raw():
        size += len(chunk)
        start += chunk[: KEPT - len(start)]
        if size > most:
            break
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("the answer took too long")
    return start.decode("utf-8", "replace").replace("\0", "")
