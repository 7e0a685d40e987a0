"""The line to a router: a socket that always ends in time, in the place of the library's own.

Why it is ours is in docs/decisions/0016-routeros.md.
"""

import hashlib
import socket
import ssl
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field

from webapp.kit.threads import breathe
from webapp.subscribers.routers.errors import Kind, RouterError

PLAIN_PORT, TLS_PORT = 8728, 8729
CHUNK = 64 * 1024
MAX_ANSWER = 64 * 1024 * 1024  # bytes of one call; 50,000 secrets are 10 MB


@dataclass(frozen=True)
class Limits:
    """Seconds: until there is a line (name and TLS included), for each sign of life, and for a whole call."""

    connect: float = 3.0
    reply: float = 10.0
    call: float = 60.0


@dataclass(frozen=True)
class Tls:
    """How to know the router by its certificate. The first that is set counts; none: the system's authorities.

    `unverified`: not at all (then routers without a certificate are fine too). `fingerprint`: SHA-256 of the
    certificate, in hex, with or without colons. `authority`: PEM of who signed it, or of the certificate itself;
    its names are not compared with the host, as routers' certificates rarely hold an address.
    """

    unverified: bool = False
    fingerprint: str = ""
    authority: str = ""


@dataclass(frozen=True)
class Access:
    """Where a router is and who we are there. Without `tls` the password goes over the line in clear."""

    host: str
    username: str
    password: str = field(repr=False)
    port: int = PLAIN_PORT
    tls: Tls | None = None


class Line:
    """What `routeros_api.base_api.Connection` asks of a socket. What is sent waits until an answer is wanted.

    `round_trips` counts how often we had to wait for the router, which is what its distance costs.
    """

    def __init__(self, access: Access, limits: Limits) -> None:
        """Connect. Raises RouterError: unreachable, certificate, protocol."""
        self.round_trips = 0
        self._limits = limits
        self._socket = _dial(access, limits.connect)
        self.fingerprint = _fingerprint(self._socket)
        self._out, self._in, self._at = bytearray(), b"", 0
        self.begin()

    def begin(self) -> None:
        """A call starts: from here on its time and its bytes are counted."""
        self._deadline = time.monotonic() + self._limits.call
        self._left = MAX_ANSWER

    def send(self, data: bytes) -> None:
        self._out += data

    def receive(self, most: int) -> bytes:
        """1 to `most` bytes. Raises RouterError: timeout, unreachable, protocol."""
        if self._at == len(self._in):
            self._in, self._at = self._fetch(), 0
        piece = self._in[self._at : self._at + most]
        self._at += len(piece)
        return piece

    def close(self) -> None:
        self._socket.close()

    def _fetch(self) -> bytes:
        try:
            if self._out:
                self._socket.settimeout(self._patience())
                self._socket.sendall(self._out)
                self._out.clear()
                self.round_trips += 1
            self._socket.settimeout(self._patience())
            data = self._socket.recv(CHUNK)
        except TimeoutError:
            raise RouterError(Kind.TIMEOUT, "The router did not answer in time") from None
        except OSError:
            data = b""
        if not data:
            raise RouterError(Kind.UNREACHABLE, "The line to the router broke off")
        self._left -= len(data)
        if self._left < 0:
            raise RouterError(Kind.PROTOCOL, "The router's answer has no end")
        breathe()  # what has come already is read without waiting, and a large answer takes a while
        return data

    def _patience(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return min(left, self._limits.reply)


def _dial(access: Access, seconds: float) -> socket.socket:
    """In a thread of its own: looking up a name knows no time-out, and gevent's handshake has one for each byte."""
    context = _context(access.tls) if access.tls else None
    dialled: Future[socket.socket] = Future()
    threading.Thread(target=_dial_into, args=(dialled, access, context, seconds), daemon=True).start()
    try:
        return dialled.result(seconds)
    except TimeoutError:  # of ours, or of the connection: it comes to the same
        if not dialled.cancel() and not dialled.exception():
            dialled.result().close()
    except ssl.SSLCertVerificationError:
        raise _stranger() from None
    except ssl.SSLError:
        raise RouterError(Kind.PROTOCOL, "The router does not speak TLS here") from None
    except (OSError, ValueError):  # no such host, no way there, nobody listens; no host at all
        pass
    raise RouterError(Kind.UNREACHABLE, "The router can't be reached")


def _dial_into(
    dialled: "Future[socket.socket]", access: Access, context: ssl.SSLContext | None, seconds: float
) -> None:
    try:
        line = _connect(access, context, seconds)
    except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to who waits
        if dialled.set_running_or_notify_cancel():
            dialled.set_exception(error)
        return
    if dialled.set_running_or_notify_cancel():
        dialled.set_result(line)
    else:
        line.close()  # nobody waits any longer


def _connect(access: Access, context: ssl.SSLContext | None, seconds: float) -> socket.socket:
    line = socket.create_connection((access.host, access.port), seconds)
    try:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if access.tls is None or context is None:
            return line
        line = context.wrap_socket(line, server_hostname=access.host)
        if access.tls.fingerprint and not access.tls.unverified:
            _compare(_fingerprint(line), access.tls.fingerprint)
        return line
    except BaseException:
        line.close()
        raise


def _fingerprint(line: socket.socket) -> str:
    """SHA-256 of the other side's certificate, in hex; empty where there is none."""
    certificate = line.getpeercert(binary_form=True) if isinstance(line, ssl.SSLSocket) else None
    return hashlib.sha256(certificate).hexdigest() if certificate else ""


def _compare(shown: str, expected: str) -> None:
    if shown != expected.replace(":", "").replace(" ", "").lower():
        raise _stranger()


def _context(tls: Tls) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if tls.unverified or tls.fingerprint or tls.authority:
        context.check_hostname = False
    if tls.unverified:
        context.verify_mode = ssl.CERT_NONE
        context.set_ciphers(
            "ALL:@SECLEVEL=0"
        )  # with them those without a certificate, as routers leave the factory
    elif tls.fingerprint:
        context.verify_mode = ssl.CERT_NONE  # the chain; _connect compares the certificate itself
    elif tls.authority:
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        _trust(context, tls.authority)
    else:
        context.load_default_certs()
    return context


def _trust(context: ssl.SSLContext, authority: str) -> None:
    try:
        context.load_verify_locations(cadata=authority)
    except (ssl.SSLError, ValueError):
        raise RouterError(Kind.CERTIFICATE, "The authority is not a certificate in PEM") from None


def _stranger() -> RouterError:
    return RouterError(Kind.CERTIFICATE, "The router's certificate is not the expected one")
